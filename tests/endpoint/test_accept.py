"""Accept: parsed as RFC 9110 12.5.1 has it, whatever comes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tck.endpoint import accept
from tck.endpoint.accept import TYPES, MediaRange, parse, quality, wanted_format

from .exchanges import exchange


@pytest.mark.parametrize(
    ("header", "ranges"),
    [
        ("application/xml", [MediaRange("application/xml", 1)]),
        ("Application/XML ; Q=0.5", [MediaRange("application/xml", 0.5)]),
        ("text/*, */*;q=0", [MediaRange("text/*", 1), MediaRange("*/*", 0)]),
        ("a/b;level=1;q=.3", [MediaRange("a/b", 0.3, {"level": "1"})]),
        (" a/b , ,c/d,", [MediaRange("a/b", 1), MediaRange("c/d", 1)]),
        ("", []),
    ],
)
def test_parse(header: str, ranges: list[MediaRange]) -> None:
    assert parse(header) == tuple(ranges)


@pytest.mark.parametrize(
    "header", ["xml", "a/b/c", "/", "a/", "a b/c", "a/b;q=x", "a/b;q=", "a/b;q=nan", "a/b;q=2"]
)
def test_malformed(header: str) -> None:
    assert parse(header) is None


@pytest.mark.parametrize(
    ("header", "xml", "json", "html"),
    [
        ("application/xml", 1, None, None),
        ("text/xml", 1, None, None),
        ("text/*", 1, None, 1),
        ("*/*", 1, 1, 1),
        ("application/*;q=0.5, */*;q=0.1", 0.5, 0.5, 0.5),
        ("application/xml;q=0.1, application/*;q=0.5", 0.1, 0.5, 0.5),
        ("application/xml;q=0, */*", 1, 1, 1),  # text/xml is left
        ("application/xml;q=0, text/xml;q=0, */*", 0, 1, 1),
        ("application/json;q=0, */*;q=0.5", 0.5, 0, 0.5),
        ("*/*;q=0.9, application/json;q=0.2", 0.9, 0.2, 0.9),
        ("image/png", None, None, None),
    ],
)
def test_the_most_specific_range_counts(
    header: str, xml: float | None, json: float | None, html: float | None
) -> None:
    ranges = parse(header)
    assert ranges is not None
    assert [quality(ranges, f) for f in ("xml", "json", "html")] == [xml, json, html]


@pytest.mark.parametrize(
    ("header", "query", "chosen"),
    [
        ("application/json", "", "json"),
        ("application/json;q=0.9, application/xml;q=0.1", "", "json"),
        ("application/json, application/xml", "", None),  # equal: free
        ("*/*", "", None),
        ("text/html, application/xhtml+xml, application/xml;q=0.9", "", "html"),
        ("image/png", "", None),
        ("application/xml;q=0", "", None),
        ("not an accept", "", None),
        ("", "", "xml"),
        ("application/json", "?format=xml", "xml"),
        ("application/json", "?format=png", None),
        ("application/json", "?format=", None),
    ],
)
def test_wanted(header: str, query: str, chosen: str | None) -> None:
    assert wanted_format(exchange(query, sent={"Accept": header})) == chosen


# ---------------------------------------------------------------- generated

NAMES = sorted({t for types in TYPES.values() for t in types} | {"*/*", "text/*", "application/*"})
RANGES = st.lists(
    st.tuples(st.sampled_from([*NAMES, "image/png", "x/y"]), st.integers(0, 1000)),
    min_size=1,
    max_size=6,
    unique_by=lambda pair: pair[0],
)


def written(ranges: list[tuple[str, int]], spaces: random.Random) -> str:
    """An Accept header with white space, case and order as a client might choose."""
    gap = ["", " ", "  ", "\t"]
    return ",".join(
        f"{spaces.choice(gap)}{spaces.choice([name, name.upper()])}{spaces.choice(gap)};"
        f"{spaces.choice(gap)}q={value / 1000}{spaces.choice(gap)}"
        for name, value in ranges
    )


@given(ranges=RANGES, order=st.randoms(use_true_random=False))
def test_order_case_and_space_mean_nothing(
    ranges: list[tuple[str, int]], order: random.Random
) -> None:
    plain = parse(", ".join(f"{name};q={value / 1000}" for name, value in ranges))
    order.shuffle(ranges)
    told = parse(written(ranges, order))
    assert plain is not None
    assert told is not None
    assert [quality(plain, f) for f in TYPES] == [quality(told, f) for f in TYPES]


@given(ranges=RANGES)
def test_quality_is_that_of_a_range_that_covers(ranges: list[tuple[str, int]]) -> None:
    parsed = [MediaRange(name, value / 1000) for name, value in ranges]
    for format_, types in TYPES.items():
        covering = [r.quality for r in parsed if any(r.covers(t) for t in types)]
        found = quality(parsed, format_)
        assert found in covering if covering else found is None


@given(ranges=RANGES)
def test_wanted_has_the_highest_quality(ranges: list[tuple[str, int]]) -> None:
    parsed = [MediaRange(name, value / 1000) for name, value in ranges]
    header = ", ".join(f"{name};q={value / 1000}" for name, value in ranges)
    chosen = wanted_format(exchange(sent={"Accept": header}))
    qualities = {f: quality(parsed, f) or 0 for f in TYPES}
    if chosen is not None:
        assert all(qualities[chosen] > qualities[f] for f in TYPES if f != chosen)
    else:
        top = max(qualities.values())
        assert top == 0 or list(qualities.values()).count(top) > 1


@given(header=st.text(alphabet='axml*/;,=q01. \t"\\ä', max_size=40))
def test_any_text_is_parsed_or_refused(header: str) -> None:
    ranges = parse(header)
    assert ranges is None or all(0 <= r.quality <= 1 for r in ranges)
    accept.wanted_format(exchange(sent={"Accept": header}))
