"""Values that are not valid, and are accepted."""

from __future__ import annotations

import contextlib
from typing import Any

from tck.prove.altered import http, requests
from tck.prove.altered.change import Change
from tck.prove.altered.drivers import around
from tck.prove.altered.messages import Parameters
from tck.prove.altered.requests import is_port, may_exist, repair
from tck.prove.faults.fault import Faults
from tck.reference_server.errors import ApiError


def _drop_unknown(text: str, name: str) -> Change:
    """Ignore a parameter of launches that names an object that does not exist."""

    def act(parameters: Parameters) -> Parameters:
        return {n: v for n, v in parameters.items() if n != name or may_exist(v)}

    return requests.rewrite("instances.create", text, act)


def _create_although_refused(ask: Any, caller: Any, arguments: Any, required: Any) -> Any:
    """Create an object; if that is refused, create one of the required arguments only."""
    try:
        return ask(caller, **arguments)
    except ApiError:
        with contextlib.suppress(ApiError):
            ask(caller, **required)
        raise


fault = Faults()

fault("any-capacity", "DC-ERR-020", repair("storage_volumes.create", "capacity", str.isdigit, "1"))
fault(
    "any-address-block",
    "DC-ERR-020",
    repair("networks.create", "address_block", lambda v: v.startswith("10."), "10.5.0.0/16"),
)
fault(
    "any-balancer-port",
    "DC-ERR-020",
    repair("load_balancers.create", "listener_balancer_port", is_port, "80"),
)
fault(
    "any-instance-port",
    "DC-ERR-020",
    repair("load_balancers.create", "listener_instance_port", is_port, "80"),
)
fault(
    "any-port-of-rules",
    "DC-ERR-020",
    repair("firewalls.rules", "port_from", is_port, "0"),
    repair("firewalls.rules", "port_to", is_port, "65535"),
    text="takes 0 and 65535 in place of invalid ports of rules",
)


@fault.does("DC-ERR-020", requests.rewrite, "firewalls.rules")
def ports_backwards(parameters: Parameters) -> Parameters:
    """Accepts a range of ports whose end is before its start."""
    first, last = parameters.get("port_from", ""), parameters.get("port_to", "")
    if first.isdigit() and last.isdigit() and int(first) > int(last):
        return {**parameters, "port_from": last, "port_to": first}
    return parameters


fault("any-capacity-500", "DC-ERR-020", http.on_status("!storage_volumes.create", 400, 500))
fault(
    "volume-in-any-realm",
    "DC-ERR-021",
    repair("storage_volumes.create", "realm_id", may_exist, "us"),
)
fault(
    "balancer-in-any-realm",
    "DC-ERR-021",
    repair("load_balancers.create", "realm_id", may_exist, "us"),
)
fault(
    "unknown-firewall-ignored",
    "DC-ERR-021",
    _drop_unknown("launches outside of unknown firewalls", "firewalls1"),
)
fault(
    "unknown-snapshot-ignored",
    "DC-ERR-021",
    _drop_unknown("launches without unknown snapshots", "snapshot_id"),
)
fault(
    "interface-of-any-instance",
    "DC-ERR-021",
    repair("network_interfaces.create", "instance", may_exist, "inst1"),
)
fault(
    "interface-of-any-network",
    "DC-ERR-021",
    repair("network_interfaces.create", "network", may_exist, "net1"),
)


@fault.does("DC-INS-058", requests.alter, "instances.create", "name", persona="gogrid")
def names_cut_at_the_limit(name: str) -> str:
    """Cuts names after 20 characters instead of refusing them."""
    return name[:20]


@fault.does("DC-ERR-022", around, "storage_volumes.create", "create_storage_volume")
def refused_volume_is_made(_driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Refuses a volume and makes it all the same."""
    return _create_although_refused(ask, caller, arguments, {})


@fault.does("DC-ERR-022", around, "instances.create", "create_instance")
def refused_instance_runs(_driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Refuses a launch and runs an instance of the image all the same."""
    return _create_although_refused(ask, caller, arguments, {"image_id": arguments["image_id"]})
