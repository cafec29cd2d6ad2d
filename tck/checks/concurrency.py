"""Checks of requests at once on keys, buckets, blobs and firewalls, and of creates and deletes."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import pytest

from tck.checks.buckets import bucket
from tck.checks.firewalls import RULE, add, firewall, rules
from tck.checks.networks import BLOCK
from tck.checks.support import instances, life, models, volumes
from tck.checks.support.answers import ids_at, value_at
from tck.checks.support.at_once import (
    History,
    answer_of,
    explained,
    histories,
    operations,
    read,
    until_explained,
)
from tck.checks.support.check import check
from tck.checks.support.client import Call
from tck.checks.support.cloud import Cloud
from tck.checks.support.linearizability import Operation
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.rules import reading
from tck.safety.resource import Resource

META = "X-Deltacloud-Blobmeta-"
# What demands of each collection that a create makes something.
_CREATES = {
    "addresses": "DC-ADR-005",
    "buckets": "DC-BKT-005",
    "keys": "DC-KEY-005",
    "networks": "DC-NET-007",
    "storage_volumes": "DC-VOL-006",
}
_TYPES = ("text/plain", "application/octet-stream", "image/png", "text/html", "application/xml")


@check("DC-CON-001", writes=True)
@pytest.mark.parametrize("collection", ["addresses", "storage_volumes", "networks", "instances"])
def test_creates(cloud: Cloud, verify: Verify, collection: str) -> None:
    """Equal creates at once make an object each, with an id of its own."""
    dear = collection == "instances"
    form: Mapping[str, str] = {"address_block": BLOCK} if collection == "networks" else {}
    if dear:
        image = instances.image_id(cloud, verify)
        form = {**cloud.policy.launch_defaults, "image_id": image}
    else:  # which shows that it works
        life.create(cloud, verify, _CREATES[collection], collection, form)
    if collection == "storage_volumes":
        form = volumes.sized(cloud, {})
    for _, clients in histories(cloud, verify, 10 if dear else 1, most=2 if dear else 4):
        outcomes = cloud.create_at_once(collection, [form] * clients)
        landed = [one for one, _ in outcomes]
        operations(verify, [("create",)] * clients, landed)
        made = [resource for one, resource in outcomes if one.exchange.ok and resource]
        if len(made) < 2:
            statuses = [one.exchange.status for one in landed]
            verify.inconclusive(f"fewer than two creates at once succeeded: {statuses}")
        ids = [resource.id for resource in made]
        ok = len(set(ids)) == len(ids)
        verify.holds("DC-CON-001", "id", "an id for each", ids, ok, x=landed[-1].exchange)
        for resource in made:
            life.assert_shown(cloud, verify, "DC-CON-001", resource)


@check("DC-CON-002", "DC-CON-012", needs="keys", writes=True)
def test_creates_of_one_key(cloud: Cloud, verify: Verify) -> None:
    """Of creates of one name at once, one makes the key; the others are refused."""
    for _, clients in histories(cloud, verify):
        name = cloud.new_name()
        outcomes = cloud.create_at_once("keys", [{"name": name}] * clients)
        history = operations(verify, [("create",)] * clients, [one for one, _ in outcomes])
        x = cloud.index("keys")
        place = f"creates of key {name}"
        explained(verify, "DC-CON-002", place, history, False, models.once, x)
        listed = ids_at(x, "key").count(name)
        verify.equal("DC-CON-002", f"keys {name}", 1, listed, x=x)


@check("DC-CON-003", needs="buckets", writes=True)
def test_creates_of_one_bucket(cloud: Cloud, verify: Verify) -> None:
    """Creates of one name at once lead to one bucket, whether they are refused or not."""
    for _, clients in histories(cloud, verify):
        name = cloud.new_name()
        outcomes = cloud.create_at_once("buckets", [{"name": name}] * clients)
        landed = [one for one, _ in outcomes]
        operations(verify, [("create",)] * clients, landed)
        made = {resource.id for one, resource in outcomes if one.exchange.ok and resource}
        x = cloud.index("buckets")
        verify.equal("DC-CON-003", "id", {name}, made, x=landed[0].exchange)
        verify.equal("DC-CON-003", f"buckets {name}", 1, ids_at(x, "bucket").count(name), x=x)


@check("DC-CON-004", needs="firewalls", writes=True)
def test_rules(cloud: Cloud, verify: Verify) -> None:
    """Of rules that are added and deleted at once none is lost, and none comes back."""
    for number, clients in histories(cloud, verify):
        where = firewall(cloud, verify)
        first = add(cloud, verify, where, RULE)
        verify.accepted("DC-FWL-009", first)
        there = [rule.get("id") or "" for rule in rules(cloud.get(where.href))]
        ports = [str(port) for port in Random(number).sample(range(1000, 9000), clients)]
        target = cloud.path("firewalls", where.id, action="rules")
        calls = [Call("POST", target, RULE | {"port_from": p, "port_to": p}) for p in ports]
        asked = [("add", port) for port in ports]
        if number % 2 and len(there) == 1:
            calls[-1] = Call("DELETE", cloud.path("firewalls", where.id, there[0]))
            asked[-1] = ("drop", RULE["port_from"])
        history = operations(verify, asked, cloud.at_once(calls))
        until_explained(
            cloud,
            verify,
            "DC-CON-004",
            where,
            history,
            _ports(first),
            models.collection,
            _ports,
        )


def _ports(x: Exchange) -> frozenset[str]:
    return frozenset(reading.text(rule, "port_from") or "" for rule in rules(x))


class _Puts:
    """What is put under one name: content, type and metadata of each are like no other's."""

    def __init__(self, target: str) -> None:
        """`target`: the name in its bucket."""
        self._target = target
        self._contents: dict[str, bytes] = {}

    def put(self, number: int, size: int) -> Call:
        """The request that puts a number."""
        content = str(number).encode() * (size + number)
        self._contents[str(number)] = content
        headers = {"Content-Type": _TYPES[number % 5], META + "Version": str(number)}
        return Call("PUT", self._target, body=content, headers=headers)

    def of_content(self, x: Exchange) -> frozenset[str]:
        """The puts to which content and type belong."""
        return frozenset(
            number
            for number, content in self._contents.items()
            if x.ok and x.body == content and x.media_type == _TYPES[int(number) % 5]
        )

    def of_document(self, x: Exchange) -> frozenset[str]:
        """The puts to which the document of the blob belongs, metadata and all."""
        entries = [] if x.xml is None else x.xml.findall("user_metadata/entry")
        versions = [(entry.text or "").strip() for entry in entries]
        return frozenset(
            number
            for number, content in self._contents.items()
            if value_at(x, "content_length") == str(len(content))
            and value_at(x, "content_type") == _TYPES[int(number) % 5]
            and versions == [number]
        )


