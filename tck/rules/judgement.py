"""Judgements, and the verbs that make them: one vocabulary for rules and checks.

A verb takes the requirement, the place, what is expected there and what was got, and decides
itself whether the two agree:

    yield equal("DC-ERR-006", "/error/code", "404", code)

`place` says where in the exchange: an XPath, a JSON path, a header field, "status". `expected`
is words for a reader who has never seen the kit, except where a verb says that it is a value;
`got` is always the value itself. Words for a report are only made of what is wrong: a run makes
some hundred thousand judgements, and nearly all of them are right.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from itertools import islice, repeat
from typing import NamedTuple

from lxml import etree

from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import GATE
from tck.schemas.problem import Problem

# Values are compared with these, not asked for their truth: an XML element without children is
# false.
_NOTHING: tuple[object, ...] = (None, "", [], {}, b"")
_MARGIN = 4 << 10  # characters; no spelling of a secret is longer
_MOST = 20  # entries of a list that a finding quotes
_LONGEST = 1000  # characters of a place, or of what was expected


EVERYWHERE = "*"  # the place of a right judgement that is about all of a document


class _Parts(NamedTuple):
    requirement: str
    ok: bool
    place: str
    expected: object
    got: object


class Judgement(_Parts):
    """One thing examined for one requirement, with what it was judged by.

    Nothing is right, or wrong, without something expected at a place and what was got; the
    exchange goes with it to the ledger. Where it is wrong, `expected` and `got` are words for a
    report; where it is right they are as the verb compared them.
    """

    __slots__ = ()

    def __new__(
        cls, requirement: str, ok: bool, place: str, expected: object, got: object
    ) -> Judgement:
        """A place without a name is that of the whole document: documents have empty keys.

        Raise ValueError where nothing was expected: that is the kit's mistake.
        """
        if expected == "":
            raise ValueError(f"a judgement of {requirement} without evidence")
        return super().__new__(cls, requirement, ok, place or EVERYWHERE, expected, got)


def wrong(requirement: str, place: str, expected: str, got: str) -> Judgement:
    """A violation; of what an endpoint may have made long, as much as a reader can use."""
    place, expected, got = (_cut(text, _LONGEST) for text in (place, expected, got))
    return Judgement(requirement, False, place, expected, got)


def holds(requirement: str, place: str, expected: str, got: object, ok: bool) -> Judgement:
    """The caller has decided (`ok`) whether `got` is right; use it where no other verb fits."""
    if ok:
        return Judgement(requirement, True, place, expected, got)
    return wrong(requirement, place, expected, shown(got))


def equal(
    requirement: str, place: str, expected: object, got: object, *, why: str = ""
) -> Judgement:
    """`got` equals the value `expected`; `why` that one is explained in the finding."""
    if expected == got:
        return Judgement(requirement, True, place, (expected,), got)  # even the empty text is one
    return wrong(requirement, place, shown(expected) + _because(why), shown(got))


def one_of(requirement: str, place: str, expected: Collection[object], got: object) -> Judgement:
    """`got` is one of the values `expected`."""
    if got in expected:
        return Judgement(requirement, True, place, expected, got)
    return wrong(requirement, place, f"one of {shown(expected)}", shown(got))


def contains(
    requirement: str, place: str, expected: object, got: Collection[object], *, why: str = ""
) -> Judgement:
    """The value `expected` is among those of `got`."""
    if expected in got:
        return Judgement(requirement, True, place, (expected,), got)
    words = f"{shown(expected)} among them{_because(why)}"
    return wrong(requirement, place, words, shown(got))


def lacks(requirement: str, place: str, unwanted: object, got: Collection[object]) -> Judgement:
    """The value `unwanted` is not among those of `got`."""
    if unwanted not in got:
        return Judgement(requirement, True, place, f"no {unwanted}", got)
    return wrong(requirement, place, f"no {shown(unwanted)} among them", shown(got))


def matches(
    requirement: str, place: str, expected: str, got: str, pattern: re.Pattern[str]
) -> Judgement:
    """All of `got` matches a pattern, which `expected` puts into words."""
    return holds(requirement, place, expected, got, pattern.fullmatch(got) is not None)


def present(requirement: str, place: str, expected: str, got: object) -> Judgement:
    """There is a `got`: neither None nor an empty text, list or mapping."""
    return holds(requirement, place, expected, got, got not in _NOTHING)


def absent(requirement: str, place: str, expected: str, got: object) -> Judgement:
    """There is no `got`: it is None, or an empty text, list or mapping."""
    return holds(requirement, place, expected, got, got in _NOTHING)


def distinct(requirement: str, place: str, expected: str, values: Sequence[str]) -> Judgement:
    """No value occurs twice; the finding quotes those that do."""
    return absent(requirement, place, expected, repeated(values))


def status(requirement: str, x: Exchange, *allowed: int, why: str = "") -> Judgement:
    """The answer has one of the `allowed` statuses."""
    words = " or ".join(map(str, allowed)) + _because(why)
    return holds(requirement, "status", words, x.status, x.status in allowed)


def accepted(requirement: str, x: Exchange, why: str = "") -> Judgement:
    """The answer is a success. Which status it has is what DC-HTTP-002 to DC-HTTP-010 are about."""
    success = x.ok or (x.request.method not in ("GET", "HEAD") and 300 <= x.status < 400)
    return holds(requirement, "status", f"success{_because(why)}", x.status, success)


def refused(requirement: str, x: Exchange, *also: int, why: str = "") -> Judgement:
    """The answer is a refusal: 4xx, or one of the statuses `also`."""
    words = " or ".join(["a refusal (4xx)", *map(str, also)]) + _because(why)
    return holds(requirement, "status", words, x.status, is_refusal(x) or x.status in also)


def is_refusal(x: Exchange) -> bool:
    """Whether the status is 4xx."""
    return 400 <= x.status < 500


def described(
    requirement: str, document: str, members: int, problems: Sequence[Problem]
) -> Iterator[Judgement]:
    """A document is as the formal description has it: one judgement a member, wrong or right."""
    for problem in problems:
        yield wrong(requirement, problem.place, problem.expected, problem.got)
    right = Judgement(requirement, True, EVERYWHERE, f"{document} as described", members)
    yield from repeat(right, members - len(problems))


def _because(why: str) -> str:
    return f": {why}" if why else ""


def repeated(values: Sequence[str]) -> list[str]:
    """The values that occur more than once."""
    if len(set(values)) == len(values):
        return []
    return [value for value, count in Counter(values).items() if count > 1]


def shown(value: object, limit: int = 120) -> str:
    """A value as findings quote it: on one line, of about `limit` characters at most.

    Text is quoted, None is `none`, lists are `a, b`, mappings `name value, name value`, and an XML
    element is its attributes.
    """
    if isinstance(value, str):
        return repr(_cut(value, limit))
    return _cut(_phrase(value, limit, deep=True), limit)


def _phrase(value: object, limit: int, *, deep: bool) -> str:
    if value is None:
        return "none"
    if isinstance(value, str):
        return repr(_cut(value, limit))
    if isinstance(value, bytes):
        # its end is cut off later; nothing longer need be printed
        value = GATE.content(value[: limit + _MARGIN])[: limit + 1]
    if isinstance(value, etree._Element):
        value = {str(name): str(text) for name, text in value.items()}
    if deep and isinstance(value, Mapping):
        pairs = islice(value.items(), _MOST)
        return (
            ", ".join(f"{name} {_phrase(part, limit, deep=False)}" for name, part in pairs)
            or "none"
        )
    if deep and isinstance(value, Collection) and not isinstance(value, bytes):
        parts = islice(sorted(value, key=str) if isinstance(value, Set) else value, _MOST)
        return ", ".join(_phrase(part, limit, deep=False) for part in parts) or "none"
    return " ".join(str(value).split())


def _cut(text: str, limit: int) -> str:
    """Redacted before it is cut: the beginning of a secret could not be told from other text."""
    if len(text) <= limit:
        return text
    return GATE.cut(text, limit)
