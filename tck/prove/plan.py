"""Which checks are tried: on a fault those first that can find it, on a variant those that differ.

What a check can find is known from a run on the unchanged server: which requirements were
examined while it ran, and which operations it asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from tck.checks.support.cases import Case, cases
from tck.prove.faults import Fault
from tck.prove.trial import Seen
from tck.prove.variants import Variant


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


def touches(fault: Fault, asked: frozenset[str]) -> bool:
    """True if the fault can be seen at one of the operations, whatever came of it."""
    patterns = {p.removeprefix("!") for change in fault.changes for p in change.where.split()}
    return "*" in patterns or any(
        fnmatchcase(operation.removeprefix("!"), pattern)
        for operation in asked
        for pattern in patterns
    )


def affected(variant: Variant, seen: Mapping[str, Seen]) -> list[Case]:
    """The cases that a variant can make a difference to.

    Where a variant only takes some requests or writes some answers differently, and not those of
    the entry point, a case that had none of them from the unchanged server gets here what it got
    there. Requests are taken before it is known whether they will be refused.
    """
    patterns = {p for change in variant.changes for p in change.where.split()}
    deep = variant.options or any(c.driver or c.wire for c in variant.changes)
    if deep or not variant.changes or any(fnmatchcase("api.show", p) for p in patterns):
        return list(cases())
    patterns |= {f"!{p}" for c in variant.changes if c.request for p in c.where.split()}
    return [
        case
        for case in cases()
        if case.name not in seen
        or any(fnmatchcase(op, p) for op in seen[case.name].asked for p in patterns)
    ]