@check("DC-CON-005", needs="buckets", writes=True)
def test_puts(cloud: Cloud, verify: Verify) -> None:
    """Puts of one blob at once: what is read meanwhile and afterwards is one of them, whole."""
    where = bucket(cloud, verify)
    for number, clients in histories(cloud, verify):
        name = cloud.new_name()
        puts = _Puts(name)
        blob = _first_put(cloud, verify, where, name, puts)
        chance, history, last = Random(number), History(), 0
        looks = [
            Call("GET", blob.href + "/content", format=None),
            Call("GET", blob.href),
        ]
        for _ in range(1 + number % 3):
            numbers = range(last + 1, last + 1 + clients)
            last = numbers[-1]
            calls = [puts.put(n, chance.choice([16, 1000, 9000])) for n in numbers]
            landed, _ = cloud.store_blobs_at_once(where, calls, looks)
            history += operations(verify, [("put", str(n)) for n in numbers], landed[:clients])
            seen = (puts.of_content, puts.of_document)
            for (x, began, ended), values in zip(landed[clients:], seen, strict=True):
                if answer_of(x) is True:
                    history.append(Operation(("glance",), values(x), began, ended))
        initial: tuple[str, ...] = ("0",)
        model = models.lagging_cell
        x = until_explained(
            cloud, verify, "DC-CON-005", blob, history, initial, model, puts.of_document
        )
        history.append(read(puts.of_document(x)))
        x = cloud.get(blob.href + "/content", format=None)
        history.append(read(puts.of_content(x)))
        explained(verify, "DC-CON-005", "content", history, initial, model, x)


