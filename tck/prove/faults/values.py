"""Values that cannot be meant, and are taken all the same."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from tck.prove.altered import http, requests
from tck.prove.altered.drivers import around
from tck.prove.altered.messages import Parameters
from tck.prove.altered.requests import is_port, may_exist, repair
from tck.prove.faults.fault import Faults
from tck.reference_server.errors import ApiError


def _without_unknown(*names: str) -> Callable[[Parameters], Parameters]:
    return lambda given: {n: v for n, v in given.items() if n not in names or may_exist(v)}


def _made_all_the_same(ask: Any, caller: Any, given: Any, enough: Any) -> Any:
    """Make it of what is right, and then refuse it for the rest."""
    try:
        return ask(caller, **given)
    except ApiError:
        with contextlib.suppress(ApiError):
            ask(caller, **enough)
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
def ports_backwards(given: Parameters) -> Parameters:
    """Accepts a range of ports whose end is before its start."""
    first, last = given.get("port_from", ""), given.get("port_to", "")
    if first.isdigit() and last.isdigit() and int(first) > int(last):
        return {**given, "port_from": last, "port_to": first}
    return given


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
    requests.rewrite(
        "instances.create", "launches outside of unknown firewalls", _without_unknown("firewalls1")
    ),
)
fault(
    "unknown-snapshot-ignored",
    "DC-ERR-021",
    requests.rewrite(
        "instances.create", "launches without unknown snapshots", _without_unknown("snapshot_id")
    ),
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


@fault.does("DC-INS-058", requests.rewrite, "instances.create", persona="gogrid")
def names_cut_at_the_limit(given: Parameters) -> Parameters:
    """Cuts names after 20 characters instead of refusing them."""
    return {**given, "name": given["name"][:20]} if "name" in given else given


@fault.does("DC-ERR-022", around, "storage_volumes.create", "create_storage_volume")
def refused_volume_is_made(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Refuses a volume and makes it all the same."""
    return _made_all_the_same(ask, caller, given, {})


@fault.does("DC-ERR-022", around, "instances.create", "create_instance")
def refused_instance_runs(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Refuses a launch and runs an instance of the image all the same."""
    return _made_all_the_same(ask, caller, given, {"image_id": given["image_id"]})
