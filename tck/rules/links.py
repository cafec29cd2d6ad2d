"""Rules on action links: what can be done with an object, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from tck.endpoint.exchange import Exchange, without_matrix
from tck.rules.engine import rule
from tck.rules.judgement import Judgement, distinct, equal, holds, one_of
from tck.rules.reading import (
    attributes,
    elements,
    listed,
    members,
    objects,
    once,
    remembered,
    url_parts,
)
from tck.schemas.operations import API

# object: {rel: operation that the link leads to}
RELS: dict[str, dict[str, str]] = {
    "instance": {
        **{a: f"instances.{a}" for a in ("reboot", "start", "stop", "destroy", "run")},
        "create_image": "images.create",
    },
    "image": {"create_instance": "instances.create", "destroy_image": "images.destroy"},
    "address": {a: f"addresses.{a}" for a in ("destroy", "associate", "disassociate")},
    "load_balancer": {a: f"load_balancers.{a}" for a in ("destroy", "register", "unregister")},
    "storage_volume": {a: f"storage_volumes.{a}" for a in ("attach", "detach", "destroy")},
    "firewall": {
        "destroy": "firewalls.destroy",
        "add_rule": "firewalls.rules",
        "update": "firewalls.rules",
    },
    "rule": {"destroy": "rules.destroy"},
    "key": {"destroy": "keys.destroy"},
    "network": {"destroy": "networks.destroy"},
    "subnet": {"destroy": "subnets.destroy"},
    "network_interface": {"destroy": "network_interfaces.destroy"},
}
_METHODS = ("get", "post", "put", "delete")
Link = Mapping[str, Any]
Offer = tuple[str, str, str, list[Link]]


@once
def actions(x: Exchange) -> list[Offer]:
    """(singular, id, place, links) of every object that shows actions, firewall rules included.

    In JSON of instances only: the actions of volumes have no method there (J14).
    """
    return list(_actions(x))


def _actions(x: Exchange) -> Iterator[Offer]:
    singular, shown = members(x)
    if x.xml is not None and singular in RELS:
        for place, element in shown:
            for holder in element.findall("actions"):
                links: list[Link] = [attributes(link) for link in holder.iterchildren("link")]
                yield singular, element.get("id", ""), f"{place}/actions", links
            for number, inner in enumerate(element.iterfind("rules/rule"), 1):
                links = [attributes(link) for link in inner.iterfind("actions/link")]
                if links:
                    at = f"{place}/rules/rule[{number}]/actions"
                    yield "rule", inner.get("id", ""), at, links
    for place, value in objects(x, "instance"):
        links = [entry for entry in listed(value.get("actions")) if isinstance(entry, dict)]
        yield "instance", str(value.get("id")), f"{place}.actions", links


@rule("DC-LNK-001", "DC-LNK-002", "DC-LNK-003", evidence="document", of=RELS)
def complete(x: Exchange) -> Iterator[Judgement]:
    """An action link has a rel, an href and the method that goes with the rel."""
    for _, _, place, links in actions(x):
        for link in links:
            rel, href, method = link.get("rel"), link.get("href"), link.get("method")
            ok = bool(rel and href and method)
            yield holds("DC-LNK-001", place, "rel, href and method", link, ok)
            if not method:
                continue
            yield one_of("DC-LNK-002", place, _METHODS, method)
            if rel:
                expected = "delete" if rel in ("destroy", "destroy_image") else "post"
                yield equal(
                    "DC-LNK-003", place, expected, str(method).lower(), why=f"the method of {rel}"
                )


@rule("DC-LNK-004", "DC-LNK-005", "DC-LNK-006", evidence="document", of=RELS)
def meaning(x: Exchange) -> Iterator[Judgement]:
    """The rel of an action link is known and used once, and its href leads to that operation."""
    base = urlsplit(x.base).path.rstrip("/")
    for singular, id_, place, links in actions(x):
        rels = [str(link.get("rel")) for link in links]
        if rels:
            yield distinct("DC-LNK-006", place, "every rel once", rels)
        operations = RELS[singular]
        for rel, link in zip(rels, links, strict=True):
            yield one_of("DC-LNK-004", place, operations.keys(), rel)
            if rel in operations and link.get("href") and id_:
                href = x.rebased(str(link["href"]))
                yield _leads("DC-LNK-005", place, operations[rel], base, id_, href)


@rule("DC-LNK-004", "DC-LNK-005", evidence="document", of=["load_balancer"])
def unregister(x: Exchange) -> Iterator[Judgement]:
    """The link beside an instance of a load balancer is unregister, and leads there."""
    base = urlsplit(x.base).path.rstrip("/")
    for place, balancer in elements(x, "load_balancer"):
        at, id_ = f"{place}/instances/instance/link", balancer.get("id", "")
        for link in balancer.iterfind("instances/instance/link"):
            rel, href = link.get("rel"), link.get("href")
            yield equal("DC-LNK-004", at, "unregister", rel)
            if rel == "unregister" and href:
                yield _leads(
                    "DC-LNK-005", at, "load_balancers.unregister", base, id_, x.rebased(href)
                )


def _leads(
    requirement: str, place: str, operation: str, base: str, id_: str, href: str
) -> Judgement:
    """The href leads to an operation on the object with an id."""
    op = API.operations[operation]
    leads = _href_leads_to_operation(href, base, operation, id_)
    return holds(requirement, place, f"{op.method} {base}{op.path} of {id_}", href, leads)


@remembered
def _href_leads_to_operation(href: str, base: str, operation: str, id_: str) -> bool:
    path = without_matrix(url_parts(href).path)
    op = API.operations[operation]
    match = API.match(op.method, path.removeprefix(base))
    if match is None or match[0].id != operation:
        return False
    ids = list(match[1].values())
    # The last id of a path is the object's. DC-DOC-011 judges whether it is percent-encoded.
    return not ids or ids[-1] == id_
