"""Every probe has the strictest outcome, and harms nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tck.reference_server import Server, create_app

from .probes import Probe, get, probes
from .score import judged, outcome

ALL = list(probes())
PAGE = Path(__file__).parents[3] / "docs" / "reference-server.md"


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    with Server(create_app()) as server:
        parts = urlsplit(server.url)
        assert parts.hostname
        assert parts.port
        yield parts.hostname, parts.port


@pytest.mark.parametrize("probe", ALL, ids=lambda probe: f"{probe.area}-{probe.name}")
def test_probe(address: tuple[str, int], probe: Probe) -> None:
    answer = outcome(address, probe)
    assert judged(probe, answer) == "strict", answer
    assert outcome(address, RIGHT) == "200"


RIGHT = Probe("right", "", get(), frozenset({"200"}))


def test_probes_have_names_of_their_own() -> None:
    assert [n for n, count in Counter((p.area, p.name) for p in ALL).items() if count > 1] == []


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("400", "strict"),
        ("200", "allowed"),
        ("200,404", "wrong"),
        ("400...", "wrong"),
        ("-", "wrong"),
    ],
)
def test_outcomes_are_judged(answer: str, verdict: str) -> None:
    probe = Probe("p", "", b"", frozenset({"400"}), frozenset({"200"}))
    assert judged(probe, answer) == verdict


def test_the_page_has_the_number_of_probes() -> None:
    counts = Counter(probe.area for probe in ALL)
    rows = {f"| {area} | {n} | {n} / 0 / 0 |" for area, n in {**counts, "all": len(ALL)}.items()}
    text = PAGE.read_text("utf-8")
    assert {row for row in rows if row not in text} == set()
