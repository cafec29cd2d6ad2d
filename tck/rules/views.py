"""One object in two formats: comparable facts from its XML and from its JSON.

`FACTS` lists for every kind of object what both formats contain, with their documented differences
in naming and structure (J1-J22): where XML has owner_id, JSON has owner. Each fact has a reader
for either format that reduces it to the same plain value: absent, null and empty are the same, and
so are 5, 5.0 and "5"; lists are compared in any order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lxml import etree

from tck.rules.reading import attributes, listed
from tck.schemas.operations import API

Fact = object
XmlReader = Callable[[etree._Element], Fact]
JsonReader = Callable[[Mapping[str, Any]], Fact]


def _plain(value: object) -> str | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip() if value is not None else ""
    return (text.lower() if isinstance(value, bool) else text) or None


def _plains(value: object) -> dict[str, str | None]:
    """A JSON object with its values made plain; empty if the value is not an object."""
    return {str(k): _plain(v) for k, v in value.items()} if isinstance(value, Mapping) else {}


def _inner(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, Mapping) else None


def _sorted(facts: Iterable[tuple[str | None, ...]]) -> Fact:
    return sorted(facts, key=repr)  # None and text have no order


def _x(path: str) -> XmlReader:
    """Reads the text of a child, or an attribute: "state", "@id", "image/@id"."""
    child, _, attribute = path.rpartition("@")

    def read(element: etree._Element) -> Fact:
        holder = element.find(child.rstrip("/")) if child else element
        if holder is None:
            return None
        return _plain(holder.get(attribute) if attribute in holder.attrib else None)

    return read if "@" in path else (lambda element: _plain(element.findtext(path)))


def _j(path: str) -> JsonReader:
    """Reads a value by its path: "image.id"."""

    def read(value: Mapping[str, Any]) -> Fact:
        inner: object = value
        for key in path.split("."):
            inner = _inner(inner, key)
        return _plain(inner)

    return read


def _xs(path: str, *attributes: str, text: bool = False) -> XmlReader:
    """Reads attributes (and the text) of repeated elements, in any order."""

    def read(element: etree._Element) -> Fact:
        return _sorted(
            tuple([_plain(e.get(a)) for a in attributes] + ([_plain(e.text)] if text else []))
            for e in element.iterfind(path)
        )

    return read


def _js(path: str, *keys: str) -> JsonReader:
    """Reads members of a list of objects, in any order."""

    def read(value: Mapping[str, Any]) -> Fact:
        return _sorted(
            tuple(_plain(entry.get(key)) for key in keys)
            for entry in listed(value.get(path))
            if isinstance(entry, Mapping)
        )

    return read


def _same(*names: str) -> dict[str, tuple[XmlReader, JsonReader]]:
    """Facts with the same name in both formats; id and href are attributes in XML."""
    return {name: (_x(f"@{name}" if name in ("id", "href") else name), _j(name)) for name in names}


def _addresses(name: str) -> tuple[XmlReader, JsonReader]:
    return _xs(f"{name}/address", "type", text=True), _js(name, "type", "address")


def _properties(path: str) -> XmlReader:
    return lambda e: {str(p.get("name")): _plain(p.get("value")) for p in e.iterfind(path)}


def _read_rule(rule: etree._Element) -> tuple[str | None, ...]:
    parts = (rule.findtext(part) for part in ("allow_protocol", "port_from", "port_to"))
    return _plain(rule.get("id")), *map(_plain, parts)


def _read_listener(listener: etree._Element) -> tuple[str | None, ...]:
    ports = (listener.findtext(part) for part in ("load_balancer_port", "instance_port"))
    return _plain(listener.get("protocol")), *map(_plain, ports)


def _ids(collection: str) -> tuple[XmlReader, JsonReader]:
    """Ids of the members of a collection that an object refers to."""
    return _xs(f"{collection}/{API.collections[collection].singular}", "id"), _js(collection, "id")


_IDENTITY = _same("id", "href")
_REFERENCE = {
    part: (_x(f"{part}/@id"), _j(f"{part}.id")) for part in ("image", "realm", "hardware_profile")
}

FACTS: dict[str, dict[str, tuple[XmlReader, JsonReader]]] = {
    "realm": _IDENTITY | _same("name", "state"),
    "hardware_profile": _IDENTITY
    | _same("name")
    | {
        "defaults": (_properties("property"), lambda v: _plains(v.get("properties"))),
    },
    "image": _IDENTITY
    | _same("name", "description", "architecture", "state", "root_type", "creation_time")
    | {
        "owner": (_x("owner_id"), _j("owner")),
        "hardware_profiles": _ids("hardware_profiles"),
    },
    "instance": _IDENTITY
    | _same("name", "state")
    | _REFERENCE
    | {
        "owner": (_x("owner_id"), _j("owner")),
        "launch time": (_x("launch_time"), _j("create_time")),
        "actions": (_xs("actions/link", "rel", "method"), _js("actions", "rel", "method")),
        "overrides": (
            _properties("hardware_profile/property"),
            lambda v: _plains(_inner(v.get("hardware_profile"), "properties")),
        ),
        "public addresses": _addresses("public_addresses"),
        "private addresses": _addresses("private_addresses"),
        "volumes": _ids("storage_volumes"),
        "firewalls": _ids("firewalls"),
        "keyname": (_x("authentication/login/keyname"), _j("authentication.keyname")),
    },
    "key": _IDENTITY
    | _same("fingerprint", "username")
    | {"type": (_x("@type"), _j("credential_type"))},
    "address": _IDENTITY
    | {
        "instance": (_x("instance/@id"), _j("instance_id")),
        "associated": (lambda e: _plain(e.find("instance") is not None), _j("associated")),
    },
    "firewall": _IDENTITY
    | _same("name", "description", "owner_id")
    | {
        "rules": (
            lambda e: _sorted(map(_read_rule, e.iterfind("rules/rule"))),
            _js("rules", "id", "allow_protocol", "port_from", "port_to"),
        )
    },
    "load_balancer": _IDENTITY
    | _same("created_at")
    | {
        "instances": _ids("instances"),
        "listeners": (
            lambda e: _sorted(map(_read_listener, e.iterfind("listeners/listener"))),
            _js("listeners", "protocol", "load_balancer_port", "instance_port"),
        ),
    },
    "storage_volume": _IDENTITY
    | _same("state", "created", "capacity", "kind", "device")
    | {
        "realm": (_x("realm_id"), _j("realm.id")),
        "instance": (_x("mount/instance/@id"), _j("instance.id")),
    },
    "storage_snapshot": _IDENTITY
    | _same("created")
    | {"volume": (_x("storage_volume/@id"), _j("storage_volume.id"))},
    "bucket": _IDENTITY
    | _same("name", "size")
    | {"blobs": (_xs("blob", "id"), _js("blob_list", "id"))},
    "blob": _IDENTITY
    | _same("content_length", "content_type", "last_modified")
    | {
        "bucket": (_x("bucket"), _j("bucket.id")),
        "metadata": (
            lambda e: {
                str(m.get("key")): _plain(m.text) for m in e.iterfind("user_metadata/entry")
            },
            lambda v: _plains(v.get("user_metadata")),
        ),
    },
    "metric": _IDENTITY | _same("entity"),
    "network": _IDENTITY
    | _same("name", "state")
    | {
        "subnets": _ids("subnets"),
        "address blocks": (
            _xs("address_blocks/address_block", text=True),
            lambda v: _sorted((_plain(block),) for block in listed(v.get("address_blocks"))),
        ),
    },
    "subnet": _IDENTITY
    | _same("name", "state", "address_block")
    | {"network": (_x("network"), _j("network.id"))},
    "network_interface": _IDENTITY
    | _same("name", "ip_address")
    | {
        "instance": (_x("instance/@id"), _j("instance.id")),
        "network": (_x("network/@id"), _j("network.id")),
    },
}


def facts(singular: str, shown: etree._Element | Mapping[str, Any]) -> dict[str, Fact]:
    """All facts of one object, from its element or from its JSON without the key that wraps it.

    `singular`: its kind as in FACTS.
    """
    if isinstance(shown, Mapping):
        return {name: in_json(shown) for name, (_, in_json) in FACTS[singular].items()}
    return {name: in_xml(shown) for name, (in_xml, _) in FACTS[singular].items()}


def differences(
    singular: str, element: etree._Element, value: Mapping[str, Any]
) -> list[tuple[str, Fact, Fact]]:
    """(fact, in XML, in JSON) of everything on which the two formats of an object differ.

    `singular` and `value` are as for `facts`.
    """
    one, other = facts(singular, element), facts(singular, value)
    return [(name, one[name], other[name]) for name in one if one[name] != other[name]]


def canonical(element: etree._Element) -> bytes:
    """A digest of what an XML element means: without order, white space around text, comments.

    Of the children only their digests are looked at: put into each other as texts, they would be
    written and escaped once more at each level.
    """
    children = sorted(map(canonical, element.iterchildren(etree.Element)))
    named = sorted(attributes(element).items())
    # a comment splits the text around it
    text = (element.text or "") + "".join(child.tail or "" for child in element)
    meaning = repr((element.tag, named, text.strip(), children))
    return hashlib.sha256(meaning.encode("utf-8", "backslashreplace")).digest()
