"""Archives made for tests, and what comes out of them."""

import io
import random
import tarfile
import zipfile

from scanner.detect.archives import Budget, members

MEBIBYTE = 1 << 20
TEXT = b"name = value\n" * 50


def unpack(content, **limits):
    budget = Budget(**limits)
    return list(members(content, budget)), budget


def zipped(files, method=zipfile.ZIP_DEFLATED):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def tarred(files, form=tarfile.PAX_FORMAT):
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return target.getvalue()


def codes(budget):
    return [code for code, _ in budget.exceeded]


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)
