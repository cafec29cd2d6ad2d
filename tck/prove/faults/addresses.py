"""Addresses and who has them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.drivers import around, change_stored, do_nothing, find
from tck.prove.altered.messages import Answer, Asked
from tck.prove.altered.requests import may_exist
from tck.prove.faults.fault import Faults
from tck.reference_server.resources import Address

_A, _D = "addresses.associate", "addresses.disassociate"


def _give(driver: Any, address_id: str, instance_id: str | None) -> None:
    """Associate an address, or free it (None), whatever its state."""

    def change(address: Address) -> Address:
        return replace(address, instance_id=instance_id) if address.id == address_id else address

    change_stored(driver, Address, change)


def _or_with_inst1(driver: Any, ask: Any, caller: Any, id_: str, *, instance_id: str) -> None:
    if may_exist(instance_id):
        ask(caller, id_, instance_id=instance_id)
    else:
        _give(driver, id_, "inst1")


_associate_unknown = around(
    _A, "associates with inst1 if the instance does not exist", "associate_address", _or_with_inst1
)
fault = Faults()

fault("address-without-ip", "DC-ADR-001", xml.drop("addresses.*", "//address/ip"))
fault("address-without-actions", "DC-ADR-001", xml.drop("addresses.*", "//address/actions"))
fault("json-address-without-associated", "DC-ADR-002", json.drop("addresses.*", "associated"))
fault(
    "json-address-associated-as-text",
    "DC-ADR-002",
    json.alter(
        "addresses.*", "writes the truth value of associated as a string", "associated", str
    ),
)
fault("address-ip-empty", "DC-ADR-003", xml.put("addresses.*", "//address/ip", ""))
fault(
    "free-address-offers-disassociate",
    "DC-ADR-004",
    xml.put("addresses.*", "//link/@rel[.='associate']", "disassociate"),
    xml.alter(
        "addresses.*",
        "writes its URL",
        "//link[@rel='disassociate']/@href",
        lambda href: href.replace("/associate", "/disassociate"),
    ),
    text="offers disassociate in place of associate for addresses that are free",
)
fault(
    "used-address-offers-associate",
    "DC-ADR-004",
    xml.put("addresses.*", "//link/@rel[.='disassociate']", "associate"),
)
fault("associate-not-offered", "DC-ADR-004", xml.drop("addresses.*", "//link[@rel='associate']"))
fault(
    "disassociate-not-offered", "DC-ADR-004", xml.drop("addresses.*", "//link[@rel='disassociate']")
)


fault(
    "address-forgotten", "DC-ADR-005", drivers.forget("addresses.create", "create_address", Address)
)


@fault.does("DC-ADR-005", around, "addresses.create", "create_address")
def address_given_twice(_driver: Any, _ask: Any, _caller: Any) -> Any:
    """Creates no address and answers with one that is in use."""
    return Address("192.168.0.1", "inst1")


@fault.does("DC-ADR-005", drivers.listed, "addresses.index", "addresses")
def address_not_listed(addresses: list[Any]) -> list[Any]:
    """Lists the first four addresses only."""
    return addresses[:4]


fault("associate-does-nothing", "DC-ADR-006", do_nothing(_A, "associate_address"))


@fault.does("DC-ADR-006", around, _A, "associate_address")
def associate_with_another(_driver: Any, ask: Any, caller: Any, id_: str, **_given: str) -> None:
    """Associates the address with inst2, whatever instance was named."""
    ask(caller, id_, instance_id="inst2")


fault("address-hides-instance", "DC-ADR-006", xml.drop("addresses.*", "//address/instance"))
fault(
    "instance-hides-address",
    "DC-ADR-007",
    xml.put("instances.*", "//public_addresses/address", "10.1.1.1"),
)


fault("disassociate-does-nothing", "DC-ADR-008", do_nothing(_D, "disassociate_address"))


@fault.does("DC-ADR-008", around, _D, "disassociate_address")
def disassociate_frees_another(driver: Any, _ask: Any, caller: Any, id_: str) -> None:
    """Frees the first address instead of the one that was named."""
    find(driver, "addresses", caller, id_)
    _give(driver, "192.168.0.1", None)


@fault.does("DC-ADR-009", around, _A, "associate_address")
def associate_in_use_moves(
    driver: Any, _ask: Any, caller: Any, id_: str, *, instance_id: str
) -> None:
    """Moves an address that is in use to the other instance instead of refusing."""
    find(driver, "instances", caller, instance_id)
    _give(driver, id_, instance_id)


fault("associate-in-use-500", "DC-ADR-009", http.on_status(f"!{_A}", 403, 500))
fault("disassociate-free-500", "DC-ADR-009", http.on_status(f"!{_D}", 403, 500))
fault("disassociate-free-202", "DC-ADR-009", http.on_status(f"!{_D}", 403, 202))
fault("associate-with-nothing", "DC-ADR-010", _associate_unknown)
fault("associate-with-nothing-500", "DC-ADR-010", http.on_status(f"!{_A}", 400, 500))
fault(
    "associate-with-nothing-and-refuse",
    "DC-ADR-010",
    _associate_unknown,
    http.refuse_afterwards(_A, "instance_id"),
    text="refuses an instance that does not exist, but associates the address with inst1",
)
fault("release-in-use-500", "DC-ADR-011", http.on_status("!addresses.destroy", 403, 500))
fault(
    "address-not-released",
    "DC-ADR-012",
    do_nothing("addresses.destroy", "destroy_address", "addresses"),
)


fault(
    "released-address-listed",
    "DC-ADR-012",
    drivers.list_destroyed("addresses.index", "addresses", "destroy_address"),
)


@fault.does("DC-ADR-006", around, _D, "disassociate_address")
def disassociate_frees_all(driver: Any, ask: Any, caller: Any, id_: str) -> None:
    """Frees every address instead of the one that was named."""
    ask(caller, id_)
    change_stored(driver, Address, lambda a: replace(a, instance_id=None))


@fault.does("DC-ADR-005", requests.reply, "addresses.create")
def address_needs_instance(asked: Asked) -> Answer | None:
    """Refuses to create an address unless an instance is named."""
    return None if "instance_id" in asked.form else http.failure(400)


fault(
    "address-of-gone-instance",
    "DC-DOC-027",
    drivers.keep_after_destroy("addresses stay with an instance that is destroyed", Address),
)
