"""Networks, subnets and network interfaces."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.drivers import around, pretend, stored
from tck.prove.faults.fault import fault
from tck.reference_server.errors import ApiError
from tck.reference_server.resources import Network, NetworkInterface, Subnet

_N, _S, _I = "networks.*", "subnets.*", "network_interfaces.*"


def _lost(kind: type[Any]) -> Any:
    def act(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
        made = ask(caller, **given)
        stored(kind, lambda r: None if r.id == made.id else r)(driver)
        return made

    return act


def _known(name: str, value: str) -> Any:
    """Take something that exists for what does not."""

    def act(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
        if given[name].startswith("tck-none"):
            given[name] = value
        return ask(caller, **given)

    return act


def _replaced(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    try:
        return ask(caller, **given)
    except ApiError:
        new = replace(_the_first(driver, ask, caller, **given), address_blocks=("10.0.0.0/8",))
        stored(Network, lambda n: new if n.id == new.id else n)(driver)
        return new


def _the_first(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    try:
        return ask(caller, **given)
    except ApiError:
        return next(n for n in driver.networks(caller, {}) if n.name == given["name"])


FAULTS = [
    fault("network-without-state", "DC-NET-001", xml.drop(_N, "//network/state")),
    fault("network-without-subnets", "DC-NET-001", xml.drop(_N, "//network/subnets")),
    fault("network-without-blocks", "DC-NET-001", xml.drop(_N, "//network/address_blocks")),
    fault("json-network-blocks-as-text", "DC-NET-002", json.put(_N, "address_blocks", ",".join)),
    fault("json-network-without-subnets", "DC-NET-002", json.drop(_N, "subnets")),
    fault("subnet-without-network", "DC-NET-003", xml.drop(_S, "//subnet/network")),
    fault("subnet-without-block", "DC-NET-003", xml.drop(_S, "//subnet/address_block")),
    fault("json-subnet-network-plain", "DC-NET-004", json.put(_S, "network", lambda v: v["id"])),
    fault("json-subnet-without-block", "DC-NET-004", json.drop(_S, "address_block")),
    fault(
        "interface-without-address", "DC-NET-005", xml.drop(_I, "//network_interface/ip_address")
    ),
    fault("interface-without-instance", "DC-NET-005", xml.drop(_I, "//network_interface/instance")),
    fault("json-interface-without-network", "DC-NET-006", json.drop(_I, "network")),
    fault(
        "json-interface-address-misnamed", "DC-NET-006", json.rename(_I, "ip_address", "address")
    ),
    fault(
        "network-forgotten",
        "DC-NET-007",
        around("networks.create", "forgets the new network", "create_network", _lost(Network)),
    ),
    fault(
        "network-block-ignored", "DC-NET-007", requests.ignore("networks.create", "address_block")
    ),
    fault(
        "network-block-of-another",
        "DC-NET-007",
        requests.replace(
            "networks.create",
            "takes 10.0.0.0/8",
            lambda g: {**g, "address_block": "10.0.0.0/8"} if "address_block" in g else g,
        ),
    ),
    fault("json-network-500", "DC-NET-007", http.only("json", "networks.show", 500)),
    fault(
        "network-not-listed",
        "DC-NET-007",
        drivers.listed("networks.index", "lists two networks", "networks", lambda v: v[:2]),
    ),
    fault(
        "subnet-forgotten",
        "DC-NET-008",
        around("subnets.create", "forgets the new subnet", "create_subnet", _lost(Subnet)),
    ),
    fault(
        "subnet-of-another-network",
        "DC-NET-008",
        around(
            "subnets.create",
            "puts subnets into net1",
            "create_subnet",
            lambda _d, ask, caller, **g: ask(caller, **{**g, "network_id": "net1"}),
        ),
    ),
    fault(
        "subnet-block-of-another", "DC-NET-008", xml.put(_S, "//address_block", "192.168.1.0/24")
    ),
    fault("network-hides-subnets", "DC-NET-008", xml.drop(_N, "//subnets/subnet")),
    fault(
        "subnet-of-nothing",
        "DC-NET-009",
        around(
            "subnets.create",
            "puts subnets of nothing into net1",
            "create_subnet",
            _known("network_id", "net1"),
        ),
    ),
    fault(
        "subnet-of-nothing-500",
        "DC-NET-009",
        requests.instead(
            "subnets.create",
            "fails on unknown networks",
            lambda a: (
                http.failure(500) if a.form.get("network_id", "").startswith("tck-none") else None
            ),
        ),
    ),
    fault(
        "subnet-of-nothing-refused-and-made",
        "DC-NET-009",
        around(
            "subnets.create",
            "makes subnets of nothing",
            "create_subnet",
            _known("network_id", "net1"),
        ),
        http.on_refusal_of("subnets.create", "network_id"),
    ),
    fault(
        "interface-forgotten",
        "DC-NET-010",
        around(
            "network_interfaces.create",
            "forgets the new interface",
            "create_network_interface",
            _lost(NetworkInterface),
        ),
    ),
    fault(
        "interface-of-another-instance",
        "DC-NET-010",
        around(
            "network_interfaces.create",
            "gives interfaces to inst2",
            "create_network_interface",
            lambda _d, ask, caller, **g: ask(caller, **{**g, "instance": "inst2"}),
        ),
    ),
    fault(
        "interface-needs-subnet",
        "DC-NET-010",
        requests.instead(
            "network_interfaces.create",
            "wants a subnet",
            lambda a: None if "subnet" in a.form else http.failure(400),
        ),
    ),
    fault(
        "instance-hides-interfaces",
        "DC-NET-010",
        xml.drop("instances.*", "//network_interfaces/network_interface"),
    ),
    fault(
        "network-not-destroyed",
        "DC-NET-011",
        pretend("networks.destroy", "destroy_network", "networks"),
    ),
    fault(
        "subnet-not-destroyed",
        "DC-NET-011",
        pretend("subnets.destroy", "destroy_subnet", "subnets"),
    ),
    fault(
        "interface-not-destroyed",
        "DC-NET-010",
        pretend("network_interfaces.destroy", "destroy_network_interface", "network_interfaces"),
    ),
    fault(
        "network-lists-destroyed-subnets",
        "DC-NET-011",
        drivers.shown(
            _N,
            "lists subnets that are gone",
            Network,
            lambda n: replace(n, subnets=n.subnets or tuple(f"tckp{i}" for i in range(1, 400))),
        ),
    ),
    fault(
        "network-state-active",
        "DC-NET-012",
        drivers.shown(_N, "says ACTIVE", Network, lambda n: replace(n, state="ACTIVE")),
    ),
    fault(
        "subnet-state-in-lower-case",
        "DC-NET-012",
        drivers.shown(_S, "says up", Subnet, lambda s: replace(s, state="up")),
    ),
    fault(
        "interface-names-network-as-subnet", "DC-NET-013", xml.put(_I, "//network/@rel", "network")
    ),
    fault(
        "interface-names-nothing",
        "DC-NET-013",
        xml.put(
            _I,
            "//network_interface/network/@*[name()!='rel'] | //network_interface/network",
            lambda v: v + "9",
        ),
    ),
    fault(
        "second-network-replaces-first",
        "DC-DOC-026",
        around("networks.create", "replaces a network of the name", "create_network", _replaced),
    ),
    fault(
        "second-network-is-the-first",
        "DC-DOC-026",
        around(
            "networks.create", "shows a network that has the name", "create_network", _the_first
        ),
    ),
]
