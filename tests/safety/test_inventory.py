"""The inventory: what lists show, and what is told of the difference."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from endpoint.exchanges import exchange

from tck.endpoint.exchange import Exchange
from tck.safety.inventory import Inventory, Item, changes, ids_in, of_all_processes, read

KEYS = """<keys><key id="a" href="/x"><name>one
 two</name></key><key id="b"/><key><name>no id</name></key></keys>"""
INSTANCES = (
    "<instances><instance id='i'><name>web</name><state>RUNNING</state></instance></instances>"
)


def test_what_lists_show() -> None:
    documents = {"keys": KEYS, "instances": INSTANCES, "buckets": "<"}
    listed = read(documents, lambda name: exchange("/" + name, documents[name]))
    assert listed == {
        "keys": {"a": Item("a", "one two"), "b": Item("b")},
        "instances": {"i": Item("i", "web", "RUNNING")},
    }
    assert [str(item) for item in (Item("a"), Item("a", "a"), Item("i", "web", "UP"))] == [
        "a",
        "a",
        "i (web, UP)",
    ]


@pytest.mark.parametrize(
    ("document", "ids"),
    [
        (KEYS, {"a", "b"}),
        ("<?xml version='1.0'?>\n<keys><key id='a&amp;'><name><></name></key></keys>\n", {"a&"}),
        ("<keys><key id='a'><name><></name></key>", None),  # it may go on
        ("<keys><key id='a'><name>", None),
        ("", None),
    ],
)
def test_ids_of_a_list_that_is_not_well_formed(document: str, ids: set[str] | None) -> None:
    assert ids_in(exchange("/keys", document)) == ids
    assert ids_in(exchange("/keys", document, status=500)) is None


def test_processes_share_what_the_first_of_them_saw(tmp_path: Path) -> None:
    first = {"keys": {"a": Item("a", "one")}}
    assert of_all_processes(tmp_path, lambda: first) == first
    assert of_all_processes(tmp_path, lambda: {"keys": {"made by the first": Item("b")}}) == first


def test_an_endpoint_that_does_not_answer_is_not_asked_for_each_list() -> None:
    asked = []

    def get(name: str) -> Exchange:
        asked.append(name)
        return replace(exchange("/" + name), response=None, failure="it is mute")

    assert read("abcdefg", get) == {}
    assert asked == ["a", "b"]


def told(before: Inventory, after: Inventory, gone: bool = True) -> list[str]:
    return [change.text for change in changes(before, after, lambda *_: gone)]


def test_what_is_gone_or_changed_is_told() -> None:
    up, down = Item("i", "web", "RUNNING"), Item("i", "web", "STOPPED")
    assert told({"instances": {"i": up}}, {"instances": {}}) == [
        "instances i (web, RUNNING) is gone"
    ]
    assert told({"instances": {"i": up}}, {"instances": {"i": down}}) == [
        "instances i (web, RUNNING) is now i (web, STOPPED)"
    ]
    assert told({"keys": {"a": Item("a")}}, {}) == [
        "1 keys were there, and the list cannot be read any more"
    ]


def test_what_is_not_told() -> None:
    item = Item("i", "web", "RUNNING")
    there: Inventory = {"instances": {"i": item}}
    assert told(there, there) == []
    assert told({}, there) == [], "what is new"
    assert told({"keys": {}}, {}) == []
    assert told(there, {"instances": {}}, gone=False) == [], "it is shown, though not listed"
    finished = {"instances": {"i": Item("i", "web", "FINISH")}}
    assert told(finished, {"instances": {}}) == [], "machines that have ended vanish"


def test_not_every_object_is_looked_at() -> None:
    looked = []
    before: Inventory = {"keys": {str(n): Item(str(n)) for n in range(1000)}}
    gone = list(changes(before, {"keys": {}}, lambda _, id_: not looked.append(id_)))
    assert (len(gone), len(looked)) == (1000, 20)


def test_an_inventory_has_a_bounded_size() -> None:
    """However many members there are, and however long their ids and names."""
    long = "x" * 8_000
    lists = {
        "keys": "".join(f"<key id='{n}{long}'><name>{long * 10}</name></key>" for n in range(200)),
        "buckets": "".join(f"<bucket id='{n}{long}'/>" for n in range(200)),
        "addresses": "".join(f"<address id='{n}'/>" for n in range(50_000)),
        "images": "".join(f"<image id='{n}'/>" for n in range(90_000)),
    }
    listed = read(lists, lambda name: exchange("/" + name, f"<{name}>{lists[name]}</{name}>"))
    assert [len(listed[name]) for name in list(lists)[:3]] == [200, 200, 50_000]
    assert 10_000 < len(listed["images"]) < 50_000
    assert sum(item.size for members in listed.values() for item in members.values()) < 16 << 20


def test_what_is_told_of_a_change_is_short() -> None:
    long = Item("i" * 8_000, "n" * 200, "UP")
    [text] = told({"keys": {long.id: long}}, {"keys": {}})
    assert len(text) < 500
