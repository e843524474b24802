"""Runs tools side by side: each a process of its own, in turns, under the same conditions."""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import measure
import repository
from peers import PEERS, find, version
from variants import VARIANTS, Output, Variant

NOWHERE = "http://127.0.0.1:9"  # the discard port: whoever calls home gets no answer
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_DROPPED = ("no_proxy", "NO_PROXY", "PYTHONDONTWRITEBYTECODE", "LEAKSEAL_PURE", "LEAKSEAL_KEY")


@dataclass(frozen=True)
class Bench:
    """The tools that are here, and the scratch folder they run in."""

    scratch: Path
    programs: Mapping[str, Path]
    known_options: str
    jobs: int
    timeout: float

    def command(self, variant: Variant, path: Path) -> list[str]:
        """Return the command line of `variant` for the repository or tree at `path`."""
        arguments = list(variant.arguments)
        if variant.optional and variant.optional[0] in self.known_options:
            arguments += variant.optional
        if variant.subject == "history" and repository.is_bare(path):
            arguments += variant.bare
        return [str(self.programs[variant.tool]), *(self._fill(a, path) for a in arguments)]

    def run(self, variant: Variant, path: Path, cache: Path | None = None) -> dict[str, Any]:
        """Run `variant` once; with an empty cache of leakseal unless a `cache` is given."""
        out, err = self.scratch / "out", self.scratch / "err"
        fresh = self.scratch / "fresh-cache"
        shutil.rmtree(fresh, ignore_errors=True)
        environment = {k: v for k, v in os.environ.items() if k not in _DROPPED}
        environment |= dict.fromkeys(_PROXIES, NOWHERE)
        environment |= {
            "KF_RULE_CACHE_DIR": str(self.scratch / "kingfisher-rules"),
            "LEAKSEAL_CACHE_DIR": str(cache or fresh),
            "PYTHONPYCACHEPREFIX": str(self.scratch / "bytecode"),
            "TMPDIR": str(self.scratch / "tmp"),
        }
        environment |= {k: self._fill(v, path) for k, v in variant.environment.items()}
        cost = measure.run(
            self.command(variant, path),
            stdout=out,
            stderr=err,
            environment=environment,
            directory=self.scratch / "tmp",
            timeout=self.timeout,
        )
        try:
            if cost.timed_out:
                outcome, findings = "timed out", None
            else:
                output = Output(cost.exit_code, out.read_bytes(), err.read_bytes())
                outcome, findings = variant.read(output)
        except (ValueError, KeyError, TypeError):
            outcome, findings = "failed", None
        finally:  # both may show secrets
            out.unlink()
            err.unlink()
        return asdict(cost) | {"outcome": outcome, "findings": findings}

    def _fill(self, text: str, path: Path) -> str:
        for name, value in {
            "{path}": str(path.resolve()),
            "{jobs}": str(self.jobs),
            "{skip_git}": str(self.scratch / "skip-git"),
        }.items():
            text = text.replace(name, value)
        return text

    def shown(self, variant: Variant, path: Path) -> str:
        """Return the command as it may be published: without any path of this machine."""
        program, *arguments = self.command(variant, path)
        words = [f"{k}={self._fill(v, path)!r}" for k, v in variant.environment.items()]
        line = " ".join([*words, Path(program).name, *arguments])
        named = line.replace(str(path.resolve()), repository.name(path))
        return named.replace(f"{self.scratch}/", "")


def usable(bench: Bench, wanted: Sequence[str]) -> tuple[list[Variant], dict[str, str]]:
    """Return the variants that can run, and why others cannot."""
    chosen, left_out = [], {}
    for variant in VARIANTS:
        missing = [option for option in variant.needs if option not in bench.known_options]
        if wanted and variant.name not in wanted and variant.tool not in wanted:
            continue
        if variant.tool not in bench.programs:
            left_out[variant.name] = "not installed"
        elif missing:
            left_out[variant.name] = f"no option {', '.join(missing)}"
        else:
            chosen.append(variant)
    return chosen, left_out


def measure_all(
    bench: Bench, variants: Sequence[Variant], path: Path, called: str, rounds: int
) -> list[dict[str, Any]]:
    """Return every run of `variants` on the repository or tree at `path`."""
    repository.read_once(path)
    cache = bench.scratch / "warm-cache"
    shutil.rmtree(cache, ignore_errors=True)
    for variant in variants:
        if variant.warm:
            tell(f"{called}: {variant.name}: filling the cache")
            bench.run(variant, path, cache)
    runs = []
    for turn in range(rounds):
        start = turn % len(variants)
        for variant in (*variants[start:], *variants[:start]):
            tell(f"{called}: round {turn + 1} of {rounds}: {variant.name}")
            run = bench.run(variant, path, cache if variant.warm else None)
            runs.append({"variant": variant.name, "round": turn} | run)
            tell(f"  {run['outcome']}, {run['wall']:.2f} s")
    order = [variant.name for variant in variants]
    return sorted(runs, key=lambda run: (order.index(run["variant"]), run["round"]))


def prepare(options: argparse.Namespace, scratch: Path) -> tuple[Bench, dict[str, str]]:
    """Return what is needed to run tools in `scratch`, and the version of each tool."""
    programs = {peer.name: find(peer, options.tools_dir) for peer in PEERS}
    programs["leakseal"] = leakseal()
    versions = {"leakseal": _said(programs["leakseal"], "--version").split(maxsplit=1)[1].strip()}
    for peer in PEERS:
        if program := programs[peer.name]:
            versions[peer.name] = version(peer, program, options.tools_dir)
    (scratch / "tmp").mkdir()
    (scratch / "skip-git").write_text(r"(^|/)\.git/" + "\n")
    bench = Bench(
        scratch=scratch,
        programs={tool: program for tool, program in programs.items() if program},
        known_options=_said(programs["leakseal"], "scan", "--help"),
        jobs=options.jobs,
        timeout=options.timeout,
    )
    return bench, versions


def warm_up(bench: Bench, variants: Sequence[Variant]) -> None:
    """Run each once, so that programs are in memory, compiled rules and bytecode cached."""
    repository.tiny(bench.scratch / "tiny")
    patient = replace(bench, timeout=1800)  # a compiled rule cache must be whole, or none is used
    for variant in variants:
        tell(f"warming up: {variant.name}, {variant.subject}")
        patient.run(variant, bench.scratch / "tiny")


def leakseal() -> Path:
    """Return the program beside this Python, or else the one on PATH."""
    found = shutil.which("leakseal", path=str(Path(sys.executable).parent))
    found = found or shutil.which("leakseal")
    if not found:
        raise SystemExit("leakseal is not installed")
    return Path(found)


def _said(program: Path, *arguments: str) -> str:
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout


def tell(line: str) -> None:
    """Say on standard error what is going on."""
    print(line, file=sys.stderr, flush=True)