def _first_put(cloud: Cloud, verify: Verify, where: Resource, name: str, puts: _Puts) -> Resource:
    """The blob as all histories find it."""
    call = puts.put(0, 100)
    x, blob = cloud.store_blob(where, name, call.body or b"", headers=call.headers)
    life.skip_unless_offered(verify, x, "to store blobs")
    verify.accepted("DC-BLB-007", x)
    blob = verify.need(blob, "no blob was stored")
    shown = cloud.get(blob.href)
    if "0" not in puts.of_document(shown):  # DC-BLB-008
        verify.inconclusive("a blob does not show what was stored with it")
    return blob


@check("DC-CON-006", needs="buckets", writes=True)
def test_metadata(cloud: Cloud, verify: Verify) -> None:
    """Updates of metadata at once: those of one remain, all of them, and the content."""
    where = bucket(cloud, verify)
    content = b"content"
    for _, clients in histories(cloud, verify):
        fields = {META + "A": "0", META + "B": "0"}
        x, blob = cloud.store_blob(where, cloud.new_name(), content, headers=fields)
        life.skip_unless_offered(verify, x, "to store blobs")
        blob = verify.need(blob, "no blob was stored")
        calls = [
            Call("POST", blob.href, headers={META + "A": str(n), META + "B": str(n)})
            for n in range(1, clients + 1)
        ]
        asked = [("put", str(n)) for n in range(1, clients + 1)]
        history = operations(verify, asked, cloud.at_once(calls))
        until_explained(
            cloud, verify, "DC-CON-006", blob, history, "0", models.cell, _metadata_of_one
        )
        x = cloud.get(blob.href + "/content", format=None)
        verify.equal("DC-CON-006", "content", content, x.body, x=x)


def _metadata_of_one(x: Exchange) -> frozenset[str]:
    """The update to which the metadata belong."""
    entries = [] if x.xml is None else x.xml.findall("user_metadata/entry")
    values = [(entry.text or "").strip() for entry in entries]
    return frozenset(values) if len(values) == 2 and len(set(values)) == 1 else frozenset()


@check("DC-CON-013", needs="buckets", writes=True)
def test_stores(cloud: Cloud, verify: Verify) -> None:
    """Blobs that are stored in one bucket at once are all in it."""
    for _, clients in histories(cloud, verify):
        where = bucket(cloud, verify)
        names = [cloud.new_name() for _ in range(clients)]
        landed, _ = cloud.store_blobs_at_once(where, [Call("PUT", n, body=b"tck") for n in names])
        history = operations(verify, [("add", name) for name in names], landed)
        until_explained(
            cloud,
            verify,
            "DC-CON-013",
            where,
            history,
            frozenset[str](),
            models.collection,
            lambda x: frozenset(ids_at(x, "blob")),
        )


@check("DC-CON-010", writes=True)
@pytest.mark.parametrize("collection", ["keys", "buckets", "storage_volumes"])
def test_deletes(cloud: Cloud, verify: Verify, collection: str) -> None:
    """What several delete at once is gone, and what nobody deletes stays."""
    for _, clients in histories(cloud, verify, 2):
        requirement = _CREATES[collection]
        _, victim = life.create(cloud, verify, requirement, collection, {})
        _, other = life.create(cloud, verify, requirement, collection, {})
        if collection == "storage_volumes":  # others have no state to come to
            life.wait_until_ready(cloud, victim)
        landed = cloud.at_once([Call("DELETE", victim.href)] * clients)
        operations(verify, [("destroy",)] * clients, landed)
        life.wait_until_gone(cloud, verify, "DC-CON-010", victim)
        life.assert_shown(cloud, verify, "DC-CON-010", other)
