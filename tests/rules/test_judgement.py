"""The verbs judge what they say, quote what is wrong, and write no words for what is right."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from endpoint.exchanges import exchange
from lxml import etree

from tck.rules import judgement as verbs
from tck.rules.judgement import Judgement, shown

R, P = "DC-KEY-001", "/key"
CHILDLESS = etree.fromstring("<backend/>")
# (verb, its arguments where it is right, where it is wrong, words of the wrong judgement)
VERBS: list[tuple[Callable[..., Judgement], tuple[object, ...], tuple[object, ...], str, str]] = [
    (verbs.holds, ("a size", 1, True), ("a size", None, False), "a size", "none"),
    (verbs.equal, ("a", "a"), ("a", "b"), "'a'", "'b'"),
    (verbs.one_of, (("a", "b"), "b"), (("a", "b"), "c"), "one of 'a', 'b'", "'c'"),
    (verbs.contains, ("a", ["a", "b"]), ("a", ["b", "c"]), "'a' among them", "'b', 'c'"),
    (verbs.lacks, ("a", ["b"]), ("a", {"b", "a"}), "no 'a' among them", "'a', 'b'"),
    (verbs.matches, ("digits", "12", re.compile(r"\d+")), ("digits", "1x", re.compile(r"\d+")),
     "digits", "'1x'"),
    (verbs.present, ("a name", CHILDLESS), ("a name", ""), "a name", "''"),
    (verbs.absent, ("no name", []), ("no name", {"a": 0}), "no name", "a 0"),
    (verbs.distinct, ("every id once", ["a", "b"]), ("every id once", ["a", "b", "a"]),
     "every id once", "'a'"),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "right", "wrong", "expected", "got"), VERBS)
def test_a_verb_judges(
    verb: Callable[..., Judgement],
    right: tuple[object, ...],
    wrong: tuple[object, ...],
    expected: str,
    got: str,
) -> None:
    met = verb(R, P, *right)
    assert met[:3] == (R, True, P)
    assert met.expected
    assert verb(R, P, *wrong) == Judgement(R, False, P, expected, got)


def test_statuses() -> None:
    x = exchange("/keys", status=404)
    assert verbs.status(R, x, 404, 410) == Judgement(R, True, "status", "404 or 410", 404)
    assert verbs.status(R, x, 200, 201, why="a reason") == Judgement(
        R, False, "status", "200 or 201: a reason", "404"
    )
    assert verbs.refused(R, x).ok
    assert verbs.refused(R, exchange("/keys", status=502), 502).ok
    assert verbs.refused(R, exchange("/keys", status=500), 502) == Judgement(
        R, False, "status", "a refusal (4xx) or 502", "500"
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a\n b", r"'a\n b'"),
        (None, "none"),
        ([], "none"),
        ({}, "none"),
        ({"id": "a", "status": 200}, "id 'a', status 200"),
        (etree.fromstring("<key id='a' type='b'>c</key>"), "id 'a', type 'b'"),
        ([["a"], {"b": 1}], "['a'], {'b': 1}"),
        ({"b", "a"}, "'a', 'b'"),
        (b"a\n", r"b'a\n'"),
        (404, "404"),
    ],
)
def test_values_are_quoted_on_one_line(value: object, words: str) -> None:
    assert shown(value) == words


@pytest.mark.parametrize("value", ["a" * 500, ["a" * 50] * 500, {"a" * 500: 1}, b"a" * 500])
def test_long_values_are_cut(value: object) -> None:
    assert len(shown(value, 50)) <= 52
    assert "…" in shown(value, 50)
