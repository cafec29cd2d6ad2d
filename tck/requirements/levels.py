"""Levels of certification: dated sets of requirements, and how an endpoint stands to them.

A set lists by id and digest what each level demands, so that a requirement added or changed
later fails nobody who was certified before. An endpoint is held to what it declares.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from tck.requirements import Requirement

CURRENT = "2026.12"


class Standing(StrEnum):
    """How an endpoint stands to a level."""

    MET = "met"
    PARTIAL = "met in part"
    DEVIATING = "met but for accepted deviations"
    NOT_MET = "not met"
    UNEXAMINED = "not examined"
    NOT_DECLARED = "not declared"

    @property
    def certified(self) -> bool:
        """True if a certificate may name the level, be it as a partial one."""
        return self in (Standing.MET, Standing.PARTIAL)


@dataclass(frozen=True, slots=True)
class Level:
    """What a level demands.

    To claim it an endpoint lists all of `needs`, or of `collections` any if there are none;
    it is whole with all of `collections`; `optional` ones are judged where they are listed.
    `demands`: requirement id to the digest of what it said when the set was frozen.
    """

    name: str
    title: str
    text: str
    rests_on: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    demands: Mapping[str, str] = field(default_factory=dict)

    @property
    def sums_up(self) -> bool:
        """True of a level that demands nothing of its own but all of several others."""
        return len(self.rests_on) > 1


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A requirement that was taken out of a set after a successful challenge."""

    requirement: str
    date: str
    reason: str


@dataclass(frozen=True, slots=True)
class RequirementSet:
    """A dated set; `digest` identifies its content in signed statements."""

    version: str
    frozen: str
    levels: Mapping[str, Level]
    exclusions: tuple[Exclusion, ...]
    digest: str

    @property
    def excluded(self) -> frozenset[str]:
        """Ids that no longer count."""
        return frozenset(exclusion.requirement for exclusion in self.exclusions)


@dataclass(frozen=True, slots=True)
class LevelOutcome:
    """How an endpoint stands to one level; the lists hold requirement ids or collections."""

    name: str
    title: str
    standing: Standing
    reason: str
    demanded: int
    met: int
    declared: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    unexamined: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The form in results.json."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}


def digest_of(requirement: Requirement) -> str:
    """What must not change of a requirement once a set that demands it is frozen."""
    r = requirement
    normative = (r.level, r.text, r.collection, r.feature, r.operation, r.format, r.if_any)
    return hashlib.sha256(repr(normative).encode()).hexdigest()[:12]


def versions() -> tuple[str, ...]:
    """Versions of the sets that ship with the kit, the oldest first."""
    folder = resources.files(__package__) / "sets"
    return tuple(
        sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))
    )


@cache
def load(version: str = CURRENT) -> RequirementSet:
    """A set as shipped. Raises LookupError for a version that there is not."""
    if version not in versions():
        raise LookupError(f"no requirement set {version}; there are: {', '.join(versions())}")
    content = (resources.files(__package__) / "sets" / f"{version}.toml").read_bytes()
    data = tomllib.loads(content.decode("utf-8"))
    return RequirementSet(
        version=data["version"],
        frozen=data["frozen"].isoformat(),
        levels={name: _level(name, entry) for name, entry in data["levels"].items()},
        exclusions=tuple(
            Exclusion(e["requirement"], e["date"].isoformat(), e["reason"])
            for e in data.get("exclusions", ())
        ),
        digest=hashlib.sha256(content).hexdigest(),
    )


def _level(name: str, entry: Mapping[str, Any]) -> Level:
    lists = {
        key: tuple(entry.get(key, ())) for key in ("rests_on", "needs", "collections", "optional")
    }
    return Level(name, entry["title"], entry["text"], demands=entry.get("demands", {}), **lists)


