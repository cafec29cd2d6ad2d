"""Addresses and who has them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.drivers import around, one, pretend, stored
from tck.prove.faults.fault import fault
from tck.reference_server.resources import Address

_A, _D = "addresses.associate", "addresses.disassociate"


def _give(driver: Any, address_id: str, instance_id: str | None) -> None:
    change = lambda a: replace(a, instance_id=instance_id) if a.id == address_id else a  # noqa: E731
    stored(Address, change)(driver)


def _moves(driver: Any, _ask: Any, caller: Any, id_: str, *, instance_id: str) -> None:
    """An address in use is given to the other instance without a word."""
    one(driver, "instances", caller, instance_id)
    _give(driver, id_, instance_id)


def _to_anything(driver: Any, ask: Any, caller: Any, id_: str, *, instance_id: str) -> None:
    if instance_id.startswith("tck-none"):
        _give(driver, id_, "inst1")
    else:
        ask(caller, id_, instance_id=instance_id)


def _to_another(_driver: Any, ask: Any, caller: Any, id_: str, **_given: str) -> None:
    ask(caller, id_, instance_id="inst2")


def _all_freed(driver: Any, ask: Any, caller: Any, id_: str) -> None:
    ask(caller, id_)
    stored(Address, lambda a: replace(a, instance_id=None))(driver)


def _first_freed(driver: Any, _ask: Any, caller: Any, id_: str) -> None:
    one(driver, "addresses", caller, id_)
    _give(driver, "192.168.0.1", None)


def _lost(driver: Any, ask: Any, caller: Any) -> Any:
    made = ask(caller)
    stored(Address, lambda a: None if a.id == made.id else a)(driver)
    return made


def _taken(_driver: Any, _ask: Any, _caller: Any) -> Any:
    return Address("192.168.0.1", "inst1")


FAULTS = [
    fault("address-without-ip", "DC-ADR-001", xml.drop("addresses.*", "//address/ip")),
    fault("address-without-actions", "DC-ADR-001", xml.drop("addresses.*", "//address/actions")),
    fault("json-address-without-associated", "DC-ADR-002", json.drop("addresses.*", "associated")),
    fault(
        "json-address-associated-as-text", "DC-ADR-002", json.put("addresses.*", "associated", str)
    ),
    fault("address-ip-empty", "DC-ADR-003", xml.put("addresses.*", "//address/ip", "")),
    fault(
        "free-address-offers-disassociate",
        "DC-ADR-004",
        xml.put("addresses.*", "//link/@rel[.='associate']", "disassociate"),
        xml.put(
            "addresses.*",
            "//link[@rel='disassociate']/@href",
            lambda h: h.replace("/associate", "/disassociate"),
        ),
    ),
    fault(
        "used-address-offers-associate",
        "DC-ADR-004",
        xml.put("addresses.*", "//link/@rel[.='disassociate']", "associate"),
    ),
    fault(
        "associate-not-offered", "DC-ADR-004", xml.drop("addresses.*", "//link[@rel='associate']")
    ),
    fault(
        "disassociate-not-offered",
        "DC-ADR-004",
        xml.drop("addresses.*", "//link[@rel='disassociate']"),
    ),
    fault(
        "address-forgotten",
        "DC-ADR-005",
        around("addresses.create", "forgets the new address", "create_address", _lost),
    ),
    fault(
        "address-given-twice",
        "DC-ADR-005",
        around(
            "addresses.create", "gives an address away that is in use", "create_address", _taken
        ),
    ),
    fault(
        "address-not-listed",
        "DC-ADR-005",
        drivers.listed(
            "addresses.index", "lists the first four addresses", "addresses", lambda v: v[:4]
        ),
    ),
    fault(
        "associate-does-nothing",
        "DC-ADR-006",
        around(_A, "associates nothing", "associate_address", lambda _d, _a, _c, _id, **_g: None),
    ),
    fault(
        "associate-with-another",
        "DC-ADR-006",
        around(_A, "associates with inst2", "associate_address", _to_another),
    ),
    fault("address-hides-instance", "DC-ADR-006", xml.drop("addresses.*", "//address/instance")),
    fault(
        "instance-hides-address",
        "DC-ADR-007",
        xml.put("instances.*", "//public_addresses/address", "10.1.1.1"),
    ),
    fault(
        "disassociate-does-nothing",
        "DC-ADR-008",
        around(_D, "frees nothing", "disassociate_address", lambda _d, _a, _c, _id: None),
    ),
    fault(
        "disassociate-frees-another",
        "DC-ADR-008",
        around(_D, "frees the first address", "disassociate_address", _first_freed),
    ),
    fault(
        "associate-in-use-moves",
        "DC-ADR-009",
        around(_A, "moves addresses in use", "associate_address", _moves),
    ),
    fault("associate-in-use-500", "DC-ADR-009", http.on_status(f"!{_A}", 403, 500)),
    fault("disassociate-free-500", "DC-ADR-009", http.on_status(f"!{_D}", 403, 500)),
    fault("disassociate-free-202", "DC-ADR-009", http.on_status(f"!{_D}", 403, 202)),
    fault(
        "associate-with-nothing",
        "DC-ADR-010",
        around(_A, "associates with what is not there", "associate_address", _to_anything),
    ),
    fault("associate-with-nothing-500", "DC-ADR-010", http.on_status(f"!{_A}", 400, 500)),
    fault(
        "associate-with-nothing-and-refuse",
        "DC-ADR-010",
        around(_A, "associates before it refuses", "associate_address", _to_anything),
        http.on_refusal_of(_A, "instance_id"),
    ),
    fault("release-in-use-500", "DC-ADR-011", http.on_status("!addresses.destroy", 403, 500)),
    fault(
        "address-not-released",
        "DC-ADR-012",
        pretend("addresses.destroy", "destroy_address", "addresses"),
    ),
    fault(
        "released-address-listed",
        "DC-ADR-012",
        drivers.listed(
            "addresses.index",
            "lists addresses that are gone",
            "addresses",
            lambda v: [
                *v,
                *(
                    Address(f"192.168.0.{n}")
                    for n in range(5, 60)
                    if f"192.168.0.{n}" not in {a.id for a in v}
                ),
            ],
        ),
    ),
    fault(
        "disassociate-frees-all",
        "DC-ADR-006",
        around(_D, "frees all addresses", "disassociate_address", _all_freed),
    ),
    fault(
        "address-needs-instance",
        "DC-ADR-005",
        requests.instead(
            "addresses.create",
            "wants an instance",
            lambda a: None if "instance_id" in a.form else http.failure(400),
        ),
    ),
    fault(
        "address-of-gone-instance",
        "DC-DOC-027",
        drivers.outliving("addresses stay with an instance that is destroyed", Address),
    ),
]
