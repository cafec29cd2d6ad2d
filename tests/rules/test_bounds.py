"""Rules look at a bounded part of an answer, in time that grows no faster than the answer."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import pytest
from endpoint.exchanges import exchange
from lxml import etree

from tck.checks.support.strategies import offers
from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.endpoint.limits import Limits
from tck.rules import judge
from tck.rules.hardware_profiles import number
from tck.rules.reading import members

from .large import LARGE


def test_of_a_long_list_only_the_first_members_are_looked_at() -> None:
    xml = "<keys>" + "".join(f'<key id="k{n}"/>' for n in range(9)) + "</keys>"
    json = '{"keys": [' + ", ".join(f'{{"id": "k{n}"}}' for n in range(9)) + "]}"
    for text, format_ in ((xml, "xml"), (json, "json")):
        x = replace(exchange("/keys", text, format=format_), limits=Limits(members=4))
        assert [member.get("id") for _, member in members(x)[1]] == ["k0", "k1", "k2", "k3"]


@pytest.mark.parametrize("path", ["", "/keys", "/drivers/none", "/instances/i/stop"])
@pytest.mark.parametrize("status", [200, 404, 500])
@pytest.mark.parametrize("media_type", ["application/xml", "application/json"])
def test_content_that_was_not_kept_is_not_judged(path: str, status: int, media_type: str) -> None:
    fields = {"Content-Type": media_type, "Content-Length": "9", "X-Deltacloud-Driver": "mock"}
    fields |= {"Date": "Sun, 22 Nov 2026 13:45:24 GMT", "ETag": '"1"'}
    x = Exchange(
        "x1",
        Request("GET", f"http://host/api{path}", Headers({"Accept": media_type})),
        Response(status, "", Headers(fields), None, "9 bytes, more than 8 (limit body)"),
        "http://host/api",
        started=0.0,
    )
    assert [judgement for _, judgement in judge(x) if not judgement.ok] == []


def test_each_rule_ends_after_so_many_judgements() -> None:
    xml = "<keys>" + "".join(f'<key id="k{n}" href="x"/>' for n in range(50)) + "</keys>"
    x = replace(exchange("/keys", xml), limits=Limits(judgements=40))
    made = Counter(rule.name for rule, _ in judge(x))
    assert made["documents.hrefs"] == made["documents.identity"] == 40
    assert made["resources.keys"] == 40


NUMBERS = {
    "1740.8": True,
    " 2 ": True,
    "1" * 15: True,
    "1" * 16: False,
    "1" + "0" * 5000: False,
    "0." + "1" * 5000: False,
    "²": False,
    "٣": False,
    "-1": False,
    "1e9": False,
    "": False,
    "nan": False,
    "1_0": False,
}


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_are_those_that_the_api_writes(text: str) -> None:
    assert (number(text) is not None) == NUMBERS[text]


@pytest.mark.parametrize("first", NUMBERS)
@pytest.mark.parametrize("last", NUMBERS)
def test_any_range_can_be_offered_from(first: str, last: str) -> None:
    """What checks draw sizes from can be made of whatever a profile says."""
    profile = etree.Element("hardware_profile", id="h")
    prop = etree.SubElement(profile, "property", name="memory", kind="range", value="1")
    etree.SubElement(prop, "range", first=first, last=last)
    for offer in offers(profile):
        for drawn in (offer.inside, offer.outside):
            drawn.validate()
        assert offer.admits(first)


def _seconds(x: Exchange) -> float:
    """Processor time of judging an exchange once, the shortest of three."""
    times = []
    for _ in range(3):
        fresh, began = replace(x), time.process_time()
        for _ in judge(fresh):
            pass
        times.append(time.process_time() - began)
    return min(times)


@pytest.mark.parametrize("name", LARGE)
def test_time_grows_no_faster_than_the_answer(name: str) -> None:
    """Four times as much takes four times as long, not sixteen times."""
    made, size = LARGE[name], 2_500
    assert replace(made(4 * size)).beyond == ""
    small, large = _seconds(made(size)), _seconds(made(4 * size))
    assert large < 8 * small + 0.02
