"""Networks, subnets and network interfaces."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.drivers import around, change_stored, do_nothing, remove_stored
from tck.prove.altered.messages import Answer, Asked, Parameters
from tck.prove.faults.fault import Faults
from tck.reference_server.errors import ApiError
from tck.reference_server.resources import Network, NetworkInterface, Subnet

_N, _S, _I = "networks.*", "subnets.*", "network_interfaces.*"


def _lost(kind: type[Any]) -> Any:
    def act(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
        made = ask(caller, **given)
        remove_stored(driver, kind, lambda r: r.id == made.id)
        return made

    return act


def _known(name: str, value: str) -> Any:
    """Take something that exists for what does not."""

    def act(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
        if given[name].startswith("tck-none"):
            given[name] = value
        return ask(caller, **given)

    return act


def _the_first(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    try:
        return ask(caller, **given)
    except ApiError:
        return next(n for n in driver.networks(caller, {}) if n.name == given["name"])


fault = Faults()

fault("network-without-state", "DC-NET-001", xml.drop(_N, "//network/state"))
fault("network-without-subnets", "DC-NET-001", xml.drop(_N, "//network/subnets"))
fault("network-without-blocks", "DC-NET-001", xml.drop(_N, "//network/address_blocks"))
fault(
    "json-network-blocks-as-text",
    "DC-NET-002",
    json.put(_N, "address_blocks", ",".join),
    text="writes address_blocks as one text in JSON",
)
fault("json-network-without-subnets", "DC-NET-002", json.drop(_N, "subnets"))
fault("subnet-without-network", "DC-NET-003", xml.drop(_S, "//subnet/network"))
fault("subnet-without-block", "DC-NET-003", xml.drop(_S, "//subnet/address_block"))
fault(
    "json-subnet-network-plain",
    "DC-NET-004",
    json.put(_S, "network", lambda v: v["id"]),
    text="writes the network as its plain id in JSON",
)
fault("json-subnet-without-block", "DC-NET-004", json.drop(_S, "address_block"))
fault("interface-without-address", "DC-NET-005", xml.drop(_I, "//network_interface/ip_address"))
fault("interface-without-instance", "DC-NET-005", xml.drop(_I, "//network_interface/instance"))
fault("json-interface-without-network", "DC-NET-006", json.drop(_I, "network"))
fault("json-interface-address-misnamed", "DC-NET-006", json.rename(_I, "ip_address", "address"))
fault(
    "network-forgotten",
    "DC-NET-007",
    around("networks.create", "forgets the new network", "create_network", _lost(Network)),
)
fault("network-block-ignored", "DC-NET-007", requests.ignore("networks.create", "address_block"))


@fault.does("DC-NET-007", requests.rewrite, "networks.create")
def network_block_of_another(given: Parameters) -> Parameters:
    """Gives every network the block 10.0.0.0/8."""
    return {**given, "address_block": "10.0.0.0/8"} if "address_block" in given else given


fault("json-network-500", "DC-NET-007", http.status_in("json", "networks.show", 500))


@fault.does("DC-NET-007", drivers.listed, "networks.index", "networks")
def network_not_listed(members: list[Any]) -> list[Any]:
    """Lists only two networks."""
    return members[:2]


fault(
    "subnet-forgotten",
    "DC-NET-008",
    around("subnets.create", "forgets the new subnet", "create_subnet", _lost(Subnet)),
)


@fault.does("DC-NET-008", around, "subnets.create", "create_subnet")
def subnet_of_another_network(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Puts every subnet into net1."""
    return ask(caller, **{**given, "network_id": "net1"})


fault("subnet-block-of-another", "DC-NET-008", xml.put(_S, "//address_block", "192.168.1.0/24"))
fault("network-hides-subnets", "DC-NET-008", xml.drop(_N, "//subnets/subnet"))
fault(
    "subnet-of-nothing",
    "DC-NET-009",
    around(
        "subnets.create",
        "puts subnets of nothing into net1",
        "create_subnet",
        _known("network_id", "net1"),
    ),
)


@fault.does("DC-NET-009", requests.reply, "subnets.create")
def subnet_of_nothing_500(asked: Asked) -> Answer | None:
    """Answers 500 when the network of a subnet does not exist."""
    return http.failure(500) if asked.form.get("network_id", "").startswith("tck-none") else None


fault(
    "subnet-of-nothing-refused-and-made",
    "DC-NET-009",
    around(
        "subnets.create", "makes subnets of nothing", "create_subnet", _known("network_id", "net1")
    ),
    http.refuse_afterwards("subnets.create", "network_id"),
    text="makes a subnet of another network before it refuses an unknown one",
)
fault(
    "interface-forgotten",
    "DC-NET-010",
    around(
        "network_interfaces.create",
        "forgets the new interface",
        "create_network_interface",
        _lost(NetworkInterface),
    ),
)


@fault.does("DC-NET-010", around, "network_interfaces.create", "create_network_interface")
def interface_of_another_instance(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Attaches every interface to inst2."""
    return ask(caller, **{**given, "instance": "inst2"})


@fault.does("DC-NET-010", requests.reply, "network_interfaces.create")
def interface_needs_subnet(asked: Asked) -> Answer | None:
    """Refuses interfaces that name no subnet."""
    return None if "subnet" in asked.form else http.failure(400)


fault(
    "instance-hides-interfaces",
    "DC-NET-010",
    xml.drop("instances.*", "//network_interfaces/network_interface"),
)
fault(
    "network-not-destroyed",
    "DC-NET-011",
    do_nothing("networks.destroy", "destroy_network", "networks"),
)
fault(
    "subnet-not-destroyed", "DC-NET-011", do_nothing("subnets.destroy", "destroy_subnet", "subnets")
)
fault(
    "interface-not-destroyed",
    "DC-NET-010",
    do_nothing("network_interfaces.destroy", "destroy_network_interface", "network_interfaces"),
)


@fault.does("DC-NET-011", drivers.shown, _N, Network)
def network_lists_destroyed_subnets(value: Any) -> Any:
    """Goes on listing subnets that were destroyed."""
    return replace(value, subnets=value.subnets or tuple(f"tckp{i}" for i in range(1, 400)))


@fault.does("DC-NET-012", drivers.shown, _N, Network)
def network_state_active(value: Any) -> Any:
    """Gives the state of networks as ACTIVE."""
    return replace(value, state="ACTIVE")


@fault.does("DC-NET-012", drivers.shown, _S, Subnet)
def subnet_state_in_lower_case(value: Any) -> Any:
    """Gives the state of subnets as up, in lower case."""
    return replace(value, state="up")


fault("interface-names-network-as-subnet", "DC-NET-013", xml.put(_I, "//network/@rel", "network"))
fault(
    "interface-names-nothing",
    "DC-NET-013",
    xml.put(
        _I,
        "//network_interface/network/@*[name()!='rel'] | //network_interface/network",
        lambda v: v + "9",
    ),
    text="names no network in its interfaces",
)


@fault.does("DC-DOC-026", around, "networks.create", "create_network")
def second_network_replaces_first(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Replaces a network when another one of the same name is created."""
    try:
        return ask(caller, **given)
    except ApiError:
        new = replace(_the_first(driver, ask, caller, **given), address_blocks=("10.0.0.0/8",))
        change_stored(driver, Network, lambda n: new if n.id == new.id else n)
        return new


fault(
    "second-network-is-the-first",
    "DC-DOC-026",
    around("networks.create", "shows a network that has the name", "create_network", _the_first),
)
