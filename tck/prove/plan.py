"""In which order the checks are tried on a fault: those that can find it first.

What a check can find is known from a run on the unchanged server: which requirements were
examined while it ran, and which operations it asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from tck.prove.cases import Case, cases
from tck.prove.trial import Seen
from tck.reference_server.faults import Fault


def order(fault: Fault, seen: Mapping[str, Seen]) -> list[Case]:
    """Every case, the most promising first, then the cheapest."""
    return sorted(cases(), key=lambda case: _rank(case, fault, seen.get(case.name)))


def _rank(case: Case, fault: Fault, seen: Seen | None) -> tuple[int, float]:
    declared = any(id_ in case.spec.requirements for id_ in fault.violates)
    if seen is None:
        return 4, 0.0
    examined = not seen.examined.isdisjoint(fault.violates)
    touched = touches(fault, seen.asked)
    if touched and (examined or declared):
        return (0 if declared else 1), seen.seconds
    return (2 if declared else 3 if examined else 4), seen.seconds


def touches(fault: Fault, operations: frozenset[str]) -> bool:
    """True if the fault can be seen at one of the operations."""
    patterns = {p.removeprefix("!") for change in fault.changes for p in change.where.split()}
    return "*" in patterns or any(
        fnmatchcase(operation, pattern) for operation in operations for pattern in patterns
    )
