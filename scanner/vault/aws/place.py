"""What a URI of AWS says: region, where entries go, and options.

    aws-sm://eu-west-1/acme?kms=alias/leaks&tag.team=shop
    ssm:///acme?tier=advanced&profile=audit

An empty region is the configured one.
"""

import re
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl

from scanner.errors import UsageError
from scanner.report.escape import visible
from scanner.vault.aws.tags import checked_tag

_REGION = re.compile(r"([a-z]{2,}(-[a-z]+)+-[0-9]+)?")
_KEY = re.compile(r"[A-Za-z0-9:/_-]{1,256}")


class Options(NamedTuple):
    """What the query of a URI asks for; empty is what AWS does by itself."""

    kms: str  # key id, ARN or alias of the key that encrypts
    profile: str  # section of the shared AWS configuration
    tier: str  # of Parameter Store
    tags: dict[str, str]  # put on every entry that is created


class Place(NamedTuple):
    """Where entries are; `path` is empty or begins with a slash, and ends in none."""

    scheme: str
    region: str
    path: str
    query: str
    options: Options

    @property
    def uri(self) -> str:
        """Return the URI of the place."""
        query = f"?{self.query}" if self.query else ""
        return f"{self.scheme}://{self.region}{self.path}{query}"

    def below(self, name: str) -> "Place":
        """Return the place of the entry `name`."""
        return self._replace(path=f"{self.path}/{name}")


def base(parts: SplitResult, known: tuple[str, ...]) -> Place:
    """Return the place below which entries are, with options that are `known`.

    Raises UsageError if that is no place or an option makes no sense.
    """
    if not _REGION.fullmatch(parts.netloc):
        raise UsageError(
            f"{visible(parts.netloc)} is no AWS region; "
            f"{parts.scheme}:///… takes the configured one"
        )
    path = parts.path.rstrip("/")
    if not path or parts.fragment or not parts.query.isprintable():
        raise UsageError(f"name where secrets go, as in {parts.scheme}://{parts.netloc}/acme")
    return Place(parts.scheme, parts.netloc, path, parts.query, _options(parts, known))


def entry(parts: SplitResult, known: tuple[str, ...]) -> tuple[Place, str]:
    """Return the place that holds the entry at `parts`, and the name of the entry in it."""
    place = base(parts, known)
    path, _, name = place.path.rpartition("/")
    return place._replace(path=path), name


def _options(parts: SplitResult, known: tuple[str, ...]) -> Options:
    given: dict[str, str] = {}
    tags: dict[str, str] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name.startswith("tag."):
            key = name.removeprefix("tag.")
            tags[key] = checked_tag(key, value)
        elif name in known and value and name not in given:
            given[name] = value
        else:
            raise UsageError(
                f"{parts.scheme}:// cannot use the option {visible(name)}; "
                f"it knows, once and with a value: {', '.join((*known, 'tag.NAME'))}"
            )
    kms = given.get("kms", "")
    if kms and not _KEY.fullmatch(kms):
        raise UsageError(f"kms={visible(kms)} is no key id, ARN or alias/NAME of AWS KMS")
    return Options(kms, given.get("profile", ""), given.get("tier", ""), tags)
