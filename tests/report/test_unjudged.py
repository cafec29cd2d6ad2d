"""What was beyond a limit is no finding, but every form of a report tells it."""

from __future__ import annotations

from dataclasses import replace

from endpoint.exchanges import exchange

from tck.endpoint.exchange import Exchange
from tck.endpoint.limits import Limits, ReportLimits
from tck.report import console, html, json_report, markdown
from tck.report.ledger import Ledger

from .made import result_of

KEYS = "<keys>" + "".join(f"<key id='k{n}' href='x'/>" for n in range(9)) + "</keys>"


def told(*exchanges: Exchange, lines: int = 9) -> list[str]:
    ledger = Ledger(limits=ReportLimits(unjudged=lines))
    for x in exchanges:
        ledger.observe(x)
    return [*ledger.unjudged.lines()]


def keys(content: str = KEYS, **limits: int) -> Exchange:
    return replace(exchange("/keys", content), limits=Limits(**limits))


def test_nothing_is_told_of_what_is_within_the_limits() -> None:
    assert told(keys(), exchange("/nothing", "<a/>"), keys(members=9, nodes=100)) == []


def test_a_document_beyond_a_limit_is_told_once_with_its_count() -> None:
    long = keys(f"<keys><key id='{'k' * 20}'/></keys>", attribute=9)
    assert told(long, long, keys()) == [
        f"keys.index: an attribute of more than 9 characters (limit attribute); "
        f"2 times, first in {long.id}"
    ]


def test_members_and_judgements_beyond_a_limit_are_told() -> None:
    (line,) = told(keys(members=4))
    assert line.startswith("keys.index: 5 of its members, after the first 4 (limit members); once")
    json = '{"keys": [' + ", ".join('{"id": "k"}' for _ in range(9)) + "]}"
    x = replace(exchange("/keys", json, format="json"), limits=Limits(members=4))
    assert told(x)[0].startswith("keys.index: 5 of its members")
    assert any("documents.hrefs has to say after 8" in line for line in told(keys(judgements=8)))


def test_other_sizes_are_the_same_kind_and_kinds_are_limited() -> None:
    small, large = keys(nodes=9), keys(KEYS + " " * 9, nodes=8)
    assert [line.partition("; ")[2][:7] for line in told(small, large)] == ["2 times"]
    assert len(told(keys(nodes=9), keys(members=4), lines=1)) == 1


def test_what_a_recorder_left_out_is_one_line() -> None:
    pages = [
        replace(x, response=replace(x.response, body=None, omitted=f"a page of {n} bytes"))
        for n, x in enumerate([exchange("/keys", "<a/>"), exchange("/realms", "<a/>")])
        if x.response
    ]
    (line,) = told(*pages)
    assert line.startswith("content that was not recorded (a page of 0 bytes); 2 times, first")


def test_ledgers_of_several_processes_are_added() -> None:
    ledger, other = Ledger(), Ledger()
    for each in (ledger, other):
        each.observe(keys(nodes=9))
    ledger.merge(other.dump())
    (line,) = ledger.unjudged.lines()
    assert "; 2 times" in line


def test_every_form_tells_it_and_a_console_not_all() -> None:
    result = result_of(Ledger(), unjudged=tuple(f"keys.index: reason {n}" for n in range(12)))
    printed = "\n".join(console.Console().lines(result))
    page = markdown.content(result).decode()
    assert "Not judged: keys.index: reason 9\nNot judged: 2 more, in results.json" in printed
    assert "Not judged: keys.index: reason 9" in page
    assert b"keys.index: reason 11" in html.content(result)
    assert json_report.read(json_report.content(result)).unjudged == result.unjudged
