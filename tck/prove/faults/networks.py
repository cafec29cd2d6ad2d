"""Networks, subnets and network interfaces."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.drivers import around, change_stored, do_nothing
from tck.prove.altered.messages import Answer, Asked
from tck.prove.altered.requests import may_exist, repair
from tck.prove.faults.fault import Faults
from tck.reference_server.errors import ApiError
from tck.reference_server.resources import Network, NetworkInterface, Subnet
from tck.safety.naming import Names

_N, _S, _I = "networks.*", "subnets.*", "network_interfaces.*"


def _or_net1(network_id: str) -> str:
    return network_id if may_exist(network_id) else "net1"


def _create_or_find(driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """The new network; if that is refused, the one that has its name."""
    try:
        return ask(caller, **arguments)
    except ApiError:
        return next(n for n in driver.networks(caller, {}) if n.name == arguments["name"])


_NAMES = Names("p")  # ids of subnets are their names
_NAMES_OF_THE_RUN = tuple(_NAMES.new() for _ in range(1000))

fault = Faults()

fault("network-without-state", "DC-NET-001", xml.drop(_N, "//network/state"))
fault("network-without-subnets", "DC-NET-001", xml.drop(_N, "//network/subnets"))
fault("network-without-blocks", "DC-NET-001", xml.drop(_N, "//network/address_blocks"))
fault(
    "json-network-blocks-as-text",
    "DC-NET-002",
    json.alter(_N, "writes address_blocks as one text", "address_blocks", ",".join),
)
fault("json-network-without-subnets", "DC-NET-002", json.drop(_N, "subnets"))
fault("subnet-without-network", "DC-NET-003", xml.drop(_S, "//subnet/network"))
fault("subnet-without-block", "DC-NET-003", xml.drop(_S, "//subnet/address_block"))


@fault.does("DC-NET-004", json.alter, _S, "network")
def json_subnet_network_plain(network: Any) -> Any:
    """Writes the network as its plain id."""
    return network["id"]


fault("json-subnet-without-block", "DC-NET-004", json.drop(_S, "address_block"))
fault("interface-without-address", "DC-NET-005", xml.drop(_I, "//network_interface/ip_address"))
fault("interface-without-instance", "DC-NET-005", xml.drop(_I, "//network_interface/instance"))
fault("json-interface-without-network", "DC-NET-006", json.drop(_I, "network"))
fault("json-interface-address-misnamed", "DC-NET-006", json.rename(_I, "ip_address", "address"))
fault(
    "network-forgotten", "DC-NET-007", drivers.forget("networks.create", "create_network", Network)
)
fault("network-block-ignored", "DC-NET-007", requests.ignore("networks.create", "address_block"))


@fault.does("DC-NET-007", requests.alter, "networks.create", "address_block")
def network_block_of_another(_address_block: str) -> str:
    """Gives every network the block 10.0.0.0/8."""
    return "10.0.0.0/8"


fault("json-network-500", "DC-NET-007", http.status_in("json", "networks.show", 500))


@fault.does("DC-NET-007", drivers.listed, "networks.index", "networks")
def network_not_listed(networks: list[Any]) -> list[Any]:
    """Lists only two networks."""
    return networks[:2]


fault("subnet-forgotten", "DC-NET-008", drivers.forget("subnets.create", "create_subnet", Subnet))


@fault.does("DC-NET-008", around, "subnets.create", "create_subnet")
def subnet_of_another_network(_driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Puts every subnet into net1."""
    return ask(caller, **{**arguments, "network_id": "net1"})


fault("subnet-block-of-another", "DC-NET-008", xml.put(_S, "//address_block", "192.168.1.0/24"))
fault("network-hides-subnets", "DC-NET-008", xml.drop(_N, "//subnets/subnet"))
fault("subnet-of-nothing", "DC-NET-009", repair("subnets.create", "network_id", may_exist, "net1"))


@fault.does("DC-NET-009", requests.reply, "subnets.create")
def subnet_of_nothing_500(asked: Asked) -> Answer | None:
    """Answers 500 when the network of a subnet does not exist."""
    return None if may_exist(asked.form.get("network_id", "")) else http.failure(500)


fault(
    "subnet-of-nothing-refused-and-made",
    "DC-NET-009",
    drivers.with_arguments(
        "subnets.create", "takes net1 for unknown networks", "create_subnet", network_id=_or_net1
    ),
    http.refuse_afterwards("subnets.create", "network_id"),
    text="makes a subnet of another network before it refuses an unknown one",
)
fault(
    "interface-forgotten",
    "DC-NET-010",
    drivers.forget("network_interfaces.create", "create_network_interface", NetworkInterface),
)


@fault.does("DC-NET-010", around, "network_interfaces.create", "create_network_interface")
def interface_of_another_instance(_driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Attaches every interface to inst2."""
    return ask(caller, **{**arguments, "instance": "inst2"})


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
def network_lists_destroyed_subnets(network: Any) -> Any:
    """Goes on listing subnets that were destroyed, or will be."""
    return replace(network, subnets=network.subnets or _NAMES_OF_THE_RUN)


@fault.does("DC-NET-012", drivers.shown, _N, Network)
def network_state_active(network: Any) -> Any:
    """Gives the state of networks as ACTIVE."""
    return replace(network, state="ACTIVE")


@fault.does("DC-NET-012", drivers.shown, _S, Subnet)
def subnet_state_in_lower_case(subnet: Any) -> Any:
    """Gives the state of subnets as up, in lower case."""
    return replace(subnet, state="up")


fault("interface-names-network-as-subnet", "DC-NET-013", xml.put(_I, "//network/@rel", "network"))


@fault.does(
    "DC-NET-013",
    xml.alter,
    _I,
    "//network_interface/network/@*[name()!='rel'] | //network_interface/network",
)
def interface_names_nothing(value: str) -> str:
    """Names no network in its interfaces."""
    return value + "9"


@fault.does("DC-DOC-026", around, "networks.create", "create_network")
def second_network_replaces_first(driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Replaces a network when another one of the same name is created."""
    try:
        return ask(caller, **arguments)
    except ApiError:
        old = _create_or_find(driver, ask, caller, **arguments)
        new = replace(old, address_blocks=("10.0.0.0/8",))
        change_stored(driver, Network, lambda n: new if n.id == new.id else n)
        return new


fault(
    "second-network-is-the-first",
    "DC-DOC-026",
    around(
        "networks.create", "shows a network that has the name", "create_network", _create_or_find
    ),
)
