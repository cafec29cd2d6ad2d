"""Which cases a trial runs: for a fault the promising ones first, for a variant the affected ones.

What a case can find is estimated from its `Trace` at the unchanged server: the requirements that
were examined while it ran, and the operations that it requested.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import reduce
from itertools import zip_longest

from tck.checks.support.cases import Case, cases
from tck.prove.faults import Fault
from tck.prove.trial import Trace
from tck.prove.variants import Variant, variants
from tck.schemas.operations import API

# Areas of variants whose differences do not meet: no two of one lane come together. What is
# outermost comes first.
_LANES = (
    ("places", "accounts", "at once"),
    ("clouds",),
    ("freedoms",),
    ("shortfalls",),
    ("ids", "open content"),
    ("writing",),
)
# With nothing there, nothing else would show; who is mounted elsewhere does not know its own paths.
_ALONE = ("cloud-empty", "cloud-without-images", "mounted-at-cloud", "mounted-deeply")


def together(names: Iterable[str]) -> list[tuple[str, ...]]:
    """The variants in groups, each of which can be judged as one server.

    A right server that differs in two unrelated things is right, so one trial may judge both. This
    holds for variants that every case can see, at most one of a lane, and one that does not follow
    a recommendation; all others are alone. What is blamed in a group is tried again alone
    (`try_variants`).
    """
    lanes: list[list[str]] = [[] for _ in _LANES]
    alone: list[str] = []
    for name in names:
        v = variants()[name]
        lane = next((n for n, areas in zip(lanes, _LANES, strict=True) if v.area in areas), alone)
        plain = v.persona == "full" and not (v.deviates or v.lacks or v.seen_at)
        plain = plain and not (v.warns and v.area != "shortfalls")
        joins = plain and _everywhere(v) and name not in _ALONE
        (lane if joins else alone).append(name)
    groups = [tuple(name for name in row if name) for row in zip_longest(*lanes)]
    return [*groups, *((name,) for name in alone)]


def united(group: Iterable[Variant]) -> Variant:
    """One server with the differences of all: what lies outermost first takes requests."""
    return reduce(
        lambda a, b: replace(
            a,
            name=f"{a.name} and {b.name}",
            changes=(*a.changes, *b.changes),
            options={**a.options, **b.options},
            base=b.base if a.base == API.base else a.base,
        ),
        group,
    )


def order(fault: Fault, traces: Mapping[str, Trace]) -> list[Case]:
    """Every case: the most promising first, of these those with few requests first."""
    return sorted(cases(), key=lambda case: _rank(case, fault, traces.get(case.name)))


def _rank(case: Case, fault: Fault, trace: Trace | None) -> tuple[int, int]:
    declared = any(id_ in case.spec.requirements for id_ in fault.violates)
    if trace is None:
        return 4, 0
    examined = not trace.examined.isdisjoint(fault.violates)
    if touches(fault, trace.operations) and (examined or declared):
        return (0 if declared else 1), trace.requests
    return (2 if declared else 3 if examined else 4), trace.requests


def touches(fault: Fault, operations: frozenset[str]) -> bool:
    """True if the fault changes one of the operations, successful or refused."""
    patterns = {p.removeprefix("!") for change in fault.changes for p in change.where.split()}
    return "*" in patterns or any(
        fnmatchcase(operation.removeprefix("!"), pattern)
        for operation in operations
        for pattern in patterns
    )


def affected(variant: Variant, traces: Mapping[str, Trace]) -> list[Case]:
    """The cases that can find something else at a variant than at the unchanged server.

    A variant that only changes requests or answers of some operations cannot affect a case that
    used none of them. All cases are affected by one with options of its own, a changed driver,
    changed bytes on the socket, or a changed entry point, which every case depends on. A change
    of requests applies before it is known whether they will be refused. A variant that says where
    it is seen affects those cases, and those that examine what it lacks.
    """
    if variant.seen_at:
        return [case for case in cases() if _sees(case, variant, traces.get(case.name))]
    if _everywhere(variant):
        return list(cases())
    patterns = {p for change in variant.changes for p in change.where.split()}
    patterns |= {f"!{p}" for c in variant.changes if c.request for p in c.where.split()}
    return [
        case
        for case in cases()
        if case.name not in traces
        or any(fnmatchcase(op, p) for op in traces[case.name].operations for p in patterns)
    ]


def _everywhere(variant: Variant) -> bool:
    patterns = {p for change in variant.changes for p in change.where.split()}
    deep = variant.options or any(c.driver or c.wire or c.received for c in variant.changes)
    seen = any(fnmatchcase(o, p) for p in patterns for o in ("api.show", "!instances.show"))
    return bool(deep or not variant.changes or seen)


def _sees(case: Case, variant: Variant, trace: Trace | None) -> bool:
    lacks = set(variant.lacks)
    if case.spec.wire and variant.needs_socket:
        return True
    if trace is None or not lacks.isdisjoint(case.spec.requirements):
        return True
    if not lacks.isdisjoint(trace.examined):
        return True
    return any(
        fnmatchcase(operation.removeprefix("!"), pattern)
        for operation in trace.asked
        for pattern in variant.seen_at.split()
    )
