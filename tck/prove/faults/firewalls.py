"""Firewalls and their rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import Change
from tck.prove.altered.drivers import around, one, pretend, stored
from tck.prove.faults.fault import fault
from tck.reference_server.errors import ApiError
from tck.reference_server.resources import Firewall

_ALL, _R = "firewalls.*", "firewalls.rules"


def _lost(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    made = ask(caller, **given)
    stored(Firewall, lambda f: None if f.id == made.id else f)(driver)
    return made


def _rule(text: str, change: Any) -> Change:
    """Add another rule than was asked for."""
    return around(
        _R,
        text,
        "create_firewall_rule",
        lambda _d, ask, caller, id_, **g: ask(caller, id_, **change(g)),
    )


def _nothing(driver: Any, _ask: Any, caller: Any, id_: str, **_given: Any) -> Any:
    return one(driver, "firewalls", caller, id_)


def _first_source(given: dict[str, Any]) -> dict[str, Any]:
    return {
        **given,
        "group": {},
        "ip_address": dict(list((given.get("ip_address") or {}).items())[:1]),
    }


def _new_rule_only(_driver: Any, ask: Any, caller: Any, id_: str, **given: Any) -> Any:
    whole = ask(caller, id_, **given)
    return replace(whole, rules=whole.rules[-1:])


def _rules_kept(keep: Any) -> Any:
    """Delete other rules than the one that was named."""

    def act(driver: Any, _ask: Any, caller: Any, id_: str, rule_id: str) -> None:
        one(driver, "firewalls", caller, id_)
        change = lambda f: replace(f, rules=keep(f.rules, rule_id)) if f.id == id_ else f  # noqa: E731
        stored(Firewall, change)(driver)

    return act


def _without_sources(asked: Any) -> Any:
    """A rule without a source lets in everybody."""
    names = asked.form | asked.query
    if not any(n.startswith(("ip_address", "group")) for n in names):
        asked.query = {**asked.query, "ip_address1": "0.0.0.0/0"}


def _replaced(driver: Any, ask: Any, caller: Any, *, name: str, description: str) -> Any:
    new = Firewall(name, name, description, caller.user)
    stored(Firewall, lambda f: new if f.id == name else f)(driver)
    try:
        return ask(caller, name=name, description=description)
    except ApiError:
        return new


def _all_for_an_unknown_one(driver: Any, ask: Any, caller: Any, id_: str, rule_id: str) -> None:
    try:
        ask(caller, id_, rule_id)
    except ApiError:
        stored(Firewall, lambda f: replace(f, rules=()) if f.id == id_ else f)(driver)
        raise


FAULTS = [
    fault("firewall-without-description", "DC-FWL-001", xml.drop(_ALL, "//firewall/description")),
    fault("firewall-without-owner", "DC-FWL-001", xml.drop(_ALL, "//firewall/owner_id")),
    fault("firewall-without-rules", "DC-FWL-001", xml.drop(_ALL, "//firewall/rules")),
    fault(
        "json-firewall-rules-as-object",
        "DC-FWL-002",
        json.put(_ALL, "rules", lambda v: {r["id"]: r for r in v}),
    ),
    fault("json-firewall-without-owner", "DC-FWL-002", json.drop(_ALL, "owner_id")),
    fault("rule-without-id", "DC-FWL-003", xml.drop(_ALL, "//rule/@id")),
    fault("rule-without-port", "DC-FWL-003", xml.drop(_ALL, "//rule/port_to")),
    fault("rule-without-sources", "DC-FWL-003", xml.drop(_ALL, "//rule/sources")),
    fault("rule-protocol-unknown", "DC-FWL-004", xml.put(_ALL, "//allow_protocol", "any")),
    fault("source-without-prefix", "DC-FWL-005", xml.drop(_ALL, "//source/@prefix")),
    fault("source-of-unknown-type", "DC-FWL-005", xml.put(_ALL, "//source/@type", "cidr")),
    fault("source-without-type", "DC-FWL-005", xml.drop(_ALL, "//source/@type")),
    fault("direction-unknown", "DC-FWL-006", xml.put(_ALL, "//direction", "in")),
    fault("log-rule-yes", "DC-FWL-006", xml.put(_ALL, "//log_rule", "yes")),
    fault(
        "firewall-forgotten",
        "DC-FWL-007",
        around("firewalls.create", "forgets the new firewall", "create_firewall", _lost),
    ),
    fault(
        "firewall-description-ignored",
        "DC-FWL-007",
        around(
            "firewalls.create",
            "describes firewalls itself",
            "create_firewall",
            lambda _d, ask, caller, **g: ask(caller, **{**g, "description": "firewall"}),
        ),
    ),
    fault(
        "firewall-not-listed",
        "DC-FWL-007",
        drivers.listed("firewalls.index", "lists one firewall", "firewalls", lambda v: v[:1]),
    ),
    fault(
        "firewall-without-name-made",
        "DC-FWL-008",
        requests.supply("firewalls.create", name="unnamed"),
    ),
    fault(
        "firewall-without-description-made",
        "DC-FWL-008",
        requests.supply("firewalls.create", description="none"),
    ),
    fault("firewall-without-409", "DC-FWL-008", http.on_status("!firewalls.create", 400, 409)),
    fault(
        "rule-not-added", "DC-FWL-009", around(_R, "adds nothing", "create_firewall_rule", _nothing)
    ),
    fault(
        "rule-for-another-protocol",
        "DC-FWL-009",
        _rule("lets in udp always", lambda g: {**g, "protocol": "udp"}),
    ),
    fault(
        "rule-for-one-port",
        "DC-FWL-009",
        _rule("lets in the first port only", lambda g: {**g, "port_to": g["port_from"]}),
    ),
    fault(
        "rule-with-first-source-only",
        "DC-FWL-009",
        _rule("takes the first source only", _first_source),
    ),
    fault(
        "rule-for-everybody",
        "DC-FWL-009",
        _rule("lets in everybody", lambda g: {**g, "ip_address": {"1": "0.0.0.0/0"}}),
    ),
    fault(
        "rule-answered-alone",
        "DC-FWL-009",
        around(_R, "shows the new rule only", "create_firewall_rule", _new_rule_only),
    ),
    fault(
        "rule-without-source-added",
        "DC-FWL-010",
        requests.changed(_R, "takes everybody where no source is given", _without_sources),
    ),
    fault("rule-without-source-500", "DC-FWL-010", http.on_status(f"!{_R}", 400, 500)),
    fault("rule-without-protocol-added", "DC-FWL-011", requests.supply(_R, protocol="tcp")),
    fault(
        "rule-without-ports-added", "DC-FWL-011", requests.supply(_R, port_from="1", port_to="1024")
    ),
    fault(
        "rule-of-any-protocol-added",
        "DC-FWL-011",
        requests.replace(
            _R,
            "takes unknown protocols for tcp",
            lambda g: (
                {
                    **g,
                    "protocol": g["protocol"] if g["protocol"] in ("tcp", "udp", "icmp") else "tcp",
                }
                if "protocol" in g
                else g
            ),
        ),
    ),
    fault(
        "rule-not-deleted",
        "DC-FWL-012",
        around(
            "rules.destroy",
            "deletes nothing",
            "delete_firewall_rule",
            lambda _d, _a, _c, *_ids: None,
        ),
    ),
    fault(
        "all-rules-deleted",
        "DC-FWL-012",
        around(
            "rules.destroy",
            "deletes all rules",
            "delete_firewall_rule",
            _rules_kept(lambda _r, _id: ()),
        ),
    ),
    fault(
        "first-rule-deleted",
        "DC-FWL-012",
        around(
            "rules.destroy",
            "deletes the first rule",
            "delete_firewall_rule",
            _rules_kept(lambda rules, _id: rules[1:]),
        ),
    ),
    fault(
        "other-rules-deleted",
        "DC-FWL-012",
        around(
            "rules.destroy",
            "deletes the other rules",
            "delete_firewall_rule",
            _rules_kept(lambda rules, id_: tuple(r for r in rules if r.id == id_)),
        ),
    ),
    fault(
        "firewall-not-destroyed",
        "DC-FWL-013",
        pretend("firewalls.destroy", "delete_firewall", "firewalls"),
    ),
    fault(
        "destroyed-firewall-listed",
        "DC-FWL-013",
        drivers.listed(
            "firewalls.index",
            "lists firewalls that are gone",
            "firewalls",
            lambda v: [
                *v,
                *(
                    replace(v[0], id=f"tckp{n}")
                    for n in range(1, 400)
                    if f"tckp{n}" not in {f.id for f in v}
                ),
            ],
        ),
    ),
    fault(
        "firewall-list-offers-less",
        "DC-FWL-014",
        xml.drop("firewalls.index", "//actions/link[@rel='update']"),
    ),
    fault(
        "rule-id-not-usable",
        "DC-FWL-015",
        requests.instead(
            "rules.destroy",
            "does not decode ids of rules",
            lambda a: http.failure(404) if "%" in a.environ.get("REQUEST_URI", "") else None,
        ),
    ),
    fault("firewall-in-use-500", "DC-FWL-016", http.on_status("!firewalls.destroy", 409, 500)),
    fault(
        "second-firewall-replaces-first",
        "DC-DOC-026",
        around("firewalls.create", "replaces a firewall of the name", "create_firewall", _replaced),
    ),
    fault("unknown-rule-204", "DC-ERR-019", http.on_status("!rules.destroy", 404, 204)),
    fault("unknown-rule-500", "DC-ERR-018", http.on_status("!rules.destroy", 404, 500)),
    fault(
        "unknown-rule-deletes-all",
        "DC-FWL-012",
        around(
            "!rules.destroy", "deletes all rules", "delete_firewall_rule", _all_for_an_unknown_one
        ),
    ),
]
