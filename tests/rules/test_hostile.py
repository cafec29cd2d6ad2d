"""Rules never fail themselves, whatever an endpoint says."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from endpoint.exchanges import exchange, recorded
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tck.endpoint import capabilities
from tck.endpoint.exchange import Exchange
from tck.report.ledger import Ledger
from tck.rules import judge

from .change import asked, content, field, jput, sent, status, target
from .right import right

# Texts that are not a URL, number, date, name, list of methods or media type, or only just.
HOSTILE = [
    *("", " ", "\t\n", "http://[", "http://", "//", "http://h:port/", ":", "%", "%zz", "/"),
    *("../..", "-1", "0", "1e400", "NaN", "9" * 5000, "٣", "0x10", "true", "null"),
    *("ä", "\u202e", "😀", "a" * 10_000, "]]>", "<a>", "&amp;", "{}", "[]", "'\"", "\\", ";;="),
    *("a;b=c;", "text/", "*/*;q=x", "/xml", "application/xml;q=0", "Basic", ",,,", "GET,,", "W/"),
]  # fmt: skip
TEXT = st.sampled_from(HOSTILE) | st.text(max_size=6)
XML_TEXT = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["C"]), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
FIELDS = ("Content-Type", "Content-Length", "Location", "ETag", "Allow", "Date", "WWW-Authenticate")
FIELDS += ("Last-Modified", "X-Backend-Runtime", "X-Deltacloud-Driver", "X-Deltacloud-Provider")
FIELDS += ("Content-Disposition", "Content-Encoding", "Expect", "Transfer-Encoding")
SENT = ("Accept", "Host", "Content-Type", "X-Forwarded-Host", "X-Forwarded-Port")
SENT += ("X-Deltacloud-Driver", "Accept-Encoding", "X-Forwarded-Proto")


def examined(x: Exchange) -> None:
    """Judge, and write everything down as a report does."""
    for _, judgement in judge(x):
        assert all(isinstance(str(part), str) for part in judgement)
    ledger = Ledger()
    ledger.observe(x)
    json.dumps(ledger.dump(), ensure_ascii=False).encode("utf-8")
    capabilities.read(x)


def documents(format_: str) -> list[Exchange]:
    found = [x for x in recorded() if x.format == format_ and x.body and len(x.body) < 20_000]
    return sorted({x.body: x for x in found}.values(), key=lambda x: x.id)


XML, JSON = documents("xml"), documents("json")


@settings(max_examples=200)
@given(data=st.data())
def test_xml_with_anything_in_it(data: st.DataObject) -> None:
    x = data.draw(st.sampled_from(XML))
    root = etree.fromstring(etree.tostring(x.xml)) if x.xml is not None else None
    if root is None:
        return
    for _ in range(data.draw(st.integers(1, 3))):
        element = data.draw(st.sampled_from(list(root.iter(etree.Element))))
        _spoil(element, data)
    examined(content(etree.tostring(root))(x))


KINDS = ("attribute", "no attribute", "text", "child", "odd", "tag", "gone", "double")


def _spoil(element: etree._Element, data: st.DataObject) -> None:
    parent = element.getparent()
    kind = data.draw(st.sampled_from(KINDS))
    if kind == "attribute" and element.attrib:
        element.set(
            data.draw(st.sampled_from(sorted(map(str, element.attrib)))), data.draw(XML_TEXT)
        )
    elif kind == "no attribute" and element.attrib:
        del element.attrib[data.draw(st.sampled_from(sorted(map(str, element.attrib))))]
    elif kind == "text":
        element.text = data.draw(XML_TEXT)
    elif kind == "child":
        etree.SubElement(
            element, data.draw(st.sampled_from(["link", "id", "instance", "property"]))
        )
    elif kind == "odd":
        odd = [etree.Comment("a"), etree.ProcessingInstruction("a", "b"), etree.Entity("amp")]
        element.insert(0, data.draw(st.sampled_from(odd)))
    elif kind == "tag":
        element.tag = data.draw(st.sampled_from(["{urn:x}a", "api", "keys", "error", "link"]))
    elif kind == "gone" and parent is not None:
        parent.remove(element)
    elif kind == "double" and parent is not None:
        parent.append(etree.fromstring(etree.tostring(element, with_tail=False)))


@settings(max_examples=200)
@given(data=st.data())
def test_json_with_anything_in_it(data: st.DataObject) -> None:
    x = data.draw(st.sampled_from(JSON))
    value = json.loads(x.body)
    for _ in range(data.draw(st.integers(1, 3))):
        value = _replaced(value, data)
    examined(content(json.dumps(value).encode())(x))


def _replaced(value: Any, data: st.DataObject) -> Any:
    """The value with one value inside it, or itself, replaced."""
    if isinstance(value, list | dict) and value and data.draw(st.integers(0, 4)):
        keys = range(len(value)) if isinstance(value, list) else list(value)
        key = data.draw(st.sampled_from(keys))
        value[key] = _replaced(value[key], data)
        return value
    return data.draw(VALUES)


@settings(max_examples=150)
@given(data=st.data())
def test_bytes_with_anything_in_them(data: st.DataObject) -> None:
    x = data.draw(st.sampled_from(XML + JSON))
    start = data.draw(st.integers(0, len(x.body)))
    end = data.draw(st.integers(start, min(start + 200, len(x.body))))
    inserted = data.draw(st.binary(max_size=8) | TEXT.map(lambda t: t.encode("utf-8", "replace")))
    examined(content(x.body[:start] + inserted + x.body[end:])(x))


@settings(max_examples=200)
@given(data=st.data())
def test_heads_with_anything_in_them(data: st.DataObject) -> None:
    x = data.draw(st.sampled_from([x for x in recorded() if x.response]))
    for _ in range(data.draw(st.integers(1, 4))):
        name = data.draw(st.sampled_from(FIELDS))
        x = field(name, *data.draw(st.lists(TEXT, max_size=2)))(x)
    name = data.draw(st.sampled_from(SENT))
    x = sent(name, *data.draw(st.lists(TEXT, max_size=2)))(x)
    examined(
        status(data.draw(st.sampled_from([100, 200, 201, 202, 204, 304, 401, 405, 500, 999])))(x)
    )


PATHS = st.sampled_from(
    [*HOSTILE, "/keys/", "//keys", ";driver=", "/keys/%", "/keys?format=", "?a=%zz"]
)


@settings(max_examples=200)
@given(
    data=st.data(), path=PATHS, method=st.sampled_from(["GET", "POST", "", "ä", "HEAD", "TRACE"])
)
def test_requests_for_anything(data: st.DataObject, path: str, method: str) -> None:
    x = data.draw(st.sampled_from([x for x in recorded() if x.response]))
    try:
        asked_for = asked(method=method)(target(path)(x))
        _ = asked_for.api_path
    except ValueError:
        return  # no URL: such an exchange is refused where it is read
    examined(asked_for)


def test_an_exchange_without_answer() -> None:
    for x in recorded():
        examined(replace(x, response=None, failure="the connection broke"))


LISTS = {
    "api.json": ("api.links", "api.links.0.features", "api.links.1.features.0"),
    "instances.json": ("instances", "instances.0.actions", "instances.0.public_addresses"),
    "instance_states.json": ("0.transitions", "1.transitions.0"),
    "load_balancers.json": ("load_balancers.0.realms", "load_balancers.0.listeners"),
}
PLACES = [(base, path) for base, paths in LISTS.items() for path in paths]


@pytest.mark.parametrize(("base", "path"), PLACES)
@pytest.mark.parametrize("value", [True, 5, "text", {"a": 1}, None, [True, 5, "text", None, []]])
def test_lists_that_are_none(base: str, path: str, value: object) -> None:
    examined(jput(path, value)(right()[base]))


def test_a_length_too_long_to_be_a_number() -> None:
    x = field("Content-Length", "9" * 5000)(right()["404.xml"])
    assert x.edited
    examined(x)


def test_documents_too_deep_or_too_long() -> None:
    for body, format_ in (
        ("<keys>" * 300 + "</keys>" * 300, "xml"),
        ("<keys>" + "<key/>" * 20_000 + "</keys>", "xml"),
        ("[" * 50_000 + "]" * 50_000, "json"),
        ('{"keys":[' + ",".join(["{}"] * 20_000) + "]}", "json"),
    ):
        list(judge(exchange("/keys", body, format=format_)))


@pytest.mark.parametrize("to", [[], ["stopped"], {"id": "stopped"}, 1, True])
def test_a_transition_to_what_is_not_a_text(to: object) -> None:
    states = [{"name": "start", "transitions": [{"to": to, "action": "create"}]}]
    x = exchange("/instance_states", json.dumps(states), format="json")
    assert "DC-IST-007" in {j.requirement for _, j in judge(x) if not j.ok}
