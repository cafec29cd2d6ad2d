"""Documents that contradict each other: list and member, XML and JSON, one time and the next."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from tck.prove.altered import drivers, json, xml
from tck.prove.altered.change import Change
from tck.prove.altered.drivers import around
from tck.prove.faults.fault import Faults


def _launches(where: str, text: str, rename: Callable[[str], str]) -> Change:
    """Launch instances with another name than was sent."""

    def act(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
        if given.get("name") is not None:
            given["name"] = rename(given["name"])
        return ask(caller, **given)

    return around(where, text, "create_instance", act)


fault = Faults()


@fault.does("DC-DOC-013", xml.alter, "realms.index", "//name")
def list_shows_other_name(value: str) -> str:
    """Writes names in upper case in lists only."""
    return value.upper()


fault("list-shows-less", "DC-DOC-013", xml.drop("images.index", "//creation_time"))
fault(
    "list-shows-other-state",
    "DC-DOC-013",
    xml.put("storage_volumes.index", "//storage_volume/state", "PENDING"),
)
fault(
    "list-shows-other-actions",
    "DC-DOC-013",
    xml.drop("instances.index", "//actions/link[@rel='reboot']"),
)
fault(
    "list-shows-other-defaults",
    "DC-DOC-013",
    xml.put("hardware_profiles.index", "//property[@name='cpu']/@value", "2"),
)
fault(
    "member-shows-other-owner",
    "DC-DOC-013",
    xml.put("instances.show", "/instance/owner_id", "nobody"),
)


@fault.does("DC-DOC-013", xml.alter, "storage_snapshots.show", "//storage_volume/@*")
def member_shows_other_volume(value: str) -> str:
    """Names another volume where a snapshot is shown alone."""
    return value[:-1] + "3"


for name, where, path, value in (
    ("json-other-state", "realms.*", "state", "UNAVAILABLE"),
    ("json-other-owner", "instances.*", "owner", "root"),
    ("json-without-addresses", "instances.*", "public_addresses", []),
    ("json-other-realm", "instances.*", "realm.id", "eu"),
    ("json-lacks-overrides", "instances.*", "hardware_profile.properties", {}),
    ("json-volume-mounted-elsewhere", "storage_volumes.*", "storage_volumes.instance", {}),
    ("json-address-block-differs", "subnets.*", "address_block", "10.9.0.0/16"),
    ("json-rules-missing", "firewalls.*", "rules", []),
    ("json-created-at-differs", "load_balancers.*", "created_at", "today"),
    ("json-address-always-free", "addresses.*", "associated", False),
    ("json-volume-always-free", "storage_volumes.*", "instance", {}),
    ("json-hides-firewalls", "instances.*", "firewalls", []),
    ("json-hides-members", "load_balancers.*", "instances", []),
    ("json-listens-elsewhere", "load_balancers.*", "listeners.instance_port", "1"),
    ("json-other-ports", "firewalls.*", "rules.port_to", 65535),
    ("json-other-blocks", "networks.*", "address_blocks", ["0.0.0.0/0"]),
):
    fault(name, "DC-DOC-016", json.put(where, path, value))
fault("json-hides-holder", "DC-DOC-016", json.drop("addresses.*", "instance_id"))
fault("json-hides-keyname", "DC-DOC-016", json.drop("instances.*", "authentication"))


@fault.does("DC-DOC-016", json.alter, "images.*", "name")
def json_other_name(image_name: Any) -> Any:
    """Writes other names than in XML."""
    return f"{image_name} image"


fault(
    "json-fewer-actions",
    "DC-DOC-016",
    json.alter("instances.*", "writes only the first action", "actions", lambda v: v[:1]),
)


@fault.does("DC-DOC-016", json.alter, "storage_volumes.*", "capacity")
def json_capacity_in_bytes(capacity: Any) -> Any:
    """Writes the capacity in bytes."""
    return capacity * 2**30


@fault.does("DC-DOC-016", json.alter, "buckets.*", "size")
def json_bucket_size_differs(size: Any) -> Any:
    """Writes a size of a bucket that is too large by one."""
    return size + 1


@fault.does("DC-DOC-016", json.alter, "keys.*", "fingerprint")
def json_fingerprint_differs(fingerprint: Any) -> Any:
    """Writes the fingerprint backwards."""
    return fingerprint and fingerprint[::-1]


@fault.does("DC-DOC-016", json.alter, "network_interfaces.*", "network.id")
def json_other_network(network_id: Any) -> Any:
    """Writes another id of the network."""
    return f"{network_id}x"


fault(
    "json-other-defaults",
    "DC-DOC-016 DC-HWP-015",
    json.put("hardware_profiles.*", "properties.memory", "1024"),
)
fault(
    "json-list-lacks-last",
    "DC-DOC-020",
    json.alter("realms.index", "leaves out the last realm of the list", "realms", lambda v: v[:-1]),
)
fault("json-list-empty", "DC-DOC-020", json.put("instances.index", "instances", []))


@fault.does("DC-DOC-020", json.alter, "images.index", "images")
def json_list_has_one_more(images: Any) -> Any:
    """Lists one image more than in XML."""
    return [*images, {**images[0], "id": "img9", "href": images[0]["href"][:-1] + "9"}]


fault("xml-list-lacks-first", "DC-DOC-020", xml.drop("storage_volumes.index", "/*/*[1]"))


@fault.does("DC-INS-021", drivers.listed, "instances.index", "instances")
def list_lacks_last(instances: list[Any]) -> list[Any]:
    """Leaves the last instance out of the list."""
    return instances[:-1]


@fault.does("DC-KEY-005", drivers.listed, "keys.index", "keys")
def list_ends_at_three(keys: list[Any]) -> list[Any]:
    """Lists the first key only."""
    return keys[:1]


@fault.does("DC-DOC-019", _launches, "instances.create")
def name_loses_markup(name: str) -> str:
    """Drops <, > and & from names."""
    return "".join(c for c in name if c not in "<>&")


@fault.does("DC-DOC-019", _launches, "instances.create")
def name_escaped_twice(name: str) -> str:
    """Escapes names for XML twice."""
    return name.replace("&", "&amp;").replace("<", "&lt;")


@fault.does("DC-DOC-019", _launches, "instances.create")
def name_ascii_only(name: str) -> str:
    """Replaces characters that are not ASCII by question marks."""
    return name.encode("ascii", "replace").decode()


@fault.does("DC-DOC-019", _launches, "instances.create")
def name_mojibake(name: str) -> str:
    """Reads names in UTF-8 as Latin-1."""
    return name.encode().decode("latin-1").replace("\x80", "").replace("\x85", "")


@fault.does("DC-DOC-019", _launches, "instances.create")
def name_without_astral(name: str) -> str:
    """Drops characters above U+FFFF from names."""
    return "".join(c for c in name if ord(c) < 0x10000) or "x"


@fault.does("DC-DOC-019", _launches, "instances.create")
def name_in_lower_case(name: str) -> str:
    """Writes names in lower case."""
    return name.lower()


@fault.does("DC-DOC-019", _launches, "instances.create")
def name_decomposed(name: str) -> str:
    """Decomposes accented characters of names (NFD)."""
    return unicodedata.normalize("NFD", name)


@fault.does("DC-DOC-019", _launches, "instances.create")
def name_plus_as_blank(name: str) -> str:
    """Takes a plus in a name for a blank."""
    return name.replace("+", " ").strip() or "x"


@fault.does("DC-DOC-019", _launches, "instances.create")
def name_decoded_twice(name: str) -> str:
    """Loses percent signs of names, as if it decoded them twice."""
    return name.replace("%", "")


@fault.does("DC-DOC-019 DC-INS-040", _launches, "instances.create")
def name_cut_at_ten(name: str) -> str:
    """Keeps the first ten characters of a name."""
    return name[:10]


@fault.does("DC-DOC-019", json.alter, "instances.show", "instance.name")
def json_name_escaped(instance_name: Any) -> Any:
    """Escapes names for XML."""
    return (instance_name or "").replace("&", "&amp;").replace("<", "&lt;")
