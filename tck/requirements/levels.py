"""Levels of certification: dated sets of requirements, and which levels an endpoint meets.

A set lists, by id and digest, what each level demands, so that a requirement that is added or
changed later cannot fail an endpoint that was certified before. An endpoint is held to what it
declares (docs/requirement-sets.md).
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
from tck.requirements.catalogue import Side

CURRENT = "2026.12"


class Standing(StrEnum):
    """Whether an endpoint meets a level; the values are in results.json."""

    MET = "met"
    PARTIAL = "met in part"
    DEVIATING = "met but for accepted deviations"
    NOT_MET = "not met"
    UNEXAMINED = "not examined"
    NOT_DECLARED = "not declared"

    @property
    def certified(self) -> bool:
        """True if a certificate may name the level (met, or met in part)."""
        return self in (Standing.MET, Standing.PARTIAL)


@dataclass(frozen=True, slots=True)
class Level:
    """What a level demands.

    An endpoint claims it by listing all of `needs` or, if `needs` is empty, any of `collections`.
    With all of `collections` it is met as a whole, with some of them in part. Those in `optional`
    are judged if listed and not missed otherwise. `rests_on`: levels that must be met as well.
    `demands`: requirement id to the digest of what it said when the set was frozen. `side`: whether
    endpoints or clients claim it; `scenarios` in which a client must have been run for it.
    """

    name: str
    title: str
    text: str
    rests_on: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    demands: Mapping[str, str] = field(default_factory=dict)
    side: Side = "server"
    scenarios: tuple[str, ...] = ()

    @property
    def sums_up(self) -> bool:
        """True for a level that demands nothing itself, but several other levels (Full)."""
        return len(self.rests_on) > 1


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A requirement that was taken out of a set after a successful challenge."""

    requirement: str
    date: str
    reason: str


@dataclass(frozen=True, slots=True)
class RequirementSet:
    """A dated set. `frozen`: ISO date; `digest`: SHA-256 of its file, named in statements."""

    version: str
    frozen: str
    levels: Mapping[str, Level]
    exclusions: tuple[Exclusion, ...]
    digest: str

    @property
    def excluded(self) -> frozenset[str]:
        """Ids of requirements that no longer count."""
        return frozenset(exclusion.requirement for exclusion in self.exclusions)


@dataclass(frozen=True, slots=True)
class LevelOutcome:
    """Whether an endpoint meets one level, and why not.

    `demanded`, `met`: numbers of requirements. `declared` and `lacking`: collections of the level
    that the endpoint lists and does not list. `failed`, `unexamined` and `accepted` (violated, but
    accepted as deviations): requirement ids.
    """

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
    """Digest of everything in a requirement that must not change once a set has frozen it."""
    r = requirement
    normative = (r.level, r.text, r.collection, r.feature, r.operation, r.format, r.if_any)
    return hashlib.sha256(repr(normative).encode()).hexdigest()[:12]


def versions() -> tuple[str, ...]:
    """Versions of the sets that ship with the kit (`2026.12`), oldest first."""
    folder = resources.files(__package__) / "sets"
    return tuple(
        sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))
    )


@cache
def load(version: str = CURRENT) -> RequirementSet:
    """A set as shipped. Raises LookupError for an unknown version."""
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
        key: tuple(entry.get(key, ()))
        for key in ("rests_on", "needs", "collections", "optional", "scenarios")
    }
    demands, side = entry.get("demands", {}), entry.get("side", "server")
    return Level(name, entry["title"], entry["text"], demands=demands, side=side, **lists)


def assess(
    requirement_set: RequirementSet,
    statuses: Mapping[str, str],
    declared: Collection[str],
    obstacle: str = "",
    refusals: Collection[tuple[str, str]] = (),
    side: Side = "server",
) -> tuple[LevelOutcome, ...]:
    """Whether an endpoint, or a client, meets each level that there is for it in a set.

    `statuses`: status by requirement id, as in results.json; `declared`: collections that the entry
    point lists; `obstacle`: why this run cannot certify anything (not whole, leaks), or empty;
    `refusals`: collections that are declared and cannot be created, with words for that: a level
    that holds them is met in part.
    """
    outcomes: dict[str, LevelOutcome] = {}
    for level in requirement_set.levels.values():
        if side not in (level.side, "both"):
            continue
        below = [outcomes[name] for name in level.rests_on]
        demands = [id_ for id_ in level.demands if id_ not in requirement_set.excluded]
        outcome = _assess(level, demands, statuses, declared, below, obstacle)
        held = {*level.needs, *level.collections}
        outcome = _refusing(outcome, [words for name, words in refusals if name in held])
        outcomes[level.name] = _sum(outcome, below) if level.sums_up else outcome
    return tuple(outcomes.values())


def _assess(
    level: Level,
    demands: Sequence[str],
    statuses: Mapping[str, str],
    declared: Collection[str],
    below: Sequence[LevelOutcome],
    obstacle: str,
) -> LevelOutcome:
    def having(*among: str) -> tuple[str, ...]:
        return tuple(id_ for id_ in demands if statuses.get(id_, "absent") in among)

    collections = [*level.collections, *level.optional]
    outcome = LevelOutcome(
        name=level.name,
        title=level.title,
        standing=Standing.MET,
        reason="",
        demanded=len(demands) - len(having("not-applicable")),
        met=len(having("pass", "warn")),
        declared=tuple(name for name in collections if name in declared),
        lacking=tuple(name for name in level.collections if name not in declared),
        failed=having("fail"),
        unexamined=having("inconclusive", "kit-error", "absent"),
        accepted=having("excluded"),
    )
    standing, reason = _standing(level, outcome, declared, below, obstacle)
    return replace(outcome, standing=standing, reason=reason)


def _refusing(outcome: LevelOutcome, refusals: Sequence[str]) -> LevelOutcome:
    """Met in part, if something of the level is declared and cannot be created."""
    if not refusals or not outcome.standing.certified:
        return outcome
    reason = "; ".join(filter(None, (outcome.reason, ", ".join(refusals))))
    return replace(outcome, standing=Standing.PARTIAL, reason=reason)


def _sum(outcome: LevelOutcome, below: Sequence[LevelOutcome]) -> LevelOutcome:
    """The outcome of a level that sums up others: met as a whole or not at all, never in part."""
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
    """The standing and its reason: the first of `reasons` that applies, most serious first."""

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
    for standing, prefix, about in reasons:
        if about:
            return standing, prefix + (about if isinstance(about, str) else _some(about))
    return Standing.MET, ""


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:6]) + (f" and {len(ids) - 6} more" if len(ids) > 6 else "")
