"""What differs between two results: of one endpoint on two days, or of two implementations."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tck.report.ledger import Finding
from tck.report.result import Outcome, Result, Status
from tck.report.traffic import OperationTraffic, Traffic

_EXAMINED = (Status.PASS, Status.FAIL, Status.WARN, Status.EXCLUDED)
# A shift is reported if it is unlikely to be random (standard deviations) and big enough to notice.
_SIGMAS, _RATIO, _MILLISECONDS, _FEWEST = 4.0, 1.5, 5.0, 10


@dataclass(frozen=True, slots=True)
class Change:
    """A requirement whose outcome changed; an outcome is None where a result lacks it."""

    id: str
    before: Outcome | None
    after: Outcome | None

    @property
    def statuses(self) -> tuple[str, str]:
        """Both statuses, `absent` where a result lacks the requirement."""
        before, after = (str(o.status) if o else "absent" for o in (self.before, self.after))
        return before, after

    @property
    def outcome(self) -> Outcome:
        """The later outcome, or the only one."""
        outcome = self.after or self.before
        assert outcome is not None
        return outcome


@dataclass(frozen=True, slots=True)
class Shift:
    """An operation that became slower or faster: medians in milliseconds."""

    operation: str
    before: float
    after: float

    @property
    def ratio(self) -> float:
        """The time after, as a multiple of the time before."""
        return self.after / self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences between two results.

    `changes` by kind (`KINDS`); `declared`: collections and features that came (`+ keys`) or went;
    `levels`: (title, standing before, standing after). `pace`: the factor by which answers of all
    operations together became slower (network, machine); `shifts` are what it does not explain.
    """

    before: Result
    after: Result
    changes: Mapping[str, tuple[Change, ...]]
    shifts: tuple[Shift, ...]
    pace: float
    declared: tuple[str, ...]
    levels: tuple[tuple[str, str, str], ...]

    @property
    def worse(self) -> bool:
        """True if a requirement newly fails, fails differently, or is no longer examined."""
        return any(self.changes[name] for name in ("newly failing", "fails differently", "lost"))

    @property
    def differing(self) -> tuple[Change, ...]:
        """Every requirement whose outcome changed, in the catalogue's order."""
        changed = {c.id: c for changes in self.changes.values() for c in changes}
        return tuple(changed[id_] for id_ in _ids(self.before, self.after) if id_ in changed)


KINDS = (
    "newly failing",
    "fails differently",
    "fixed",
    "newly warned of",
    "no longer warned of",
    "lost",
    "newly examined",
    "other changes",
)


def compare(before: Result, after: Result) -> Comparison:
    """Compare two results."""
    old = {o.requirement.id: o for o in before.outcomes}
    new = {o.requirement.id: o for o in after.outcomes}
    changes: dict[str, list[Change]] = {kind: [] for kind in KINDS}
    for id_ in _ids(before, after):
        change = Change(id_, old.get(id_), new.get(id_))
        if kind := _kind(change):
            changes[kind].append(change)
    pace = _pace(before.traffic, after.traffic)
    return Comparison(
        before,
        after,
        {kind: tuple(of_kind) for kind, of_kind in changes.items()},
        tuple(_shifts(before.traffic, after.traffic, pace)),
        pace,
        tuple(_declared(before, after)),
        tuple(_levels(before, after)),
    )


def _ids(before: Result, after: Result) -> list[str]:
    return list(dict.fromkeys(o.requirement.id for r in (after, before) for o in r.outcomes))


def _kind(change: Change) -> str:
    """The kind of a change, empty if there is none."""
    old, new = (o.status if o else None for o in (change.before, change.after))
    if old == new:
        return "fails differently" if new is Status.FAIL and _new_findings(change) else ""
    kinds = (
        (new is Status.FAIL, "newly failing"),
        (old is Status.FAIL and new in _EXAMINED, "fixed"),
        (new is Status.WARN, "newly warned of"),
        (old is Status.WARN and new in _EXAMINED, "no longer warned of"),
        (old in _EXAMINED and new not in _EXAMINED, "lost"),
        (old not in _EXAMINED and new in _EXAMINED, "newly examined"),
    )
    return next((kind for holds, kind in kinds if holds), "other changes")


def _new_findings(change: Change) -> set[tuple[str, str]]:
    """Findings that were not there before: (rule or check, place)."""
    before, after = (_places(o.findings if o else ()) for o in (change.before, change.after))
    return after - before


def _places(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(f.key[1], f.key[2]) for f in findings}


def _declared(before: Result, after: Result) -> Iterator[str]:
    """Collections and features that came and went."""
    if before.capabilities is None or after.capabilities is None:
        return
    for name in ("collections", "features"):
        old, new = (set(getattr(r.capabilities, name)) for r in (before, after))
        yield from (f"+ {added}" for added in sorted(new - old))
        yield from (f"- {removed}" for removed in sorted(old - new))


def _levels(before: Result, after: Result) -> Iterator[tuple[str, str, str]]:
    old = {level.title: str(level.standing) for level in before.levels}
    new = {level.title: str(level.standing) for level in after.levels}
    for title in dict.fromkeys([*old, *new]):
        yield title, old.get(title, "absent"), new.get(title, "absent")


# ---------------------------------------------------------------- times


def _comparable(
    before: Traffic, after: Traffic
) -> Iterator[tuple[str, OperationTraffic, OperationTraffic]]:
    """Operations with enough requests in both results, with both traffics."""
    for operation in before:
        if operation in after:
            old, new = before[operation], after[operation]
            if min(old.requests, new.requests) >= _FEWEST:
                yield operation, old, new


def _pace(before: Traffic, after: Traffic) -> float:
    """The median, over all operations, of the ratio of their median times."""
    ratios = [b.quantile(0.5) / a.quantile(0.5) for _, a, b in _comparable(before, after)]
    return statistics.median(ratios) if ratios else 1.0


def _shifts(before: Traffic, after: Traffic, pace: float) -> Iterator[Shift]:
    """Operations whose times differ by more than noise and the common pace explain."""
    for operation, old, new in _comparable(before, after):
        shift = Shift(operation, old.quantile(0.5), new.quantile(0.5))
        apart = abs(shift.after - shift.before * pace) >= _MILLISECONDS
        ratio = shift.ratio / pace
        if apart and max(ratio, 1 / ratio) >= _RATIO and abs(_rank_test(old, new)) >= _SIGMAS:
            yield shift


def _rank_test(old: OperationTraffic, new: OperationTraffic) -> float:
    """Mann-Whitney rank test over the steps of the histograms, in standard deviations."""
    n, m = old.times.total(), new.times.total()
    total, below, above, ties = n + m, 0, 0.0, 0
    for step in sorted({*old.times, *new.times}):
        above += new.times[step] * (below + old.times[step] / 2)
        below += old.times[step]
        tied = old.times[step] + new.times[step]
        ties += tied**3 - tied
    variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
    return (above - n * m / 2) / math.sqrt(variance) if variance > 0 else 0.0
