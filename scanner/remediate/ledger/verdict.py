"""What a check of the ledger comes to."""

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple


class Fault(Enum):
    """What can be wrong, the worst first; the value is the exit code of `leakseal log verify`."""

    TAMPERED = 5  # something was changed, cut off, added or put elsewhere
    MISSING = 6  # a run or a checkpoint that others name is not there
    SECRET = 1  # the ledger itself holds what looks like a credential
    UNSIGNED = 7  # a checkpoint has no signature of anyone who may sign
    TORN = 8  # a last record is only half written: a run broke off, nothing more


class Problem(NamedTuple):
    """Something that is wrong: where (`2026/RUN.jsonl:3`), and what, in words."""

    fault: Fault
    where: str
    message: str


class Verdict(NamedTuple):
    """All that is wrong, and what is worth knowing although it is not wrong."""

    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    runs: int
    records: int
    checkpoints: int

    @property
    def exit_code(self) -> int:
        """Return the value of the worst fault; 0 if nothing is wrong."""
        return worst(self.problems)


def worst(problems: Iterable[Problem]) -> int:
    """Return the value of the worst fault among `problems`; 0 if there are none."""
    found = {problem.fault for problem in problems}
    return next((fault.value for fault in Fault if fault in found), 0)
