"""Load balancers and the instances behind them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import Change
from tck.prove.altered.drivers import around, change_stored, do_nothing, remove_stored
from tck.prove.altered.requests import may_exist, repair
from tck.prove.faults.fault import Faults
from tck.reference_server.drivers.mock.records import BalancerRecord
from tck.reference_server.resources import LoadBalancer

_ALL, _C = "load_balancers.*", "load_balancers.create"
_REG, _UN = "load_balancers.register", "load_balancers.unregister"


def _with(text: str, **values: str) -> Change:
    """Create load balancers with other arguments."""
    return drivers.with_arguments(_C, text, "create_load_balancer", **values)


def _keep_destroyed(driver: Any) -> None:
    """Show instances that were destroyed in their load balancers."""
    destroyed: dict[str, list[Any]] = {}  # by the id of the load balancer
    destroy_instance = driver.destroy_instance

    def note_and_destroy(caller: Any, id_: str) -> Any:
        for balancer in driver.load_balancers(caller, {}):
            instances = (i for i in balancer.instances if i.id == id_)
            destroyed.setdefault(balancer.id, []).extend(instances)
        return destroy_instance(caller, id_)

    def with_destroyed(balancer: LoadBalancer) -> LoadBalancer:
        instances = (*balancer.instances, *destroyed.get(balancer.id, ()))
        return replace(balancer, instances=instances)

    driver.destroy_instance = note_and_destroy
    shown = drivers.shown(_ALL, "shows destroyed instances", LoadBalancer, with_destroyed).driver
    assert shown is not None
    shown(driver)


fault = Faults()

fault("balancer-without-listeners", "DC-LBL-001", xml.drop(_ALL, "//load_balancer/listeners"))
fault("balancer-without-realm", "DC-LBL-001", xml.drop(_ALL, "//load_balancer/realm"))
fault(
    "balancer-without-addresses", "DC-LBL-001", xml.drop(_ALL, "//load_balancer/public_addresses")
)
fault("json-balancer-without-realms", "DC-LBL-002", json.drop(_ALL, "realms"))
fault(
    "json-balancer-listeners-as-text",
    "DC-LBL-002",
    json.alter(_ALL, "writes listeners as plain texts", "listeners", str),
)
fault("listener-without-port", "DC-LBL-003", xml.drop(_ALL, "//listener/load_balancer_port"))
fault("listener-without-protocol", "DC-LBL-003", xml.drop(_ALL, "//listener/@protocol"))
fault("listener-of-unknown-protocol", "DC-LBL-004", xml.put(_ALL, "//listener/@protocol", "SCTP"))


fault(
    "balancer-forgotten", "DC-LBL-005", drivers.forget(_C, "create_load_balancer", BalancerRecord)
)


@fault.does("DC-LBL-005", xml.alter, _ALL, "//load_balancer/realm/@*")
def balancer_realm_ignored(attribute: str) -> str:
    """Names another realm than the one asked for."""
    if "http" in attribute:
        return attribute.replace("/us", "/eu")
    return attribute.replace("us", "eu")


fault(
    "balancer-port-ignored",
    "DC-LBL-005",
    _with("listens on port 1 whatever port is named", listener_balancer_port="1"),
)
fault(
    "balancer-instance-port-ignored",
    "DC-LBL-005",
    _with("sends to port 1 whatever port is named", listener_instance_port="1"),
)


@fault.does("DC-LBL-005", drivers.listed, "load_balancers.index", "load_balancers")
def balancer_not_listed(balancers: list[Any]) -> list[Any]:
    """Lists only one load balancer."""
    return balancers[:1]


fault("balancer-without-realm-made", "DC-LBL-006", requests.supply(_C, realm_id="us"))
fault("balancer-without-port-made", "DC-LBL-006", requests.supply(_C, listener_balancer_port="80"))
fault("register-without-instance", "DC-LBL-006", requests.supply(_REG, instance_id="inst2"))
fault("balancer-without-500", "DC-LBL-006", http.on_status(f"!{_C}", 400, 500))
fault(
    "register-does-nothing",
    "DC-LBL-007",
    do_nothing(_REG, "lb_register_instance", "load_balancers", answer=True),
)


@fault.does("DC-LBL-007", around, _REG, "lb_register_instance")
def register_another(_driver: Any, ask: Any, caller: Any, id_: str, **_arguments: Any) -> Any:
    """Registers inst2 instead of the instance that is named."""
    return ask(caller, id_, instance_id="inst2")


fault(
    "unregister-does-nothing",
    "DC-LBL-007",
    do_nothing(_UN, "lb_unregister_instance", "load_balancers", answer=True),
)


@fault.does("DC-LBL-007", around, _UN, "lb_unregister_instance")
def unregister_takes_all_out(
    driver: Any, ask: Any, caller: Any, id_: str, *, instance_id: str
) -> Any:
    """Unregisters all instances of the load balancer."""
    ask(caller, id_, instance_id=instance_id)
    change_stored(driver, BalancerRecord, lambda b: replace(b, instances=()) if b.id == id_ else b)
    return driver.load_balancer(caller, id_)


fault(
    "balancer-hides-instances", "DC-LBL-007", xml.drop(_ALL, "//load_balancer/instances/instance")
)
fault(
    "unregister-link-without-method",
    "DC-LBL-008",
    xml.drop(_ALL, "//instances/instance/link/@method"),
)


fault(
    "balancer-not-destroyed",
    "DC-LBL-009",
    do_nothing("load_balancers.destroy", "destroy_load_balancer", "load_balancers"),
)
fault(
    "destroyed-balancer-listed",
    "DC-LBL-009",
    drivers.list_destroyed("load_balancers.index", "load_balancers", "destroy_load_balancer"),
)


@fault.does("DC-LBL-010", requests.alter, _C, "listener_protocol")
def balancer_of_any_protocol(protocol: str) -> str:
    """Treats an unknown protocol as TCP."""
    return protocol if protocol in ("HTTP", "TCP", "") else "TCP"


fault("register-nothing", "DC-LBL-011", repair(_REG, "instance_id", may_exist, "inst2"))
fault("register-nothing-500", "DC-LBL-011", http.on_status(f"!{_REG}", 400, 500))


@fault.does("DC-LBL-012", json.alter, _ALL, "realms")
def json_balancer_realms_as_labels(realms: Any) -> Any:
    """Writes realms as labels instead of references."""
    return [f"#<Realm:{r['id']}>" for r in realms]


@fault.does("DC-DOC-026", around, _C, "create_load_balancer")
def second_balancer_replaces_first(driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Replaces a load balancer when another one of the same name is created."""
    remove_stored(driver, BalancerRecord, lambda b: b.name == arguments["name"])
    return ask(caller, **arguments)


fault(
    "balancer-keeps-gone-instance",
    "DC-DOC-027",
    Change("balancers keep instances that are destroyed", _ALL, driver=_keep_destroyed),
)
