"""Line and column of an offset."""


def position(data: bytes, offset: int) -> tuple[int, int]:
    """Return line and column of `offset`, both from 1; CR, LF and CRLF each end a line."""
    feeds = data.count(b"\n", 0, offset)
    lone = data.count(b"\r", 0, offset) - data.count(b"\r\n", 0, offset)
    last = max(data.rfind(b"\n", 0, offset), data.rfind(b"\r", 0, offset))
    return feeds + lone + 1, offset - last
