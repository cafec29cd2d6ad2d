"""Findings grouped by their likely cause, so that a report shows one mistake once.

One mistake of a server causes many findings: a rule sees it in every document, and checks fail on
what the rule saw. The kit cannot know the mistake; it groups findings by what they have in common,
in two steps.

1. Findings that share a trait are one group, and so are those that share one with another member
   of it (union-find in `_join`). A trait is a small tuple that says what is wrong, over operations:
   ("shape", "@href", "<url>", "<path>") is the kind of place with the shapes of what was expected
   and got; a shape is a text with its values taken out. A DELETE that answers 200 instead of 204 is
   the same at all collections; other statuses (many causes end in 404) count with the same
   operation only. Besides, a check's finding joins a rule's if it mentions the very value, a long
   one, that the rule found wrong.
2. A group in which only checks found something may follow from another one of the same collection
   (`_followers`): it mentions a field or a value that a rule found wrong, or all it says is that
   two documents differ that should say the same (`_AGREEMENT`), which is so if one is wrong. It is
   added to that one group, and joins no two others, as a trait would.

Two mistakes can end up in one group, and one mistake in two. That affects reading only: findings
stay as they are, and statuses and verdict do not depend on groups. `prove --precision` measures it.
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
_STATUS = re.compile(r"\b[1-5]\d\d\b")
_NAMED = re.compile(r"<(\w+)>|key \"(\w+)\"")  # what a schema misses
_SHORTEST_VALUE = 8  # characters; shorter values occur in two findings at random
_SHORTEST_OF_ONE = 3  # the same, where both are about one collection
_MOST_VALUES = 400  # that are searched for, since each is compared with every finding
# That two documents say the same: list and member, XML and JSON.
_AGREEMENT = {"DC-API-010", "DC-DOC-013", "DC-DOC-016", "DC-DOC-020", "DC-IST-011"}
_SHARED = 20  # values of one finding
_PARENTS = {"blobs": "buckets", "rules": "firewalls"}


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
    def fails(self) -> bool:
        """Whether a MUST is violated."""
        return any(e.requirement.level == "MUST" for e in self.evidence)

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
    whole = _followers([[evidence[n] for n in group] for group in groups])
    joined = [Cluster(tuple(sorted(group, key=_rank))) for group in whole]
    return sorted(joined, key=lambda c: (not c.fails, -len(c.requirements), -c.count))


def _rank(evidence: Evidence) -> tuple[int, bool, int]:
    """Sorts by how directly the mistake is told, then MUSTs before the rest, then by number.

    A status that the requirement of an operation is about comes first, then what rules see, which
    see a mistake where it is; general requirements of statuses, and other checks; last that two
    documents differ, which does not say which of them is wrong.
    """
    requirement, finding = evidence.requirement, evidence.finding
    if requirement.id in _AGREEMENT:
        order = 4
    elif finding.place == "status":
        order = 0 if requirement.collection or requirement.operation else 2
    else:
        order = 1 if finding.by in RULES else 3
    return order, requirement.level != "MUST", -finding.count


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


def _followers(groups: list[list[Evidence]]) -> list[list[Evidence]]:
    """The groups, those that follow from another one added to it (see above)."""
    causes: dict[Hashable, int] = {}  # numbers of groups by what is wrong in them, the first each
    follows: list[int] = []
    for number, group in enumerate(groups):
        if not any(e.finding.by in RULES for e in group):
            follows.append(number)
        for e in group:
            for key in _wrong(e):
                causes.setdefault(key, number)
    joined = {number: list(group) for number, group in enumerate(groups)}
    for number in follows:
        votes = Counter(causes[k] for e in groups[number] for k in _mentioned(e) if k in causes)
        if not votes and all(e.requirement.id in _AGREEMENT for e in groups[number]):
            keys = (("document", _collection(e)) for e in groups[number])
            votes = Counter(causes[key] for key in keys if key in causes)
        votes.pop(number, None)
        if votes:
            joined[votes.most_common(1)[0][0]] += joined.pop(number)
    return list(joined.values())


def _wrong(evidence: Evidence) -> Iterator[Hashable]:
    """What is wrong at a collection, as others may mention it."""
    finding, collection = evidence.finding, _collection(evidence)
    if finding.place == "status":
        return
    if finding.by in RULES:
        yield "word", collection, _field(finding)
        for value in _QUOTED.findall(finding.got)[:_SHARED]:
            if len(value) >= _SHORTEST_OF_ONE + 2:
                yield "value", collection, value[1:-1]
    if evidence.requirement.id not in _AGREEMENT:
        yield "document", collection


def _mentioned(evidence: Evidence) -> Iterator[Hashable]:
    """What a check's finding says of a collection."""
    finding, collection = evidence.finding, _collection(evidence)
    text = f"{finding.place} {finding.expected} {finding.got}"
    yield from {("value", collection, value[1:-1]) for value in _QUOTED.findall(text)}
    yield from {("word", collection, _stem(word)) for word in _WORD.findall(_QUOTED.sub("", text))}


# ---------------------------------------------------------------- what findings have in common


def _traits(evidence: Evidence) -> Iterator[Hashable]:
    finding, id_ = evidence.finding, evidence.requirement.id
    operation, method, status = _operation_and_status(finding)
    place, got = _kind_of_place(finding.place), _shape(finding.got)
    judge = finding.by.partition("[")[0]
    if place == "status":
        yield "status", operation, finding.got
        yield "judge", judge, id_, finding.got
        wanted = frozenset(_STATUS.findall(finding.expected.partition(":")[0]))
        if finding.got.startswith("2") and any(s.startswith("2") for s in wanted):
            yield "status", method, wanted, finding.got
    else:
        expected = _shape(finding.expected)
        if missing := _missing(finding):
            yield "missing", missing
        else:
            yield "judge", judge, place, got
            yield "judge", judge, id_, expected, got
            yield "shape", place, expected, got
        if finding.by in RULES:
            yield from (("field", x, _field(finding)) for x in finding.exchanges)
            # rules that see something in exactly the same answers see one thing
            yield "together", finding.count, tuple(finding.exchanges)
    if id_ in _AGREEMENT:
        yield "differs", _collection(evidence)
    if status >= 500:
        yield "crash", operation, status


def _field(finding: Finding) -> str:
    """The name of what is wrong, in the singular: of what misses, or the last step of the place."""
    return _missing(finding) or _stem(_kind_of_place(finding.place).lstrip("@"))


def _missing(finding: Finding) -> str:
    """The name of what misses by the schema; empty if nothing does."""
    named = _NAMED.search(finding.expected) if finding.got.startswith("no such") else None
    return _stem(named[1] or named[2]) if named else ""


def _stem(word: str) -> str:
    """`blob` of `blobs` and of `blob_list`: XML and JSON name lists differently."""
    return word.lower().removesuffix("_list").removesuffix("es").removesuffix("s")


def _collection(evidence: Evidence) -> str:
    """The collection that a finding is about."""
    operation = _operation_and_status(evidence.finding)[0]
    name = evidence.requirement.collection or operation.partition(".")[0]
    return _PARENTS.get(name, name)


def _operation_and_status(finding: Finding) -> tuple[str, str, int]:
    """Operation, method and status of the exchange that shows a finding."""
    if finding.exchange is None:
        return "", "", 0
    x = files.from_json(finding.exchange)
    return (x.operation.id if x.operation else x.request.path), x.request.method, x.status


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
