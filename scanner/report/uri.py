"""Paths as URIs (RFC 3986, RFC 8089), byte for byte, and remotes as URIs."""

import re
from urllib.parse import quote_from_bytes

from scanner.report.escape import as_bytes

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9._~:@\[\]-]+)((?:[/?#][!-~]*)?)")
_SCP = re.compile(r"((?:[A-Za-z0-9._~-]+@)?[A-Za-z0-9.-]{2,}):(?!:|//)(.+)", re.DOTALL)


def relative(path: bytes) -> str:
    """Return `path` as a relative URI reference, or "" if it cannot be one.

    Only unreserved characters and slashes stay, so that no name can be taken for a scheme, a host,
    a query or a fragment. A path that is empty, starts at the root or climbs with `..` has none.
    """
    if not path or path.startswith(b"/") or b".." in path.split(b"/"):
        return ""
    return quote_from_bytes(path)


def folder(path: str) -> str:
    """Return an absolute POSIX or Windows path as a file URI ending in a slash, else ""."""
    if _DRIVE.match(path):
        start, rest = f"file:///{path[:2]}/", path[3:].replace("\\", "/")
    elif path.startswith("\\\\"):
        start, rest = "file://", path.replace("\\", "/")
    elif path.startswith("/"):
        start, rest = "file:///", path
    else:
        return ""
    rest = rest.strip("/")
    return start + (quote_from_bytes(as_bytes(rest)) + "/" if rest else "")


def remote(origin: str) -> str:
    """Return a git remote, also one in scp's `host:path` form or a local path, as a URI, or ""."""
    if url := _URL.fullmatch(origin):
        rest = quote_from_bytes(url[2].encode(), safe="!#$%&'()*+,/:;=?@~")
        return url[1] + re.sub("%(?![0-9A-Fa-f]{2})", "%25", rest)
    if local := folder(origin):
        return local
    if scp := _SCP.fullmatch(origin):
        return f"ssh://{scp[1]}/{quote_from_bytes(as_bytes(scp[2].lstrip('/')))}"
    return ""
