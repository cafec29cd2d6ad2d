"""One object seen twice: as comparable facts from its XML and from its JSON.

`FACTS` lists, for every object, what both formats tell, with the documented differences in
naming (J1-J22): where XML has an owner_id, JSON has an owner. Absent, null and empty are
the same; so are 5, 5.0 and "5".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lxml import etree

from tck.rules.reading import listed

Fact = object
XmlReader = Callable[[etree._Element], Fact]
JsonReader = Callable[[Mapping[str, Any]], Fact]


def _plain(value: object) -> str | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip() if value is not None else ""
    return (text.lower() if isinstance(value, bool) else text) or None


def _plains(value: object) -> dict[str, str | None]:
    """A JSON object of plain values; empty if the value is none."""
    return {str(k): _plain(v) for k, v in value.items()} if isinstance(value, Mapping) else {}


def _inner(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, Mapping) else None


def _sorted(facts: Iterable[tuple[str | None, ...]]) -> Fact:
    return sorted(facts, key=repr)  # None and text have no order


def _x(path: str) -> XmlReader:
    """Text of a child, or an attribute: "state", "@id", "image/@id"."""
    child, _, attribute = path.rpartition("@")

    def read(element: etree._Element) -> Fact:
        holder = element.find(child.rstrip("/")) if child else element
        if holder is None:
            return None
        return _plain(holder.get(attribute) if attribute in holder.attrib else None)

    return read if "@" in path else (lambda element: _plain(element.findtext(path)))


def _j(path: str) -> JsonReader:
    """A value by its path: "image.id"."""

    def read(value: Mapping[str, Any]) -> Fact:
        found: Any = value
        for key in path.split("."):
            found = _inner(found, key)
        return _plain(found)

    return read


def _xs(path: str, *attributes: str, text: bool = False) -> XmlReader:
    """Attributes (and text) of repeated elements, in any order."""

    def read(element: etree._Element) -> Fact:
        return _sorted(
            tuple([_plain(e.get(a)) for a in attributes] + ([_plain(e.text)] if text else []))
            for e in element.iterfind(path)
        )

    return read


def _js(path: str, *keys: str) -> JsonReader:
    """Members of a list of objects, in any order."""

    def read(value: Mapping[str, Any]) -> Fact:
        return _sorted(
            tuple(_plain(entry.get(key)) for key in keys)
            for entry in listed(value.get(path))
            if isinstance(entry, Mapping)
        )

    return read


def _same(*names: str) -> dict[str, tuple[XmlReader, JsonReader]]:
    """Parts that have one name in both formats; ids and hrefs are attributes in XML."""
    return {name: (_x(f"@{name}" if name in ("id", "href") else name), _j(name)) for name in names}


def _rule_of(rule: etree._Element) -> tuple[str | None, ...]:
    parts = (rule.findtext(part) for part in ("allow_protocol", "port_from", "port_to"))
    return _plain(rule.get("id")), *map(_plain, parts)


def _listener_of(one: etree._Element) -> tuple[str | None, ...]:
    ports = (one.findtext(part) for part in ("load_balancer_port", "instance_port"))
    return _plain(one.get("protocol")), *map(_plain, ports)


_IDENTITY = _same("id", "href")
_REFERENCE = {
    part: (_x(f"{part}/@id"), _j(f"{part}.id")) for part in ("image", "realm", "hardware_profile")
}

FACTS: dict[str, dict[str, tuple[XmlReader, JsonReader]]] = {
    "realm": _IDENTITY | _same("name", "state"),
    "hardware_profile": _IDENTITY
    | _same("name")
    | {
        "defaults": (
            lambda e: {str(p.get("name")): _plain(p.get("value")) for p in e.iterfind("property")},
            lambda v: _plains(v.get("properties")),
        )
    },
    "image": _IDENTITY
    | _same("name", "description", "architecture", "state", "root_type", "creation_time")
    | {
        "owner": (_x("owner_id"), _j("owner")),
        "hardware_profiles": (
            _xs("hardware_profiles/hardware_profile", "id"),
            _js("hardware_profiles", "id"),
        ),
    },
    "instance": _IDENTITY
    | _same("name", "state")
    | _REFERENCE
    | {
        "owner": (_x("owner_id"), _j("owner")),
        "launch time": (_x("launch_time"), _j("create_time")),
        "actions": (_xs("actions/link", "rel", "method"), _js("actions", "rel", "method")),
        "overrides": (
            lambda e: {
                str(p.get("name")): _plain(p.get("value"))
                for p in e.iterfind("hardware_profile/property")
            },
            lambda v: _plains(_inner(v.get("hardware_profile"), "properties")),
        ),
        "public addresses": (
            _xs("public_addresses/address", "type", text=True),
            _js("public_addresses", "type", "address"),
        ),
        "private addresses": (
            _xs("private_addresses/address", "type", text=True),
            _js("private_addresses", "type", "address"),
        ),
        "volumes": (_xs("storage_volumes/storage_volume", "id"), _js("storage_volumes", "id")),
        "firewalls": (_xs("firewalls/firewall", "id"), _js("firewalls", "id")),
        "keyname": (_x("authentication/login/keyname"), _j("authentication.keyname")),
    },
    "key": _IDENTITY
    | _same("fingerprint")
    | {"type": (_x("@type"), _j("credential_type"))}
    | {"username": (_x("username"), _j("username"))},
    "address": _IDENTITY
    | {
        "instance": (_x("instance/@id"), _j("instance_id")),
        "associated": (
            lambda e: _plain(e.find("instance") is not None),
            _j("associated"),
        ),
    },
    "firewall": _IDENTITY
    | _same("name", "description", "owner_id")
    | {
        "rules": (
            lambda e: _sorted(_rule_of(rule) for rule in e.iterfind("rules/rule")),
            _js("rules", "id", "allow_protocol", "port_from", "port_to"),
        )
    },
    "load_balancer": _IDENTITY
    | _same("created_at")
    | {
        "instances": (_xs("instances/instance", "id"), _js("instances", "id")),
        "listeners": (
            lambda e: _sorted(_listener_of(one) for one in e.iterfind("listeners/listener")),
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
        "subnets": (_xs("subnets/subnet", "id"), _js("subnets", "id")),
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


def differences(
    singular: str, element: etree._Element, value: Mapping[str, Any]
) -> list[tuple[str, Fact, Fact]]:
    """(fact, in XML, in JSON) of everything on which the two formats differ."""
    found = []
    for fact, (from_xml, from_json) in FACTS[singular].items():
        one, other = from_xml(element), from_json(value)
        if one != other:
            found.append((fact, one, other))
    return found


def canonical(element: etree._Element) -> object:
    """An XML object without what means nothing: order, white space, kind of quotes."""
    children = sorted(repr(canonical(child)) for child in element.iterchildren(etree.Element))
    attributes = sorted((str(k), str(v)) for k, v in element.attrib.items())
    # a comment divides text
    text = (element.text or "") + "".join(child.tail or "" for child in element)
    return element.tag, attributes, text.strip(), children
