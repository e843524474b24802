"""Text from bytes that nobody vouches for: paths, names, refs, commit subjects.

`visible` and `said` are for people and terminals; `as_bytes` and `as_text` cross between the two
worlds.
"""

LONGEST = 300
_LONGEST_LINE = 4000
# What makes CI runners take printed text for an order: `##[` and `##vso[` anywhere (Azure, GitHub,
# TeamCity's `##teamcity[`), `::` where a line begins (GitHub); lines may be wrapped at spaces.
_ORDER = r"#(?=#\w*\[)|(?:(?<= )|^):(?=:)"


def as_bytes(text: str) -> bytes:
    """Return `text` in UTF-8, with bytes that surrogateescape stands in for given back."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a surrogate pair, as a Windows file name can hold
        return text.encode("utf-8", "surrogatepass")


def as_text(raw: bytes) -> str:
    """Return `raw` read as UTF-8, with U+FFFD for what is not."""
    return raw.decode("utf-8", "replace")


def visible(value: bytes | str, longest: int = LONGEST) -> str:
    r"""Return `value` on one line with nothing in it that a terminal would act upon.

    Control, format and bidirectional characters, odd spaces and unassigned code points become
    `\x1b` or `\u202e`, bytes that are not UTF-8 become `\xff`. What is longer than `longest`
    characters is cut and says so.
    """
    raw = as_bytes(value) if isinstance(value, str) else value
    text = raw.decode("utf-8", "surrogateescape")
    cut = len(text) - longest
    if cut > 0:
        text = text[:longest]
    if not text.isprintable():
        text = "".join(c if c.isprintable() else _escaped(ord(c)) for c in text)
    if "##" in text or "::" in text:
        from re import sub  # noqa: PLC0415 - the guard does without, as good as always

        text = sub(_ORDER, lambda found: _escaped(ord(found[0])), text)
    return f"{text}… ({cut} more characters)" if cut > 0 else text


def said(error: Exception) -> str:
    """Return what an error says, line by line as `visible`: it may quote a file, or git."""
    return "\n".join(visible(line, _LONGEST_LINE) for line in str(error).split("\n"))


def _escaped(code: int) -> str:
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape: the byte is the low half
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
