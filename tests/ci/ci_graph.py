"""A server with branches, pull requests, tags and a forced push, and clones as platforms make them.

Commits have labels, by which the recorded environments name them:

    m1 - m2 - m3 - m4 - m5 - m6                      main
          \\    \\    \\    \\    \\- t7                  pull request 7's merge, with t3
           \\    \\    \\    \\- f1 - f2               pull request 8, from a fork; its merge f7
            \\    \\    \\- t1 - t2 - t3              topic
             \\    \\- d1 - d2                        develop
              \\         \\- x1 - x2                  aaa-feature
               \\- u1 - u2 (merge of m4) - u3        update
    on m6:  w1 (gone), w2 - w3                       wip
            s1 - a1, s1 - b1                         twin-a, twin-b
            r1                                       the tag v2, on no branch
            k1 - k2 - k3                             `--output=x`
    p1 - p2                                          pages, with no parent in common
"""

import subprocess
from pathlib import Path
from typing import NamedTuple

from quiet_git import ENVIRONMENT

from scanner.rulepack import samples

LEAK = samples.expand("<<checksum ghp_ 30>>")
ZERO = "0" * 40
_PARENTS = {
    "m1": "", "m2": "m1", "m3": "m2", "m4": "m3", "m5": "m4", "m6": "m5",
    "t1": "m4", "t2": "t1", "t3": "t2", "t7": "m6 t3",
    "f1": "m5", "f2": "f1", "f7": "m6 f2",
    "d1": "m3", "d2": "d1", "x1": "d2", "x2": "x1",
    "u1": "m2", "u2": "u1 m4", "u3": "u2", "u7": "m6 u3",
    "w1": "m6", "w2": "m6", "w3": "w2",
    "s1": "m6", "a1": "s1", "b1": "s1",
    "r1": "m6", "k1": "m6", "k2": "k1", "k3": "k2",
    "p1": "", "p2": "p1",
}  # fmt: skip
_REFS = {
    "heads/main": "m6", "heads/topic": "t3", "heads/develop": "d2", "heads/aaa-feature": "x2",
    "heads/update": "u3", "heads/wip": "w3", "heads/twin-a": "a1", "heads/twin-b": "b1",
    "heads/--output=x": "k3", "heads/pages": "p2",
    "heads/gh-readonly-queue/main/pr-7-6f1c2d3e": "t7",
    "pull/7/head": "t3", "pull/7/merge": "t7", "pull/8/head": "f2", "pull/8/merge": "f7",
    "merge-requests/9/head": "u3", "merge-requests/9/merge": "u7",
    "pipelines/1": "m6", "tags/v1": "m4", "forgotten/1": "w1",
}  # fmt: skip


class Server(NamedTuple):
    """A bare repository, and the ids of its commits by label."""

    path: Path
    ids: dict[str, str]

    def labels(self, ids):
        names = {id_: label for label, id_ in self.ids.items()}
        return {names[id_] for id_ in ids}


def git(path, *arguments, stdin=None, protocol="file"):
    environment = ENVIRONMENT | {"GIT_ALLOW_PROTOCOL": protocol}
    done = subprocess.run(
        ["git", *arguments], cwd=path, env=environment, input=stdin, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


def made(path):
    path.mkdir()
    git(path, "init", "-q", "--bare", "-b", "main", ".")
    git(path, "fast-import", "--quiet", f"--export-marks={path}/marks", stdin=_stream().encode())
    marks = dict(line.split() for line in (path / "marks").read_text().splitlines())
    ids = {label: marks[f":{n}"] for n, label in enumerate(_PARENTS, 1)}
    updates = "".join(f"create refs/{ref} {ids[label]}\n" for ref, label in _REFS.items())
    git(path, "update-ref", "--stdin", stdin=updates.encode())
    git(path, "tag", "-a", "-m", "version 2", "v2", ids["r1"])
    for option in ("allowFilter", "allowAnySHA1InWant"):
        git(path, "config", f"uploadpack.{option}", "true")
    return Server(path, ids)


def _stream():
    """Return what `git fast-import` makes the graph of; t2 brings in a leak."""
    marks = {label: n for n, label in enumerate(_PARENTS, 1)}
    out = ""
    for label, parents in _PARENTS.items():
        when = 1700000000 + marks[label] * 60
        out += f"commit refs/made/{label}\nmark :{marks[label]}\n"
        out += f"committer Ann <ann@example.com> {when} +0000\ndata {len(label)}\n{label}\n"
        first, *others = [marks[parent] for parent in parents.split()] or [None]
        out += f"from :{first}\n" if first else ""
        out += "".join(f"merge :{other}\n" for other in others)
        for name in sorted(_led_to(label)):  # a merge has the files of all its parents
            text = f"token = {LEAK}\n" if name == "t2" else f"{name}\n"
            out += f"M 100644 inline {name}.txt\ndata {len(text)}\n{text}\n"
    out += "".join(f"reset refs/made/{label}\nfrom {ZERO}\n\n" for label in _PARENTS)
    return out


def _led_to(label):
    return {label}.union(*(_led_to(parent) for parent in _PARENTS[label].split()))


ALL = "+refs/heads/*:refs/remotes/origin/*"


def only(branch):
    return f"+refs/heads/{branch}:refs/remotes/origin/{branch}"


def cloned(server, path, head, *refspecs, depth=None, partial=False):
    """Clone as the platforms' agents do: fetch some refs, check out one commit by its id."""
    path.mkdir()
    git(path, "init", "-q", ".")
    git(path, "remote", "add", "origin", f"file://{server.path}")
    options = [f"--depth={depth}"] if depth else []
    options += ["--filter=blob:none"] if partial else []
    git(path, "fetch", "-q", "--no-tags", *options, "origin", *refspecs)
    git(path, "checkout", "-q", "--detach", server.ids[head])
    return path
