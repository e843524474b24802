"""Who runs leakseal, as records of the ledger say it."""

import getpass
import os
import platform

from scanner import __version__
from scanner.remediate.ledger.record import Actor


def actor() -> Actor:
    """Return the user, the machine and the tool that run now."""
    try:
        user = getpass.getuser()
    except (KeyError, ImportError, OSError):  # a container's user often has no name
        user = f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"
    return Actor(user, platform.node(), f"leakseal {__version__}")