def assess(
    wanted: RequirementSet,
    statuses: Mapping[str, str],
    declared: Collection[str],
    obstacle: str = "",
) -> tuple[LevelOutcome, ...]:
    """How an endpoint stands to every level of a set.

    `statuses`: status by requirement id, as in results.json; `declared`: the collections of its
    entry point; `obstacle`: why this run cannot certify anything (not whole, leaks), or empty.
    """
    found: dict[str, LevelOutcome] = {}
    for level in wanted.levels.values():
        below = [found[name] for name in level.rests_on]
        demands = [id_ for id_ in level.demands if id_ not in wanted.excluded]
        outcome = _assess(level, demands, statuses, declared, below, obstacle)
        found[level.name] = _sum(outcome, below) if level.sums_up else outcome
    return tuple(found.values())


def _assess(
    level: Level,
    demands: Sequence[str],
    statuses: Mapping[str, str],
    declared: Collection[str],
    below: Sequence[LevelOutcome],
    obstacle: str,
) -> LevelOutcome:
    def having(*wanted: str) -> tuple[str, ...]:
        return tuple(id_ for id_ in demands if statuses.get(id_, "absent") in wanted)

    known = [*level.collections, *level.optional]
    outcome = LevelOutcome(
        name=level.name,
        title=level.title,
        standing=Standing.MET,
        reason="",
        demanded=len(demands) - len(having("not-applicable")),
        met=len(having("pass", "warn")),
        declared=tuple(name for name in known if name in declared),
        lacking=tuple(name for name in level.collections if name not in declared),
        failed=having("fail"),
        unexamined=having("inconclusive", "kit-error", "absent"),
        accepted=having("excluded"),
    )
    standing, reason = _standing(level, outcome, declared, below, obstacle)
    return replace(outcome, standing=standing, reason=reason)


def _sum(outcome: LevelOutcome, below: Sequence[LevelOutcome]) -> LevelOutcome:
    """A level that sums up is met whole or not at all; of partial ones there would be no end."""
    standing, reason = outcome.standing, outcome.reason
    if standing.certified and (missing := reason.removeprefix("without ")):
        standing, reason = Standing.NOT_DECLARED, f"the endpoint is without {missing}"
    return replace(
        outcome,
        standing=standing,
        reason=reason,
        demanded=sum(lower.demanded for lower in below),
        met=sum(lower.met for lower in below),
    )


def _standing(
    level: Level,
    outcome: LevelOutcome,
    declared: Collection[str],
    below: Sequence[LevelOutcome],
    obstacle: str,
) -> tuple[Standing, str]:
    """The first of these that holds, the gravest first."""

    def lower(standing: Standing) -> str:
        titles = [rest.title for rest in below if rest.standing is standing]
        return f"{_some(titles)}, on which it rests: {standing}" if titles else ""

    needed = [name for name in level.needs if name not in declared]
    if level.collections and not outcome.declared and not level.sums_up:
        needed = needed or list(level.collections)
    part = [rest.title for rest in below if rest.standing is not Standing.MET]
    reasons = (
        (Standing.NOT_DECLARED, "the endpoint does not list ", needed),
        (Standing.NOT_MET, "failed: ", outcome.failed),
        (Standing.NOT_MET, "", lower(Standing.NOT_MET)),
        (Standing.UNEXAMINED, "", lower(Standing.UNEXAMINED)),
        (Standing.UNEXAMINED, "nothing was examined for ", outcome.unexamined),
        (Standing.UNEXAMINED, "", obstacle),
        (Standing.DEVIATING, "", lower(Standing.DEVIATING)),
        (Standing.DEVIATING, "accepted deviations from ", outcome.accepted),
        (Standing.PARTIAL, "without ", (*outcome.lacking, *part)),
    )
    for standing, said, about in reasons:
        if about:
            return standing, said + (about if isinstance(about, str) else _some(about))
    return Standing.MET, ""


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:6]) + (f" and {len(ids) - 6} more" if len(ids) > 6 else "")
