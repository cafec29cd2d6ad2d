"""What differs between two results: of one endpoint on two days, or of two implementations."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tck.report.ledger import Finding
from tck.report.result import Outcome, Result, Status
from tck.report.traffic import OperationTraffic, Traffic

_EXAMINED = (Status.PASS, Status.FAIL, Status.WARN, Status.EXCLUDED)
# A shift is told if chance hardly makes it (standard deviations), and if anybody would notice.
_SIGMAS, _RATIO, _MILLISECONDS, _FEWEST = 4.0, 1.5, 5.0, 10


@dataclass(frozen=True, slots=True)
class Change:
    """A requirement that stands otherwise; an outcome is None where a result lacks it."""

    id: str
    before: Outcome | None
    after: Outcome | None

    @property
    def statuses(self) -> tuple[str, str]:
        """Both statuses, `absent` where a result lacks the requirement."""
        one, other = (str(o.status) if o else "absent" for o in (self.before, self.after))
        return one, other

    @property
    def outcome(self) -> Outcome:
        """The later outcome, or the only one."""
        found = self.after or self.before
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Shift:
    """An operation that takes another time than before: medians in milliseconds."""

    operation: str
    before: float
    after: float

    @property
    def ratio(self) -> float:
        """How many times as long it takes."""
        return self.after / self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences, in the words in which they are told.

    `pace`: how many times as long answers take over all operations (network, machine), which is
    no shift of any one of them.
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
        """True if something fails or is unexamined that was right before."""
        return any(self.changes[name] for name in ("newly failing", "fails otherwise", "lost"))

    @property
    def differing(self) -> tuple[Change, ...]:
        """Every requirement that stands otherwise, in the catalogue's order."""
        found = {c.id: c for changes in self.changes.values() for c in changes}
        return tuple(found[id_] for id_ in _ids(self.before, self.after) if id_ in found)


KINDS = (
    "newly failing",
    "fails otherwise",
    "fixed",
    "newly warned of",
    "no longer warned of",
    "lost",
    "newly examined",
    "otherwise different",
)


def compare(before: Result, after: Result) -> Comparison:
    """Compare two results."""
    one = {o.requirement.id: o for o in before.outcomes}
    other = {o.requirement.id: o for o in after.outcomes}
    changes: dict[str, list[Change]] = {kind: [] for kind in KINDS}
    for id_ in _ids(before, after):
        change = Change(id_, one.get(id_), other.get(id_))
        if kind := _kind(change):
            changes[kind].append(change)
    pace = _pace(before.traffic, after.traffic)
    return Comparison(
        before,
        after,
        {kind: tuple(found) for kind, found in changes.items()},
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
        return "fails otherwise" if new is Status.FAIL and _anew(change) else ""
    kinds = (
        (new is Status.FAIL, "newly failing"),
        (old is Status.FAIL and new in _EXAMINED, "fixed"),
        (new is Status.WARN, "newly warned of"),
        (old is Status.WARN and new in _EXAMINED, "no longer warned of"),
        (old in _EXAMINED and new not in _EXAMINED, "lost"),
        (old not in _EXAMINED and new in _EXAMINED, "newly examined"),
    )
    return next((kind for holds, kind in kinds if holds), "otherwise different")


def _anew(change: Change) -> set[tuple[str, str]]:
    """Findings that were not there before, by who found them and where."""
    one, other = (_places(o.findings if o else ()) for o in (change.before, change.after))
    return other - one


def _places(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(f.key[1], f.key[2]) for f in findings}


def _declared(before: Result, after: Result) -> Iterator[str]:
    """Collections and features that came and went."""
    if before.capabilities is None or after.capabilities is None:
        return
    for name in ("collections", "features"):
        one, other = (set(getattr(r.capabilities, name)) for r in (before, after))
        yield from (f"+ {found}" for found in sorted(other - one))
        yield from (f"- {found}" for found in sorted(one - other))


def _levels(before: Result, after: Result) -> Iterator[tuple[str, str, str]]:
    one = {level.title: str(level.standing) for level in before.levels}
    other = {level.title: str(level.standing) for level in after.levels}
    for title in dict.fromkeys([*one, *other]):
        yield title, one.get(title, "absent"), other.get(title, "absent")


# ---------------------------------------------------------------- times


def _common(before: Traffic, after: Traffic) -> Iterator[tuple[str, OperationTraffic, Any]]:
    for operation in before:
        if operation in after:
            one, other = before[operation], after[operation]
            if min(one.requests, other.requests) >= _FEWEST:
                yield operation, one, other


def _pace(before: Traffic, after: Traffic) -> float:
    """The ratio of medians that half of the operations exceed."""
    ratios = [b.quantile(0.5) / a.quantile(0.5) for _, a, b in _common(before, after)]
    return statistics.median(ratios) if ratios else 1.0


def _shifts(before: Traffic, after: Traffic, pace: float) -> Iterator[Shift]:
    """Operations whose times differ by more than chance and the common pace explain."""
    for operation, one, other in _common(before, after):
        shift = Shift(operation, one.quantile(0.5), other.quantile(0.5))
        apart = abs(shift.after - shift.before * pace) >= _MILLISECONDS
        ratio = shift.ratio / pace
        if apart and max(ratio, 1 / ratio) >= _RATIO and abs(_z(one, other)) >= _SIGMAS:
            yield shift


def _z(one: OperationTraffic, other: OperationTraffic) -> float:
    """Mann and Whitney's rank test over the steps of the histograms, as standard deviations."""
    n, m = one.times.total(), other.times.total()
    total, below, above, ties = n + m, 0, 0.0, 0
    for step in sorted({*one.times, *other.times}):
        above += other.times[step] * (below + one.times[step] / 2)
        below += one.times[step]
        tied = one.times[step] + other.times[step]
        ties += tied**3 - tied
    variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
    return (above - n * m / 2) / math.sqrt(variance) if variance > 0 else 0.0
