"""What the original answered is what the reference server answers, or it is known why not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .replay.classes import Classified, Row, classify, table
from .replay.documents import compared, places
from .replay.page import FILE, page
from .replay.replaying import Difference, Outcome, replay

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return replay()


@pytest.fixture(scope="module")
def classified(outcome: Outcome) -> Classified:
    return classify(outcome.differences, table())


def test_every_difference_is_explained(outcome: Outcome, classified: Classified) -> None:
    assert outcome.exchanges == 1219
    assert [str(difference) for difference in classified.unexplained] == []


def test_every_row_of_the_table_explains_something(classified: Classified) -> None:
    assert [row for row, explained in classified.rows if not explained] == []


def test_every_number_in_the_table_exists() -> None:
    sources = (ROOT / "docs" / "sources.md").read_text("utf-8")
    deviations = (ROOT / "docs" / "known-deviations" / "apache-deltacloud-1.1.3.yaml").read_text(
        "utf-8"
    )
    stances = (ROOT / "docs" / "stances.md").read_text("utf-8")
    for row in table():
        word, _, number = row.why.partition(" ")
        if word == "stance":
            assert f"| {number} |" in stances, row
        elif word != "free":
            text = deviations if word.startswith("N") else sources
            assert re.search(rf"\b{word}\b", text), row


def test_the_page_shows_what_the_replay_found(outcome: Outcome, classified: Classified) -> None:
    assert FILE.read_text("utf-8") == page(outcome, classified)


# -- the comparison itself -----------------------------------------------------------------


def differing(kind: str, one: str, other: str) -> list[tuple[str, str, str]]:
    found = compared(places(kind, one.encode()), places(kind, other.encode()))
    return [difference for difference in found if difference[1] != difference[2]]


def test_order_dates_and_white_space_do_not_count() -> None:
    one = "<r><i id='a'><d>2026-11-22 10:00:00 UTC</d></i><i id='b'>x</i></r>"
    other = "<r> <i id='b'> x </i><i id='a'><d>2026-12-22T10:00:00Z</d></i></r>"
    assert differing("application/xml", one, other) == []
    json = ('{"a": [{"id": "1"}, {"id": "2"}]}', '{"a": [{"id": "2"}, {"id": "1"}]}')
    assert differing("application/json", *json) == []


def test_values_and_missing_parts_count_once_where_they_are() -> None:
    one, other = "<r><i id='a'><s>up</s></i></r>", "<r><i id='a'><s>down</s><t><u/></t></i></r>"
    assert differing("application/xml", one, other) == [
        ("/r/i[a]/s", "up", "down"),
        ("/r/i[a]/t", "<nothing>", "<something>"),
    ]
    assert differing("application/json", '{"a": [1, 1]}', '{"a": [1]}')


def test_a_row_explains_only_what_it_names() -> None:
    row = Row("B1", "", exchanges=("net.*",), places=("/a[*]/b",), original="x", ours="*")
    assert row.explains(Difference("net.xml", "/a[1]/b", "x", "y"))
    assert not row.explains(Difference("vol.xml", "/a[1]/b", "x", "y"))
    assert not row.explains(Difference("net.xml", "/a[1]/c", "x", "y"))
    assert not row.explains(Difference("net.xml", "/a[1]/b", "z", "y"))
    assert (row.kind, Row("stance 3", "").kind, Row("free", "").kind) == (
        "original",
        "freedom",
        "freedom",
    )
