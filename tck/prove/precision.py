"""Precision of blame: what the kit blames besides the mistake, and what it shows first.

The proof ends a trial when the fault was found. Here each fault is judged by all cases, as a run
would, and its findings are grouped by cause as reports show them (`tck.report.clusters`).
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tck import requirements
from tck.checks.support.cases import cases
from tck.prove.faults import Fault, faults
from tck.prove.remembering import Remembering
from tck.prove.trial import EXAMPLES, judge
from tck.report.clusters import causes
from tck.report.result import Scope, conclude

FEW = 2  # requirements: as many may be blamed for one mistake, and no reader minds
_WORST = 20


@dataclass(frozen=True, slots=True)
class Blame:
    """What the kit says of a server with one fault.

    `causes`: ids of the requirements of each, in the order in which reports show them.
    """

    name: str
    causes: tuple[tuple[str, ...], ...]

    @property
    def fault(self) -> Fault:
        """The fault itself."""
        return faults()[self.name]

    @property
    def requirements(self) -> tuple[str, ...]:
        """Every requirement blamed, in the order of the report."""
        return tuple(dict.fromkeys(id_ for cause in self.causes for id_ in cause))

    @property
    def tied_first(self) -> bool:
        """Whether the requirement shown first is one that the fault violates."""
        return self.requirements[:1] != () and self.requirements[0] in self.fault.violates

    @property
    def others(self) -> int:
        """How many requirements are blamed that the fault is not tied to."""
        return len(set(self.requirements) - set(self.fault.violates))


def sample(size: int) -> list[str]:
    """Names of so many faults, equally spaced in the list of all: each area has its share."""
    names = list(faults())
    size = min(size, len(names))
    return [names[number * len(names) // size] for number in range(size)]


def blame(name: str) -> Blame:
    """Judge a server with a fault by all cases."""
    for examples in (1, EXAMPLES):  # few faults need many
        ledger = Remembering()
        trial = judge(faults()[name], cases(), examples=examples, ledger=ledger)
        if not trial.found_by.keys().isdisjoint(faults()[name].violates):
            break
    outcomes = conclude(requirements.load(), ledger, None, Scope.SELECTION)
    return Blame(name, tuple(tuple(r.id for r in c.requirements) for c in causes(outcomes)))


def summary(blames: Sequence[Blame]) -> dict[str, Any]:
    """The figures; shares are of all faults judged. `worst`: names, the worst first."""
    counts = [len(blame.requirements) for blame in blames]

    def share(count: int) -> float:
        return round(count / max(len(blames), 1), 4)

    worst = sorted(blames, key=lambda b: (-b.others, -len(b.causes), b.name))
    return {
        "faults": len(blames),
        "median_requirements": statistics.median(counts) if counts else 0,
        "few_requirements": share(sum(count <= FEW for count in counts)),
        "one_cause": share(sum(len(blame.causes) == 1 for blame in blames)),
        "tied_first": share(sum(blame.tied_first for blame in blames)),
        "worst": [blame.name for blame in worst[:_WORST] if blame.others or len(blame.causes) > 1],
    }


def as_json(blames: Sequence[Blame]) -> dict[str, Any]:
    """The figures, and for each fault what it violates and what was blamed."""
    return {
        "summary": summary(blames),
        "faults": [
            {
                "name": blame.name,
                "area": blame.fault.area,
                "text": blame.fault.text,
                "violates": blame.fault.violates,
                "causes": blame.causes,
                "tied_first": blame.tied_first,
            }
            for blame in blames
        ],
    }
