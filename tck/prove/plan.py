"""Which cases a trial runs: for a fault the promising ones first, for a variant the affected ones.

What a case can find is estimated from its `Trace` at the unchanged server: the requirements that
were examined while it ran, and the operations that it requested.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from tck.checks.support.cases import Case, cases
from tck.prove.faults import Fault
from tck.prove.trial import Trace
from tck.prove.variants import Variant


def order(fault: Fault, traces: Mapping[str, Trace]) -> list[Case]:
    """Every case: the most promising first, of these the quickest first."""
    return sorted(cases(), key=lambda case: _rank(case, fault, traces.get(case.name)))


def _rank(case: Case, fault: Fault, trace: Trace | None) -> tuple[int, float]:
    declared = any(id_ in case.spec.requirements for id_ in fault.violates)
    if trace is None:
        return 4, 0.0
    examined = not trace.examined.isdisjoint(fault.violates)
    if touches(fault, trace.operations) and (examined or declared):
        return (0 if declared else 1), trace.seconds
    return (2 if declared else 3 if examined else 4), trace.seconds


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
    patterns = {p for change in variant.changes for p in change.where.split()}
    deep = variant.options or any(c.driver or c.wire for c in variant.changes)
    if deep or not variant.changes or any(fnmatchcase("api.show", p) for p in patterns):
        return list(cases())
    patterns |= {f"!{p}" for c in variant.changes if c.request for p in c.where.split()}
    return [
        case
        for case in cases()
        if case.name not in traces
        or any(fnmatchcase(op, p) for op in traces[case.name].operations for p in patterns)
    ]


def _sees(case: Case, variant: Variant, trace: Trace | None) -> bool:
    lacks = set(variant.lacks)
    if trace is None or not lacks.isdisjoint(case.spec.requirements):
        return True
    if not lacks.isdisjoint(trace.examined):
        return True
    return any(
        fnmatchcase(operation.removeprefix("!"), pattern)
        for operation in trace.asked
        for pattern in variant.seen_at.split()
    )
