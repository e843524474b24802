"""Where a project's own settings lie. It reads nothing, so the guard may ask at every commit."""

import os

NAME = ".leakseal.yaml"


def around() -> str | None:
    """Return the path of the settings of the repository around the current directory, if any."""
    try:
        folder = os.getcwd()
    except OSError:  # it is gone; git says so
        return None
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    path = os.path.join(folder, NAME)
    return path if os.path.lexists(path) else None
