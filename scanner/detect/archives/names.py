"""Member names as labels: they are shown, never used as paths."""

_LONGEST = 500  # characters


def label(name: bytes, fallback: str) -> str:
    """Return a name from an archive as one readable line.

    What is not UTF-8 is read as `fallback`, a codec that knows every byte. Characters that do not
    print become escapes such as `\\x1b`; very long names end in an ellipsis.
    """
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        text = name.decode(fallback, "backslashreplace")
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    if short.isprintable():
        return short
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in short)
