"""One object in two formats: what differs, and what only looks different."""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

import pytest
import requests
from lxml import etree

from tck.reference_server.embedded import Embedded
from tck.rules.views import FACTS, canonical, differences
from tck.schemas.operations import API

HREF = "http://h/api/instances/i"
INSTANCE = f"""<instance id="i" href="{HREF}"><name>n</name><owner_id>o</owner_id>
  <image id="m" href="x"/><realm id="r" href="x"/><state>RUNNING</state>
  <hardware_profile id="h" href="x">
    <property kind="fixed" name="memory" value="512"/>
  </hardware_profile>
  <actions>
    <link rel="stop" method="post" href="a"/><link rel="reboot" method="post" href="b"/>
  </actions>
  <public_addresses><address type="ipv4">1.2.3.4</address></public_addresses><private_addresses/>
  <storage_volumes/><launch_time>now</launch_time>
  <authentication type="key"><login><keyname>k</keyname></login></authentication></instance>"""


def twin() -> dict[str, Any]:
    """The JSON of INSTANCE."""
    return {
        "id": "i",
        "href": HREF,
        "name": "n",
        "owner": "o",
        "image": {"id": "m", "rel": "image"},
        "realm": {"id": "r"},
        "state": "RUNNING",
        "hardware_profile": {"id": "h", "properties": {"memory": 512.0}},
        "actions": [{"rel": "reboot", "method": "post"}, {"rel": "stop", "method": "post"}],
        "public_addresses": [{"type": "ipv4", "address": "1.2.3.4"}],
        "private_addresses": [],
        "storage_volumes": [],
        "create_time": "now",
        "authentication": {"keyname": "k"},
    }


def of(value: dict[str, Any]) -> list[str]:
    return [fact for fact, _, _ in differences("instance", etree.fromstring(INSTANCE), value)]


def test_twins_do_not_differ() -> None:
    assert of(twin()) == []


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"name": "other"}, "name"),
        ({"name": None}, "name"),
        ({"owner": "other"}, "owner"),
        ({"state": "STOPPED"}, "state"),
        ({"image": {"id": "other"}}, "image"),
        ({"image": None}, "image"),
        ({"realm": []}, "realm"),
        ({"hardware_profile": {"id": "h", "properties": {"memory": 513}}}, "overrides"),
        ({"hardware_profile": {"id": "h"}}, "overrides"),
        ({"actions": [{"rel": "stop", "method": "post"}]}, "actions"),
        ({"actions": [{"rel": "stop", "method": "post"}, {"rel": "reboot"}]}, "actions"),
        ({"actions": True}, "actions"),
        ({"public_addresses": [{"type": "ipv4", "address": "1.2.3.5"}]}, "public addresses"),
        ({"private_addresses": [{"type": "mac", "address": "a"}]}, "private addresses"),
        ({"storage_volumes": [{"id": "v"}]}, "volumes"),
        ({"create_time": "then"}, "launch time"),
        ({"authentication": {"keyname": "other"}}, "keyname"),
        ({"authentication": "none"}, "keyname"),
    ],
)
def test_a_difference_is_reported_by_its_name(change: dict[str, Any], fact: str) -> None:
    assert of(twin() | change) == [fact]


@pytest.mark.parametrize(
    "change",
    [
        {"private_addresses": None},
        {"unknown": 1},
        {"name": " n "},
        {"hardware_profile": {"id": "h", "properties": {"memory": "512"}}},
        {"hardware_profile": {"id": "h", "properties": {"memory": 512}}},
        {
            "actions": [
                {"rel": "stop", "method": "post", "href": "other"},
                {"method": "post", "rel": "reboot"},
            ]
        },
    ],
)
def test_what_only_looks_different(change: dict[str, Any]) -> None:
    assert of(twin() | change) == []


@pytest.mark.parametrize("singular", FACTS)
@pytest.mark.parametrize("value", [True, 5, "text", [True], {"a": [1]}, None])
def test_hostile_json_is_a_difference_and_not_an_error(singular: str, value: object) -> None:
    members = ("id", "properties", "hardware_profiles", "actions", "rules", "instances", "realm")
    members += ("blob_list", "user_metadata", "subnets", "network", "instance", "bucket", "image")
    hostile = dict.fromkeys(members, value)
    assert differences(singular, etree.fromstring(f'<{singular} id="x"/>'), hostile)


@pytest.mark.parametrize(
    "collection", [n for n in API.top_level if API.collections[n].singular in FACTS]
)
def test_both_formats_of_the_reference_server_agree(full: Embedded, collection: str) -> None:
    singular = API.collections[collection].singular
    xml, json = (
        requests.get(
            f"{full.url}/{collection}",
            auth=(full.user, full.password),
            headers={"Accept": f"application/{format_}"},
            timeout=10,
        )
        for format_ in ("xml", "json")
    )
    entries = {entry["id"]: entry for entry in json.json()[collection]}
    elements = etree.fromstring(xml.content).findall(singular)
    assert elements
    for element in elements:
        assert differences(singular, element, entries[str(element.get("id"))]) == []


# ---------------------------------------------------------------- canonical


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("<a b='1' c='2'/>", '<a c="2" b="1"></a>', True),
        ("<a><b/><c/></a>", "<a>\n  <c/>\n  <b/>\n</a>", True),
        ("<a> t </a>", "<a>t</a>", True),
        ("<a><!-- x -->t</a>", "<a>t</a>", True),
        ("<a>t<?x y?></a>", "<a>t</a>", True),
        ("<a>t</a>", "<a>T</a>", False),
        ("<a b='1'/>", "<a b='2'/>", False),
        ("<a><b/></a>", "<a><b/><b/></a>", False),
        ("<a><b><c/></b></a>", "<a><b/><c/></a>", False),
        ("<a/>", "<b/>", False),
    ],
)
def test_canonical_drops_only_what_means_nothing(one: str, other: str, same: bool) -> None:
    assert (canonical(etree.fromstring(one)) == canonical(etree.fromstring(other))) == same


def test_elements_in_elements_cost_no_more_than_what_they_hold() -> None:
    def peak(levels: int) -> int:
        nested = "<a b='&quot;c'>'t'" * levels + "</a>" * levels
        root = etree.fromstring(nested)
        tracemalloc.start()
        canonical(root)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(40) < 4 * peak(20)


def test_many_attributes_cost_no_more_than_their_number() -> None:
    def seconds(count: int) -> float:
        attributes = " ".join(f"a{n}='{n}'" for n in range(count))
        element = etree.fromstring(f"<a {attributes}/>")
        began = time.process_time()
        canonical(element)
        return time.process_time() - began

    assert min(seconds(40_000) for _ in range(3)) < 10 * min(seconds(10_000) for _ in range(3))
