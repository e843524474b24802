"""Marvin32, the keyed checksum in keys that Microsoft's services issue.

Its definition is in .NET (github.com/dotnet/runtime, System.Private.CoreLib/src/System/Marvin.cs).
"""

_MASK = 0xFFFFFFFF


def marvin32(data: bytes, seed: bytes) -> int:
    """Return the checksum of `data` under a `seed` of eight characters, an unsigned number."""
    high, low = int.from_bytes(seed[:4], "big"), int.from_bytes(seed[4:], "big")
    padded = data + b"\x80" + bytes(-(len(data) + 1) % 4)
    for at in range(0, len(padded), 4):
        low, high = _mixed(low + int.from_bytes(padded[at : at + 4], "little") & _MASK, high)
    low, high = _mixed(low, high)
    return low ^ high


def _mixed(low: int, high: int) -> tuple[int, int]:
    high ^= low
    low = _rotated(low, 20) + high & _MASK
    high = _rotated(high, 9) ^ low
    low = _rotated(low, 27) + high & _MASK
    return low, _rotated(high, 19)


def _rotated(value: int, by: int) -> int:
    return (value << by | value >> 32 - by) & _MASK
