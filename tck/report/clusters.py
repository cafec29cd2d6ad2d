"""Findings that have one cause, told together.

A server that is wrong in one way is found wrong by many: by a rule in every document, by checks
that stumble over what the rule saw. Findings are joined when they have a trait in common: the
same kind of value in the same kind of place, the same judge with the same answer, the same
operation answered with the same failure; or when one shows the very value that another found
wrong. Joining is for reading only: every finding stays what it is, and statuses do not depend
on it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

from tck.endpoint import files
from tck.report.ledger import Finding
from tck.report.result import Outcome
from tck.requirements import Requirement
from tck.rules import RULES

_INDEX = re.compile(r"\[\d+\]")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"\b[\w.-]*\d[\w.-]*\b")
_FEWEST_CHARACTERS = 8  # of a value that two findings can have in common by no accident
_MOST_VALUES = 400


@dataclass(frozen=True, slots=True)
class Evidence:
    """A finding with the requirement that it violates."""

    requirement: Requirement
    finding: Finding


@dataclass(frozen=True, slots=True)
class Cluster:
    """Evidence with one cause; the first says most about it."""

    evidence: tuple[Evidence, ...]

    @property
    def first(self) -> Evidence:
        """The evidence to begin with."""
        return self.evidence[0]

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """Every requirement that is violated, that of the first evidence first."""
        return tuple({e.requirement.id: e.requirement for e in self.evidence}.values())

    @property
    def count(self) -> int:
        """How often it occurred."""
        return sum(evidence.finding.count for evidence in self.evidence)


def clusters(outcomes: Iterable[Outcome]) -> list[Cluster]:
    """The findings of some outcomes by cause: the most telling first."""
    evidence = [Evidence(o.requirement, f) for o in outcomes for f in o.findings]
    groups = _join(len(evidence), [set(_traits(e)) for e in evidence], _shared_values(evidence))
    found = [Cluster(tuple(sorted((evidence[n] for n in group), key=_rank))) for group in groups]
    return sorted(found, key=lambda c: (_rank(c.first)[0], -len(c.requirements), -c.count))


def _rank(evidence: Evidence) -> tuple[bool, bool, int]:
    """MUSTs before the rest, rules (which see a cause where it is) before checks."""
    by_rule = evidence.finding.by in RULES
    return evidence.requirement.level != "MUST", not by_rule, -evidence.finding.count


def _join(
    count: int, traits: list[set[Hashable]], pairs: Iterable[tuple[int, int]]
) -> list[list[int]]:
    """Numbers below `count` in groups: those that share a trait, or are a pair."""
    parent = list(range(count))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = n = parent[parent[n]]
        return n

    seen: dict[Hashable, int] = {}
    for n, own in enumerate(traits):
        for trait in own:
            parent[root(n)] = root(seen.setdefault(trait, n))
    for one, other in pairs:
        parent[root(one)] = root(other)
    groups: dict[int, list[int]] = {}
    for n in range(count):
        groups.setdefault(root(n), []).append(n)
    return list(groups.values())


# ---------------------------------------------------------------- what findings have in common


def _traits(evidence: Evidence) -> Iterator[Hashable]:
    finding = evidence.finding
    operation, status = _asked(finding)
    place, got = _kind_of_place(finding.place), _shape(finding.got)
    judge = finding.by.partition("[")[0]
    if place == "status":
        # many causes answer 404: only where the same was asked for it is likely the same one
        yield "status", operation, finding.got
        yield "judge", judge, evidence.requirement.id, finding.got
    else:
        yield "judge", judge, place, got
        yield "shape", place, _shape(finding.expected), got
    if status >= 500:
        yield "crash", operation, status


def _asked(finding: Finding) -> tuple[str, int]:
    """Operation and status of the exchange that shows a finding."""
    if finding.exchange is None:
        return "", 0
    x = files.from_json(finding.exchange)
    return (x.operation.id if x.operation else x.request.path), x.status


def _kind_of_place(place: str) -> str:
    """The last step of a path: `@href`, `state`; a header field or `status` as it is."""
    return _INDEX.sub("", place).rstrip("/").rpartition("/")[2].rpartition(".")[2].lower()


def _shape(text: str) -> str:
    """A text without the values in it: a path and a URL stay told apart."""
    return _NUMBER.sub("0", _WORD.sub("0", _QUOTED.sub(_kind_of_value, text)))


def _kind_of_value(match: re.Match[str]) -> str:
    value = match[0][1:-1]
    if "://" in value:
        return "<url>"
    if value.startswith("/"):
        return "<path>"
    return "<>" if value else "<empty>"


def _shared_values(evidence: list[Evidence]) -> Iterator[tuple[int, int]]:
    """Pairs of evidence: a value that one found wrong is seen in the other."""
    values = [
        (value, n)
        for n, e in enumerate(evidence)
        if e.finding.by in RULES
        for value in (m[0][1:-1] for m in _QUOTED.finditer(e.finding.got))
        if len(value) >= _FEWEST_CHARACTERS
    ]
    told = [_told(e.finding) for e in evidence]
    common = Counter(value for value, _ in values)
    for value, n in values[:_MOST_VALUES]:
        for m, text in enumerate(told):
            if m != n and common[value] < len(evidence) and value in text:
                yield m, n


def _told(finding: Finding) -> str:
    """What a check tells, and which URL it asked for."""
    if finding.by in RULES:
        return ""
    asked = finding.exchange["request"]["path"] if finding.exchange else ""
    return f"{finding.expected}\n{finding.got}\n{asked}"
