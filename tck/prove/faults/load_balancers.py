"""Load balancers and the instances behind them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import Change
from tck.prove.altered.drivers import around, change_stored, remove_stored
from tck.prove.altered.messages import Parameters
from tck.prove.faults.fault import Faults
from tck.reference_server.drivers.mock.records import BalancerRecord
from tck.reference_server.resources import LoadBalancer

_ALL, _C = "load_balancers.*", "load_balancers.create"
_REG, _UN = "load_balancers.register", "load_balancers.unregister"


def _shows(driver: Any, _ask: Any, caller: Any, id_: str, **_given: Any) -> Any:
    return driver.load_balancer(caller, id_)


def _with(**changes: Any) -> Any:
    return lambda _d, ask, caller, **g: ask(caller, **{**g, **changes})


def _members_stay(driver: Any) -> None:
    """Members that were destroyed go on being handed out."""
    gone: dict[str, list[Any]] = {}
    destroy = driver.destroy_instance

    def destroying(caller: Any, id_: str) -> Any:
        for balancer in driver.load_balancers(caller, {}):
            gone.setdefault(balancer.id, []).extend(i for i in balancer.instances if i.id == id_)
        return destroy(caller, id_)

    def with_gone(balancer: LoadBalancer) -> LoadBalancer:
        return replace(balancer, instances=(*balancer.instances, *gone.get(balancer.id, ())))

    driver.destroy_instance = destroying
    shown = drivers.shown(_ALL, "keeps what is gone", LoadBalancer, with_gone).driver
    assert shown is not None
    shown(driver)


_GONE_STAY = Change("balancers keep instances that are destroyed", _ALL, driver=_members_stay)

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
    json.put(_ALL, "listeners", str),
    text="writes listeners as plain texts in JSON",
)
fault("listener-without-port", "DC-LBL-003", xml.drop(_ALL, "//listener/load_balancer_port"))
fault("listener-without-protocol", "DC-LBL-003", xml.drop(_ALL, "//listener/@protocol"))
fault("listener-of-unknown-protocol", "DC-LBL-004", xml.put(_ALL, "//listener/@protocol", "SCTP"))


@fault.does("DC-LBL-005", around, _C, "create_load_balancer")
def balancer_forgotten(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Answers with the new load balancer and does not keep it."""
    made = ask(caller, **given)
    remove_stored(driver, BalancerRecord, lambda b: b.id == made.id)
    return made


fault(
    "balancer-realm-ignored",
    "DC-LBL-005",
    xml.put(
        _ALL,
        "//load_balancer/realm/@*",
        lambda v: v.replace("us", "eu") if "http" not in v else v.replace("/us", "/eu"),
    ),
    text="names another realm than the one asked for",
)
fault(
    "balancer-port-ignored",
    "DC-LBL-005",
    around(
        _C, "listens on port 80 always", "create_load_balancer", _with(listener_balancer_port="1")
    ),
)
fault(
    "balancer-instance-port-ignored",
    "DC-LBL-005",
    around(_C, "sends to port 1 always", "create_load_balancer", _with(listener_instance_port="1")),
)


@fault.does("DC-LBL-005", drivers.listed, "load_balancers.index", "load_balancers")
def balancer_not_listed(members: list[Any]) -> list[Any]:
    """Lists only one load balancer."""
    return members[:1]


fault("balancer-without-realm-made", "DC-LBL-006", requests.supply(_C, realm_id="us"))
fault("balancer-without-port-made", "DC-LBL-006", requests.supply(_C, listener_balancer_port="80"))
fault("register-without-instance", "DC-LBL-006", requests.supply(_REG, instance_id="inst2"))
fault("balancer-without-500", "DC-LBL-006", http.on_status(f"!{_C}", 400, 500))
fault(
    "register-does-nothing",
    "DC-LBL-007",
    around(_REG, "registers nothing", "lb_register_instance", _shows),
)


@fault.does("DC-LBL-007", around, _REG, "lb_register_instance")
def register_another(_driver: Any, ask: Any, caller: Any, id_: str, **_given: Any) -> Any:
    """Registers inst2 instead of the instance that is named."""
    return ask(caller, id_, instance_id="inst2")


fault(
    "unregister-does-nothing",
    "DC-LBL-007",
    around(_UN, "takes nothing out", "lb_unregister_instance", _shows),
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


@fault.does("DC-LBL-009", around, "load_balancers.destroy", "destroy_load_balancer")
def balancer_not_destroyed(driver: Any, _ask: Any, caller: Any, id_: Any) -> Any:
    """Answers that the load balancer is destroyed and keeps it."""
    return driver.load_balancer(caller, id_)


@fault.does("DC-LBL-009", drivers.listed, "load_balancers.index", "load_balancers")
def destroyed_balancer_listed(members: list[Any]) -> list[Any]:
    """Goes on listing load balancers that were destroyed."""
    return [
        *members,
        *(
            replace(members[0], id=f"tckp{n}")
            for n in range(1, 400)
            if f"tckp{n}" not in {b.id for b in members}
        ),
    ]


@fault.does("DC-LBL-010", requests.rewrite, _C)
def balancer_of_any_protocol(given: Parameters) -> Parameters:
    """Treats an unknown protocol as TCP."""
    return (
        {
            **given,
            "listener_protocol": given["listener_protocol"]
            if given["listener_protocol"] in ("HTTP", "TCP")
            else "TCP",
        }
        if given.get("listener_protocol")
        else given
    )


@fault.does("DC-LBL-011", around, _REG, "lb_register_instance")
def register_nothing(_driver: Any, ask: Any, caller: Any, id_: str, *, instance_id: str) -> Any:
    """Registers inst2 when the instance does not exist."""
    return ask(
        caller, id_, instance_id="inst2" if instance_id.startswith("tck-none") else instance_id
    )


fault("register-nothing-500", "DC-LBL-011", http.on_status(f"!{_REG}", 400, 500))
fault(
    "json-balancer-realms-as-labels",
    "DC-LBL-012",
    json.put(_ALL, "realms", lambda v: [f"#<Realm:{r['id']}>" for r in v]),
    text="writes realms as labels instead of references in JSON",
)


@fault.does("DC-DOC-026", around, _C, "create_load_balancer")
def second_balancer_replaces_first(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Replaces a load balancer when another one of the same name is created."""
    remove_stored(driver, BalancerRecord, lambda b: b.name == given["name"])
    return ask(caller, **given)


fault("balancer-keeps-gone-instance", "DC-DOC-027", _GONE_STAY)
