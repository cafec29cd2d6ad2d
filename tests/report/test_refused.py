"""What is declared and refused always is told everywhere, and makes a level partial."""

from __future__ import annotations

import dataclasses

import pytest
from endpoint.exchanges import exchange

from tck.report import html, json_report, markdown, observed
from tck.report.console import Console
from tck.report.ledger import Ledger
from tck.report.result import Result
from tck.requirements import levels

from .made import DECLARED, result_of

TOLD = "addresses cannot be created (412, 2 of 2 times)"


def result(*statuses: int, path: str = "/addresses", listed: str = "addresses") -> Result:
    ledger = Ledger()
    for status in statuses:
        ledger.observe(exchange(path, status=status, method="POST"))
    known = dataclasses.replace(
        DECLARED, collections={listed: f"http://127.0.0.1:3001/api/{listed}"}
    )
    return dataclasses.replace(result_of(ledger), capabilities=known)


def test_it_is_told_in_every_form() -> None:
    found = result(412, 412)
    assert [str(r) for r in found.refused] == [TOLD]
    assert f"Declared, but refused: {TOLD}" in list(Console().lines(found))
    assert f"declared, but refused: {TOLD}" in [
        row.remark.replace("nothing succeeded", f"refused: {TOLD}")
        for row in observed.collections(found)
    ]
    assert "addresses cannot be created" in html.render(found)
    assert "addresses cannot be created" in "\n".join(markdown.lines(found))
    assert json_report.to_json(found)["refused"] == [
        {"operation": "addresses.create", "statuses": [412], "requests": 2}
    ]


@pytest.mark.parametrize(
    ("statuses", "path", "listed", "count"),
    [
        ((412, 201), "/addresses", "addresses", 0),  # it works
        ((403,), "/addresses", "addresses", 1),
        ((412,), "/addresses", "keys", 0),  # not declared
        ((), "/addresses", "addresses", 0),  # not asked for
        ((404,), "/addresses/a/associate", "addresses", 0),  # no such address
        ((405,), "/instances/i/stop", "instances", 0),  # not in this state
        ((501,), "/instances/i/stop", "instances", 1),
    ],
)
def test_what_counts_as_refused(
    statuses: tuple[int, ...], path: str, listed: str, count: int
) -> None:
    assert len(result(*statuses, path=path, listed=listed).refused) == count


def test_a_level_is_met_in_part() -> None:
    statuses = {id_: "pass" for level in levels.load().levels.values() for id_ in level.demands}
    every = [name for level in levels.load().levels.values() for name in level.collections]
    refusals = [("addresses", "addresses cannot be created")]
    found = {
        level.name: level
        for level in levels.assess(levels.load(), statuses, every, refusals=refusals)
    }
    assert found["network"].standing is levels.Standing.PARTIAL
    assert found["network"].reason == "addresses cannot be created"
    assert found["core"].standing is levels.Standing.MET


@pytest.mark.parametrize(
    ("profile", "words"), [("smoke", "conformant so far"), ("standard", "conformant")]
)
def test_the_verdict_says_its_profile(profile: str, words: str) -> None:
    ledger = Ledger()
    ledger.observe(exchange("/keys", "<keys/>"))
    found = dataclasses.replace(result_of(ledger), options={"profile": profile}, scope="selection")
    assert found.verdict_words == words
    assert found.extent.startswith(f"{profile}: ")
