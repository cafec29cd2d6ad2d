"""Instance documents that are incomplete or say what cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, json, xml
from tck.prove.faults.fault import Faults
from tck.reference_server.resources import Instance

_ALL = "instances.*"

fault = Faults()

fault("instance-without-state", "DC-INS-001", xml.drop(_ALL, "//instance/state"))
fault("instance-actions-misnamed", "DC-INS-014", xml.rename(_ALL, "//instance/actions", "links"))
fault("instance-address-in-element", "DC-INS-001", xml.add(_ALL, "//address", "<ip/>"))
fault("json-instance-owner-id", "DC-INS-002", json.rename(_ALL, "owner", "owner_id"))
fault("json-instance-without-actions", "DC-INS-002", json.drop(_ALL, "actions"))


@fault.does("DC-INS-002", json.alter, _ALL, "actions")
def json_instance_actions_as_object(actions: Any) -> Any:
    """Writes actions as an object instead of a list."""
    return {a["rel"]: a for a in actions}


fault("json-instance-without-volumes", "DC-INS-059", json.drop(_ALL, "storage_volumes"))


@fault.does("DC-INS-002", json.alter, _ALL, "public_addresses")
def json_instance_addresses_plain(addresses: Any) -> Any:
    """Writes addresses as plain texts."""
    return [a["address"] for a in addresses]


@fault.does("DC-INS-002", json.alter, _ALL, "image")
def json_instance_image_plain(image: Any) -> Any:
    """Writes the image as its plain id."""
    return image["id"]


fault("address-without-type", "DC-INS-003", xml.drop(_ALL, "//address/@type"))
fault("json-address-without-type", "DC-INS-003", json.drop(_ALL, "public_addresses.type"))
fault(
    "private-address-with-empty-type",
    "DC-INS-003",
    xml.put(_ALL, "//private_addresses/address/@type", ""),
)
fault("address-type-unknown", "DC-INS-004", xml.put(_ALL, "//address/@type", "dns"))
fault(
    "profile-of-instance-without-id",
    "DC-INS-005",
    xml.drop(_ALL, "//instance/hardware_profile/@id"),
)
fault("image-of-instance-without-id", "DC-INS-006", xml.drop(_ALL, "//instance/image/@id"))
fault("image-of-instance-without-href", "DC-INS-006", xml.drop(_ALL, "//instance/image/@href"))
fault("realm-of-instance-without-id", "DC-INS-007", xml.drop(_ALL, "//instance/realm/@id"))
fault(
    "state-in-lower-case",
    "DC-INS-008",
    xml.alter(_ALL, "writes the states of instances in lower case", "//instance/state", str.lower),
)


@fault.does("DC-INS-008", drivers.shown, _ALL, Instance)
def state_capitalised(instance: Any) -> Any:
    """Writes RUNNING as Running."""
    return replace(instance, state=instance.state.capitalize())


fault(
    "json-state-in-lower-case",
    "DC-INS-008",
    json.alter(_ALL, "writes the states of instances in lower case", "state", str.lower),
)


@fault.does("DC-INS-009", drivers.shown, _ALL, Instance)
def state_not_of_machine(instance: Any) -> Any:
    """Writes RUNNING as ACTIVE, which is not a state of its machine."""
    return replace(instance, state="ACTIVE") if instance.state == "RUNNING" else instance


fault("owner-missing", "DC-INS-010", xml.drop(_ALL, "//instance/owner_id"))
fault("owner-empty", "DC-INS-010", xml.put(_ALL, "//instance/owner_id", ""))
fault("instance-with-two-images", "DC-INS-011", xml.repeat(_ALL, "//instance/image"))
fault("instance-without-realm", "DC-INS-011", xml.drop(_ALL, "//instance/realm"))
fault("instance-without-profile", "DC-INS-011", xml.drop(_ALL, "//instance/hardware_profile"))
fault(
    "running-without-public-addresses", "DC-INS-012", xml.drop(_ALL, "//instance/public_addresses")
)
fault(
    "running-with-two-private-lists", "DC-INS-012", xml.repeat(_ALL, "//instance/private_addresses")
)
fault("instance-without-volumes", "DC-INS-059", xml.drop(_ALL, "//instance/storage_volumes"))
fault(
    "volume-of-instance-without-id",
    "DC-INS-013",
    xml.drop(_ALL, "//storage_volumes/storage_volume/@id"),
)
fault(
    "all-actions-offered",
    "DC-INS-014",
    xml.add(
        _ALL,
        "//instance[not(actions/link[@rel='start'])]/actions",
        '<link rel="start" method="post" href="http://endpoint.test/api/instances/inst1/start"/>',
    ),
    text="offers start in every state",
)
fault("no-action-offered", "DC-INS-014", xml.drop(_ALL, "//instance/actions/link"))
fault(
    "stop-offered-when-stopped",
    "DC-INS-014",
    xml.add(
        _ALL,
        "//instance[state='STOPPED']/actions",
        '<link rel="stop" method="post" href="http://endpoint.test/api/instances/x/stop"/>',
    ),
    text="offers stop on stopped instances",
)
fault(
    "authentication-of-unknown-type",
    "DC-INS-015",
    xml.put(_ALL, "//authentication/@type", "kerberos"),
)
fault("login-without-keyname", "DC-INS-015", xml.drop(_ALL, "//login/keyname"))
fault("login-without-password", "DC-INS-015", xml.drop(_ALL, "//login/password"), persona="gogrid")
fault("override-as-range", "DC-INS-016", xml.put(_ALL, "//instance//property/@kind", "range"))
fault("override-without-value", "DC-INS-016", xml.drop(_ALL, "//instance//property/@value"))
