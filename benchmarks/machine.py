"""What the machine is, without its name."""

import os
import platform
import subprocess
from pathlib import Path


def facts() -> dict[str, str | int]:
    """Return processors, memory and versions: what a reader needs to judge the figures."""
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout
    return {
        "processors": len(os.sched_getaffinity(0)),
        "processor": _field(Path("/proc/cpuinfo"), "model name"),
        "memory_gib": round(int(_field(Path("/proc/meminfo"), "MemTotal").split()[0]) / 2**20),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", platform.system()),
        "kernel": ".".join(platform.release().split(".")[:2]),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "git": git.split()[-1],
    }


def sentence(known: dict[str, str | int]) -> str:
    """Return `known`, which facts() made, as one sentence."""
    return (
        f"{known['processors']} cores of {known['processor']}, {known['memory_gib']} GiB, "
        f"{known['system']} (Linux {known['kernel']}), {known['python']}, git {known['git']}."
    )


def _field(path: Path, name: str) -> str:
    for line in path.read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"
