"""Rules on action links: what can be done with an object, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from tck.endpoint.exchange import Exchange, without_matrix
from tck.rules.engine import Judgement, rule
from tck.rules.reading import (
    attributes,
    elements,
    listed,
    members,
    objects,
    once,
    repeated,
    shown,
    url_parts,
)
from tck.schemas.operations import API

# object: {rel: operation that the link leads to}
_RELS: dict[str, dict[str, str]] = {
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
    """(singular, id, place, links) of every object that shows actions, rules of firewalls too.

    In JSON only instances: the actions of volumes have no method there (J14).
    """
    return list(_actions(x))


def _actions(x: Exchange) -> Iterator[Offer]:
    singular, found = members(x)
    if x.xml is not None and singular in _RELS:
        for place, element in found:
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


@rule("DC-LNK-001", "DC-LNK-002", "DC-LNK-003", evidence="document", of=_RELS)
def complete(x: Exchange) -> Iterator[Judgement]:
    """A link says what it does, where, and how."""
    for _, _, place, links in actions(x):
        for link in links:
            missing = [name for name in ("rel", "href", "method") if not link.get(name)]
            got = shown(f"{dict(link)} without {', '.join(missing)}") if missing else ""
            yield Judgement("DC-LNK-001", not missing, place, "rel, href and method", got)
            method, rel = link.get("method"), link.get("rel")
            if not method:
                continue
            got = f"method {shown(method)} for rel {shown(rel)}"
            known = method in _METHODS
            yield Judgement("DC-LNK-002", known, place, f"one of {', '.join(_METHODS)}", got)
            if rel:
                wanted = "delete" if rel in ("destroy", "destroy_image") else "post"
                right = str(method).lower() == wanted
                yield Judgement("DC-LNK-003", right, place, f"method {wanted}", got)


@rule("DC-LNK-004", "DC-LNK-005", "DC-LNK-006", evidence="document", of=_RELS)
def meaning(x: Exchange) -> Iterator[Judgement]:
    """A link's rel is known, used once, and its href leads to that operation."""
    base = urlsplit(x.base).path.rstrip("/")
    for singular, id_, place, links in actions(x):
        rels = [str(link.get("rel")) for link in links]
        if rels:
            twice = repeated(rels)
            got = ", ".join(twice)
            yield Judgement("DC-LNK-006", not twice, place, "every rel once", shown(got))
        known = _RELS[singular]
        rels_known = "one of " + ", ".join(known)
        for link in links:
            rel, href = str(link.get("rel")), str(link.get("href"))
            yield Judgement("DC-LNK-004", rel in known, place, rels_known, shown(rel))
            if rel in known and link.get("href") and id_:
                op = API.operations[known[rel]]
                right = _leads_to(href, base, op.id, id_)
                expected = f"{op.method} {base}{op.path} of {id_}"
                got = shown(f"{rel}: {href}")
                yield Judgement("DC-LNK-005", right, place, expected, got)


@rule("DC-LNK-004", "DC-LNK-005", evidence="document", of=["load_balancer"])
def unregister(x: Exchange) -> Iterator[Judgement]:
    """The link beside an instance of a balancer says unregister, and leads there."""
    base, op = urlsplit(x.base).path.rstrip("/"), API.operations["load_balancers.unregister"]
    for place, balancer in elements(x, "load_balancer"):
        id_ = balancer.get("id", "")
        at = f"{place}/instances/instance/link"
        for link in balancer.iterfind("instances/instance/link"):
            rel = link.get("rel")
            yield Judgement("DC-LNK-004", rel == "unregister", at, "unregister", shown(rel))
            if rel == "unregister" and (href := link.get("href")):
                right, expected = _leads_to(href, base, op.id, id_), f"{base}{op.path} of {id_}"
                yield Judgement("DC-LNK-005", right, at, expected, shown(href))


@lru_cache(maxsize=4096)
def _leads_to(href: str, base: str, operation: str, id_: str) -> bool:
    path = without_matrix(url_parts(href).path)
    op = API.operations[operation]
    hit = API.match(op.method, path.removeprefix(base))
    if hit is None or hit[0].id != operation:
        return False
    own = list(hit[1].values())[-1:]  # of a path with several ids the last is the object's
    # an id that is not percent-encoded in the href is judged as a URI, not here
    return not own or own[0] in (id_, "")
