"""Load balancers and the instances behind them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import Change
from tck.prove.altered.drivers import around, stored
from tck.prove.faults.fault import fault
from tck.reference_server.drivers.mock.records import BalancerRecord
from tck.reference_server.resources import LoadBalancer

_ALL, _C = "load_balancers.*", "load_balancers.create"
_REG, _UN = "load_balancers.register", "load_balancers.unregister"


def _lost(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    made = ask(caller, **given)
    stored(BalancerRecord, lambda b: None if b.id == made.id else b)(driver)
    return made


def _shows(driver: Any, _ask: Any, caller: Any, id_: str, **_given: Any) -> Any:
    return driver.load_balancer(caller, id_)


def _all_out(driver: Any, ask: Any, caller: Any, id_: str, *, instance_id: str) -> Any:
    ask(caller, id_, instance_id=instance_id)
    stored(BalancerRecord, lambda b: replace(b, instances=()) if b.id == id_ else b)(driver)
    return driver.load_balancer(caller, id_)


def _another(_driver: Any, ask: Any, caller: Any, id_: str, **_given: Any) -> Any:
    return ask(caller, id_, instance_id="inst2")


def _anything(_driver: Any, ask: Any, caller: Any, id_: str, *, instance_id: str) -> Any:
    return ask(
        caller, id_, instance_id="inst2" if instance_id.startswith("tck-none") else instance_id
    )


def _with(**changes: Any) -> Any:
    return lambda _d, ask, caller, **g: ask(caller, **{**g, **changes})


def _replaced(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    stored(BalancerRecord, lambda b: None if b.name == given["name"] else b)(driver)
    return ask(caller, **given)


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
    shown = drivers.shown(_ALL, "", LoadBalancer, with_gone).driver
    assert shown is not None
    shown(driver)


_GONE_STAY = Change("balancers keep instances that are destroyed", _ALL, driver=_members_stay)


FAULTS = [
    fault("balancer-without-listeners", "DC-LBL-001", xml.drop(_ALL, "//load_balancer/listeners")),
    fault("balancer-without-realm", "DC-LBL-001", xml.drop(_ALL, "//load_balancer/realm")),
    fault(
        "balancer-without-addresses",
        "DC-LBL-001",
        xml.drop(_ALL, "//load_balancer/public_addresses"),
    ),
    fault("json-balancer-without-realms", "DC-LBL-002", json.drop(_ALL, "realms")),
    fault("json-balancer-listeners-as-text", "DC-LBL-002", json.put(_ALL, "listeners", str)),
    fault("listener-without-port", "DC-LBL-003", xml.drop(_ALL, "//listener/load_balancer_port")),
    fault("listener-without-protocol", "DC-LBL-003", xml.drop(_ALL, "//listener/@protocol")),
    fault(
        "listener-of-unknown-protocol", "DC-LBL-004", xml.put(_ALL, "//listener/@protocol", "SCTP")
    ),
    fault(
        "balancer-forgotten",
        "DC-LBL-005",
        around(_C, "forgets the new balancer", "create_load_balancer", _lost),
    ),
    fault(
        "balancer-realm-ignored",
        "DC-LBL-005",
        xml.put(
            _ALL,
            "//load_balancer/realm/@*",
            lambda v: v.replace("us", "eu") if "http" not in v else v.replace("/us", "/eu"),
        ),
    ),
    fault(
        "balancer-port-ignored",
        "DC-LBL-005",
        around(
            _C,
            "listens on port 80 always",
            "create_load_balancer",
            _with(listener_balancer_port="1"),
        ),
    ),
    fault(
        "balancer-instance-port-ignored",
        "DC-LBL-005",
        around(
            _C, "sends to port 1 always", "create_load_balancer", _with(listener_instance_port="1")
        ),
    ),
    fault(
        "balancer-not-listed",
        "DC-LBL-005",
        drivers.listed(
            "load_balancers.index", "lists one balancer", "load_balancers", lambda v: v[:1]
        ),
    ),
    fault("balancer-without-realm-made", "DC-LBL-006", requests.supply(_C, realm_id="us")),
    fault(
        "balancer-without-port-made", "DC-LBL-006", requests.supply(_C, listener_balancer_port="80")
    ),
    fault("register-without-instance", "DC-LBL-006", requests.supply(_REG, instance_id="inst2")),
    fault("balancer-without-500", "DC-LBL-006", http.on_status(f"!{_C}", 400, 500)),
    fault(
        "register-does-nothing",
        "DC-LBL-007",
        around(_REG, "registers nothing", "lb_register_instance", _shows),
    ),
    fault(
        "register-another",
        "DC-LBL-007",
        around(_REG, "registers inst2", "lb_register_instance", _another),
    ),
    fault(
        "unregister-does-nothing",
        "DC-LBL-007",
        around(_UN, "takes nothing out", "lb_unregister_instance", _shows),
    ),
    fault(
        "unregister-takes-all-out",
        "DC-LBL-007",
        around(_UN, "takes all instances out", "lb_unregister_instance", _all_out),
    ),
    fault(
        "balancer-hides-instances",
        "DC-LBL-007",
        xml.drop(_ALL, "//load_balancer/instances/instance"),
    ),
    fault(
        "unregister-link-without-method",
        "DC-LBL-008",
        xml.drop(_ALL, "//instances/instance/link/@method"),
    ),
    fault(
        "balancer-not-destroyed",
        "DC-LBL-009",
        around(
            "load_balancers.destroy",
            "destroys nothing",
            "destroy_load_balancer",
            lambda d, _a, caller, id_: d.load_balancer(caller, id_),
        ),
    ),
    fault(
        "destroyed-balancer-listed",
        "DC-LBL-009",
        drivers.listed(
            "load_balancers.index",
            "lists balancers that are gone",
            "load_balancers",
            lambda v: [
                *v,
                *(
                    replace(v[0], id=f"tckp{n}")
                    for n in range(1, 400)
                    if f"tckp{n}" not in {b.id for b in v}
                ),
            ],
        ),
    ),
    fault(
        "balancer-of-any-protocol",
        "DC-LBL-010",
        requests.replace(
            _C,
            "takes unknown protocols for TCP",
            lambda g: (
                {
                    **g,
                    "listener_protocol": g["listener_protocol"]
                    if g["listener_protocol"] in ("HTTP", "TCP")
                    else "TCP",
                }
                if g.get("listener_protocol")
                else g
            ),
        ),
    ),
    fault(
        "register-nothing",
        "DC-LBL-011",
        around(_REG, "registers inst2 for what is not there", "lb_register_instance", _anything),
    ),
    fault("register-nothing-500", "DC-LBL-011", http.on_status(f"!{_REG}", 400, 500)),
    fault(
        "json-balancer-realms-as-labels",
        "DC-LBL-012",
        json.put(_ALL, "realms", lambda v: [f"#<Realm:{r['id']}>" for r in v]),
    ),
    fault(
        "second-balancer-replaces-first",
        "DC-DOC-026",
        around(_C, "replaces a balancer of the name", "create_load_balancer", _replaced),
    ),
    fault("balancer-keeps-gone-instance", "DC-DOC-027", _GONE_STAY),
]
