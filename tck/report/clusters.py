"""Findings grouped by their likely cause, so that a report shows one mistake once.

One mistake of a server causes many findings: a rule sees it in every document, and checks fail on
what the rule saw. The kit cannot know the mistake; it groups findings by what they have in common.

Each finding gets a set of traits, small tuples such as ("shape", "@href", "<url>", "<path>"): the
kind of place with the shapes of what was expected and got, the judge with place and shape, the
operation with a 5xx status. A shape is a text with its values taken out, so that findings about
`/api/keys/k1` and `/api/keys/k2` match. Findings that share a trait are in one group, and so are
those that share one with another member of it (union-find in `_join`). Besides, a check's finding
joins a rule's if it mentions the very value that the rule found wrong.

Two mistakes can end up in one group, and one mistake in two. That affects reading only: findings
stay as they are, and statuses and verdict do not depend on groups. Status codes are the weakest
trait, since many causes end in 404, and therefore count only with the same operation.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

from tck.endpoint import files
from tck.report.ledger import Finding
from tck.report.result import Outcome, Status
from tck.requirements import Requirement
from tck.rules import RULES

_INDEX = re.compile(r"\[\d+\]")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_WORD = re.compile(r"\w+(?:[.-]+\w+)*")
_SHORTEST_VALUE = 8  # characters; shorter values occur in two findings at random
_MOST_VALUES = 400  # that are searched for, since each is compared with every finding


@dataclass(frozen=True, slots=True)
class Evidence:
    """A finding with the requirement that it violates."""

    requirement: Requirement
    finding: Finding


@dataclass(frozen=True, slots=True)
class Cluster:
    """Findings of one likely cause, the most telling first."""

    evidence: tuple[Evidence, ...]

    @property
    def first(self) -> Evidence:
        """The evidence to show first."""
        return self.evidence[0]

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """Every requirement that is violated, without repetition, in the order of the evidence."""
        return tuple({e.requirement.id: e.requirement for e in self.evidence}.values())

    @property
    def count(self) -> int:
        """How often its findings occurred in all."""
        return sum(evidence.finding.count for evidence in self.evidence)


def causes(outcomes: Iterable[Outcome]) -> list[Cluster]:
    """What is wrong, as reports show it: failures, then what only deserves a warning."""
    return clusters(o for o in outcomes if o.status in (Status.FAIL, Status.WARN))


def clusters(outcomes: Iterable[Outcome]) -> list[Cluster]:
    """The findings of some outcomes grouped by likely cause: MUSTs first, then by size."""
    evidence = [Evidence(o.requirement, f) for o in outcomes for f in o.findings]
    groups = _join(len(evidence), [set(_traits(e)) for e in evidence], _shared_values(evidence))
    joined = [Cluster(tuple(sorted((evidence[n] for n in group), key=_rank))) for group in groups]
    return sorted(joined, key=lambda c: (_rank(c.first)[0], -len(c.requirements), -c.count))


def _rank(evidence: Evidence) -> tuple[bool, bool, int]:
    """Sorts MUSTs before the rest, and rules (which see a mistake where it is) before checks."""
    by_rule = evidence.finding.by in RULES
    return evidence.requirement.level != "MUST", not by_rule, -evidence.finding.count


def _join(
    count: int, traits: list[set[Hashable]], pairs: Iterable[tuple[int, int]]
) -> list[list[int]]:
    """Numbers below `count` in groups, joined by a common trait or by a pair (union-find)."""
    parent = list(range(count))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = n = parent[parent[n]]
        return n

    first_with: dict[Hashable, int] = {}
    for n, own in enumerate(traits):
        for trait in own:
            parent[root(n)] = root(first_with.setdefault(trait, n))
    for one, other in pairs:
        parent[root(one)] = root(other)
    groups: dict[int, list[int]] = {}
    for n in range(count):
        groups.setdefault(root(n), []).append(n)
    return list(groups.values())


# ---------------------------------------------------------------- what findings have in common


def _traits(evidence: Evidence) -> Iterator[Hashable]:
    finding = evidence.finding
    operation, status = _operation_and_status(finding)
    place, got = _kind_of_place(finding.place), _shape(finding.got)
    judge = finding.by.partition("[")[0]
    if place == "status":
        # many causes end in 404: only for the same operation it is likely the same one
        yield "status", operation, finding.got
        yield "judge", judge, evidence.requirement.id, finding.got
    else:
        yield "judge", judge, place, got
        yield "shape", place, _shape(finding.expected), got
    if status >= 500:
        yield "crash", operation, status


def _operation_and_status(finding: Finding) -> tuple[str, int]:
    """Operation and status of the exchange that shows a finding."""
    if finding.exchange is None:
        return "", 0
    x = files.from_json(finding.exchange)
    return (x.operation.id if x.operation else x.request.path), x.status


def _kind_of_place(place: str) -> str:
    """The last step of a path (`@href`, `state`); a header field or `status` as it is."""
    return _INDEX.sub("", place).rstrip("/").rpartition("/")[2].rpartition(".")[2].lower()


def _shape(text: str) -> str:
    """A text with its values taken out; paths and URLs stay different."""
    return _WORD.sub(_kind_of_word, _QUOTED.sub(_kind_of_value, text))


def _kind_of_word(match: re.Match[str]) -> str:
    return "0" if any(map(str.isdecimal, match[0])) else match[0]


def _kind_of_value(match: re.Match[str]) -> str:
    value = match[0][1:-1]
    if "://" in value:
        return "<url>"
    if value.startswith("/"):
        return "<path>"
    return "<>" if value else "<empty>"


def _shared_values(evidence: list[Evidence]) -> Iterator[tuple[int, int]]:
    """Pairs of evidence: a check's finding mentions a value that a rule found wrong."""
    values = [
        (value, n)
        for n, e in enumerate(evidence)
        if e.finding.by in RULES
        for value in (m[0][1:-1] for m in _QUOTED.finditer(e.finding.got))
        if len(value) >= _SHORTEST_VALUE
    ]
    texts = [_text_of_check(e.finding) for e in evidence]
    frequency = Counter(value for value, _ in values)
    for value, n in values[:_MOST_VALUES]:
        for m, text in enumerate(texts):
            if m != n and frequency[value] < len(evidence) and value in text:
                yield m, n


def _text_of_check(finding: Finding) -> str:
    """What a check's finding says, with the path it asked for; empty for a rule's finding."""
    if finding.by in RULES:
        return ""
    path = finding.exchange["request"]["path"] if finding.exchange else ""
    return f"{finding.expected}\n{finding.got}\n{path}"
