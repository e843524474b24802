# docker build -t leakseal .
# docker run --rm --network=none --user "$(id -u)" -v "$PWD:/repository:ro" leakseal scan
# As another user it would not go by the settings and the baseline of the repository.
FROM python:3.11-slim-bookworm AS build
# Debian's newest of these is wanted, with its security fixes.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/*
COPY . /source
# The last command fails if the inner loops were not compiled.
RUN python -m venv /opt/leakseal \
 && /opt/leakseal/bin/pip install --no-cache-dir --disable-pip-version-check '/source[fast,re2]' \
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
