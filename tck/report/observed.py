"""What an endpoint declares, beside what was observed of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tck.report.result import Outcome, Result, Status
from tck.schemas.operations import API


@dataclass(frozen=True, slots=True)
class Observed:
    """One row: a collection or feature, and the statuses of the requirements about it.

    `requests` and `succeeded` are None for a feature, whose requests are its collection's.
    """

    name: str
    declared: bool
    requests: int | None
    succeeded: int | None
    statuses: Counter[Status]
    remark: str


def collections(result: Result) -> Iterator[Observed]:
    """Every collection of the API, then those that only this endpoint has."""
    declared = set(result.capabilities.collections) if result.capabilities else set()
    outcomes = _grouped(result.outcomes, _collection)
    for name in (*API.top_level, *sorted(declared - set(API.top_level))):
        parts = [name, *(c.name for c in API.collections.values() if c.parent == name)]
        traffic = [result.traffic.of_collection(part) for part in parts]
        requests = sum(t.requests for t in traffic)
        succeeded = sum(t.succeeded for t in traffic)
        statuses = Counter(o.status for part in parts for o in outcomes.get(part, ()))
        row = Observed(name, name in declared, requests, succeeded, statuses, "")
        refusals = [str(r) for r in result.refused if r.collection == name]
        yield _with_remark(row, refusals, in_api=name in API.top_level)


def _with_remark(row: Observed, refusals: Sequence[str], *, in_api: bool) -> Observed:
    remark = ""
    if not in_api:
        remark = "not a collection of the API: nothing is demanded of it"
    elif row.declared and not row.requests:
        remark = "declared, but no request was sent to it"
    elif row.declared and not row.succeeded:
        remark = "declared, but nothing succeeded"
    elif not row.declared and row.succeeded:
        remark = "served, but not declared"
    elif refusals:
        remark = "declared, but refused: " + "; ".join(refusals)
    return Observed(row.name, row.declared, row.requests, row.succeeded, row.statuses, remark)


def _grouped(
    outcomes: Iterable[Outcome], name_of: Callable[[Outcome], str]
) -> Mapping[str, Sequence[Outcome]]:
    """Outcomes by name: an endpoint may declare so many names that each must not go over all."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(name_of(outcome), []).append(outcome)
    return groups


def _collection(outcome: Outcome) -> str:
    r = outcome.requirement
    by_operation, by_feature = ((part or "").partition(".")[0] for part in (r.operation, r.feature))
    return by_operation or by_feature or r.collection or ""


def features(result: Result) -> Iterator[Observed]:
    """Every feature of the API, then those that only this endpoint announces."""
    declared = set(result.capabilities.features) if result.capabilities else set()
    outcomes = _grouped(result.outcomes, lambda o: o.requirement.feature or "")
    of_api = [f"{feature.collection}.{feature.name}" for feature in API.features]
    for name in (*of_api, *sorted(declared - set(of_api))):
        statuses = Counter(o.status for o in outcomes.get(name, ()))
        examined = sum(o.examined for o in outcomes.get(name, ()))
        remark = ""
        if name not in of_api:
            remark = "not a feature of the API: nothing is demanded of it"
        elif name in declared and statuses and not examined:
            remark = "announced, but not examined"
        elif name in declared and not statuses:
            remark = "no requirement is about it alone"
        yield Observed(name, name in declared, None, None, statuses, remark)
