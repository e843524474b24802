# docker build -t leakseal .
# docker run --rm --network=none --user "$(id -u)" \
#   -v "$(git rev-parse --show-toplevel):/repository:ro" leakseal scan
# As another user it would not go by the settings and the baseline of the repository, nor get at one
# that is private; podman without root needs --userns=keep-id as well. Of a directory below the root
# it would see no history, nor of a linked worktree (exit code 3) unless that and its repository are
# mounted where they are outside. `guard pre-push` and `guard pre-receive` need -i, for git's lines.
FROM python:3.11-slim-bookworm AS build
# Debian's newest of these is wanted, with its security fixes.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/*
COPY . /source
# The last command fails if the inner loops were not compiled.
RUN python -m venv --without-pip /opt/leakseal \
 && python -m pip --python /opt/leakseal/bin/python --no-cache-dir --disable-pip-version-check \
    install '/source[fast,re2]' \
 && /opt/leakseal/bin/python -I -c 'from scanner.kernels import COMPILED; assert COMPILED'

FROM python:3.11-slim-bookworm
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends git \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home leakseal
COPY --from=build /opt/leakseal /opt/leakseal
ENV PATH=/opt/leakseal/bin:$PATH
USER 10001
WORKDIR /repository
# A mounted repository belongs to someone else. leakseal reads it all the same, with git's
# safe.directory set for its own commands only: they run nothing that a repository's settings name.
ENTRYPOINT ["leakseal"]
CMD ["scan"]
