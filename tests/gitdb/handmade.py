"""Builds packs, indexes, deltas and loose objects byte by byte, right or wrong on purpose."""

import hashlib
import os
import struct
import zlib

from scanner.gitdb.objects import object_id

KINDS = {b"commit": 1, b"tree": 2, b"blob": 3, b"tag": 4}


def name_of(data, kind=b"blob", hash_name="sha1"):
    return object_id(kind, data, hash_name)


def size_bytes(number):
    out = bytearray()
    while True:
        byte = number & 0x7F
        number >>= 7
        out.append(byte | (0x80 if number else 0))
        if not number:
            return bytes(out)


def entry_head(kind, size):
    first = (kind << 4) | (size & 15)
    rest = size >> 4
    return bytes([first | 0x80]) + size_bytes(rest) if rest else bytes([first])


def distance_bytes(distance):
    out = [distance & 0x7F]
    distance >>= 7
    while distance:
        distance -= 1
        out.append(0x80 | (distance & 0x7F))
        distance >>= 7
    return bytes(reversed(out))


def whole(data, kind=b"blob", size=None):
    return entry_head(KINDS[kind], len(data) if size is None else size) + zlib.compress(data)


def ref_delta(base_id, delta, size=None):
    head = entry_head(7, len(delta) if size is None else size)
    return head + base_id + zlib.compress(delta)


def ofs_delta(distance, delta):
    return entry_head(6, len(delta)) + distance_bytes(distance) + zlib.compress(delta)


def copy(offset, length):
    out = bytearray([0x80])
    for bit, byte in enumerate(offset.to_bytes(4, "little")):
        if byte:
            out[0] |= 1 << bit
            out.append(byte)
    if length != 0x10000:
        for bit, byte in enumerate(length.to_bytes(3, "little")):
            if byte:
                out[0] |= 0x10 << bit
                out.append(byte)
    return bytes(out)


def insert(data):
    return b"".join(
        bytes([len(data[at : at + 127])]) + data[at : at + 127] for at in range(0, len(data), 127)
    )


def delta(base_size, result_size, *steps):
    return size_bytes(base_size) + size_bytes(result_size) + b"".join(steps)


def append_delta(base, tail):
    """Return the delta that makes `base + tail` of `base`."""
    steps = [copy(0, len(base))] if base else []
    return delta(len(base), len(base) + len(tail), *steps, insert(tail))


def pack(*entries, count=None, hash_name="sha1"):
    body = b"PACK" + struct.pack(">II", 2, len(entries) if count is None else count)
    offsets = []
    for entry in entries:
        offsets.append(len(body))
        body += entry
    return body + hashlib.new(hash_name, body).digest(), offsets


def index(pairs, version=2, hash_size=20):
    """Return an index of (id, offset) pairs."""
    pairs = sorted(pairs)
    fanout = [sum(name[0] <= byte for name, _ in pairs) for byte in range(256)]
    table = struct.pack(">256I", *fanout)
    end = bytes(2 * hash_size)
    if version == 1:
        return table + b"".join(struct.pack(">I", at) + name for name, at in pairs) + end
    large = [at for _, at in pairs if at >= 1 << 31]
    small = [(1 << 31) | large.index(at) if at >= 1 << 31 else at for _, at in pairs]
    return b"".join(
        (
            b"\xfftOc" + struct.pack(">I", 2) + table,
            *(name for name, _ in pairs),
            bytes(4 * len(pairs)),
            struct.pack(f">{len(small)}I", *small),
            struct.pack(f">{len(large)}Q", *large),
            end,
        )
    )


def write_pack(objects_dir, content, idx=None, stem="pack-" + "1" * 40):
    """Put a pack and perhaps an index into an object directory; return the pack's path."""
    folder = os.path.join(objects_dir, "pack")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, stem + ".pack")
    with open(path, "wb") as file:
        file.write(content)
    if idx is not None:
        with open(os.path.join(folder, stem + ".idx"), "wb") as file:
            file.write(idx)
    return path


def write_loose(objects_dir, data, kind=b"blob", header=None, name=None, raw=None):
    """Put a loose object into an object directory, under `name` if given; return its path."""
    name = (name or object_id(kind, data, "sha1")).hex()
    folder = os.path.join(objects_dir, name[:2])
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name[2:])
    header = b"%s %d\0" % (kind, len(data)) if header is None else header
    with open(path, "wb") as file:
        file.write(zlib.compress(header + data) if raw is None else raw)
    return path
