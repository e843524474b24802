"""Which files in history are git's notes: in commits that nothing but a ref of notes leads to."""

import re
from itertools import islice

from scanner.gitdb.graph import Graph
from scanner.gitdb.repository import Ref

_FOLDER = b"refs/notes/"
_MOST = 254  # refs of notes; what is in more is told as files
_OTHER = 255
# The object a note is about; git splits the name into folders when there are many notes.
_ABOUT = re.compile(rb"(?:[0-9a-f]{2}/)*[0-9a-f]+")


class Notes:
    """The refs of notes, and the commits that each of them alone leads to."""

    def __init__(self, graph: Graph, refs: list[Ref], head: bytes) -> None:
        """Tell the commits of notes from those that HEAD and all other refs lead to."""
        self._number = graph.number
        named = (ref for ref in refs if ref.name.startswith(_FOLDER))
        self._refs = list(islice(named, _MOST))
        self._marks = bytearray(len(graph.ids) if self._refs else 0)
        if self._refs:
            notes = set(self._refs)
            tips = [head, *(ref.peeled or ref.id for ref in refs if ref not in notes)]
            graph.mark(self._marks, tips, _OTHER)
        for mark, ref in enumerate(self._refs, 1):
            graph.mark(self._marks, [ref.peeled or ref.id], mark)

    def name(self, commit: bytes, path: bytes) -> bytes:
        """Return what git calls the note at `path` in `commit`, REF:PATH; empty if it is none."""
        mark = self._marks[self._number[commit]] if self._refs else 0
        if not 0 < mark < _OTHER or not _ABOUT.fullmatch(path):
            return b""
        if len(path.replace(b"/", b"")) not in (40, 64):
            return b""
        return self._refs[mark - 1].name + b":" + path
