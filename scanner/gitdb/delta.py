"""Applies git's deltas (gitformat-pack(5), "Deltified representation")."""

from scanner.gitdb.damage import DamageError, OversizeError


def apply_delta(base: bytes, delta: bytes, limit: int) -> bytes:
    """Return the object that `delta` makes of `base`.

    Raises OversizeError if the result would be longer than `limit`, DamageError if the delta is not
    for this base, reads outside of it, or makes more or fewer bytes than it declares.
    """
    base_size, position = _size(delta, 0)
    size, position = _size(delta, position)
    if base_size != len(base):
        raise DamageError("delta is for a base of another size")
    if size > limit:
        raise OversizeError(f"{size} bytes")
    parts: list[bytes] = []
    append = parts.append
    left = size
    end = len(delta)
    try:
        while position < end:
            code = delta[position]
            position += 1
            if code & 0x80:
                offset = length = 0
                if code & 0x01:
                    offset = delta[position]
                    position += 1
                if code & 0x02:
                    offset |= delta[position] << 8
                    position += 1
                if code & 0x04:
                    offset |= delta[position] << 16
                    position += 1
                if code & 0x08:
                    offset |= delta[position] << 24
                    position += 1
                if code & 0x10:
                    length = delta[position]
                    position += 1
                if code & 0x20:
                    length |= delta[position] << 8
                    position += 1
                if code & 0x40:
                    length |= delta[position] << 16
                    position += 1
                length = length or 0x10000
                left -= length
                if left < 0 or offset + length > base_size:
                    raise DamageError("delta copies outside of its base or its result")
                append(base[offset : offset + length])
            elif code:
                stop = position + code
                left -= code
                if left < 0 or stop > end:
                    raise DamageError("delta inserts more than it holds or declares")
                append(delta[position:stop])
                position = stop
            else:
                raise DamageError("delta holds a reserved instruction")
    except IndexError:
        raise DamageError("delta ends within an instruction") from None
    if left:
        raise DamageError("delta makes fewer bytes than it declares")
    return b"".join(parts)


def add_work(work: int, result: bytes, limit: int) -> int:
    """Return the bytes that resolving a chain of deltas has made so far, `result` included.

    Raises OversizeError at 64 times `limit`: a chain may be long or its objects large, not both.
    """
    work += len(result)
    if work > 64 * limit:
        raise OversizeError(f"its delta chain unfolds to more than {64 * limit} bytes")
    return work


def _size(delta: bytes, position: int) -> tuple[int, int]:
    """Return the little-endian base-128 number at `position` and the position after it."""
    value = shift = 0
    for code in delta[position : position + 10]:
        position += 1
        value |= (code & 0x7F) << shift
        if code < 0x80:
            return value, position
        shift += 7
    raise DamageError("delta has no valid size")
