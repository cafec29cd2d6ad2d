"""Firewalls and their rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import Change, in_request
from tck.prove.altered.drivers import around, change_stored, do_nothing, find, remove_stored
from tck.prove.altered.messages import Answer, Asked, Parameters
from tck.prove.faults.fault import Faults
from tck.reference_server.errors import ApiError
from tck.reference_server.resources import Firewall

_ALL, _R = "firewalls.*", "firewalls.rules"


def _rule(text: str, change: Any) -> Change:
    """Add another rule than was asked for."""
    return around(
        _R,
        text,
        "create_firewall_rule",
        lambda _d, ask, caller, id_, **g: ask(caller, id_, **change(g)),
    )


def _first_source(given: dict[str, Any]) -> dict[str, Any]:
    return {
        **given,
        "group": {},
        "ip_address": dict(list((given.get("ip_address") or {}).items())[:1]),
    }


def _rules_kept(keep: Any) -> Any:
    """Delete other rules than the one that was named."""

    def act(driver: Any, _ask: Any, caller: Any, id_: str, rule_id: str) -> None:
        find(driver, "firewalls", caller, id_)
        change = lambda f: replace(f, rules=keep(f.rules, rule_id)) if f.id == id_ else f  # noqa: E731
        change_stored(driver, Firewall, change)

    return act


fault = Faults()

fault("firewall-without-description", "DC-FWL-001", xml.drop(_ALL, "//firewall/description"))
fault("firewall-without-owner", "DC-FWL-001", xml.drop(_ALL, "//firewall/owner_id"))
fault("firewall-without-rules", "DC-FWL-001", xml.drop(_ALL, "//firewall/rules"))
fault(
    "json-firewall-rules-as-object",
    "DC-FWL-002",
    json.alter(_ALL, "writes rules as an object", "rules", lambda v: {r["id"]: r for r in v}),
)
fault("json-firewall-without-owner", "DC-FWL-002", json.drop(_ALL, "owner_id"))
fault("rule-without-id", "DC-FWL-003", xml.drop(_ALL, "//rule/@id"))
fault("rule-without-port", "DC-FWL-003", xml.drop(_ALL, "//rule/port_to"))
fault("rule-without-sources", "DC-FWL-003", xml.drop(_ALL, "//rule/sources"))
fault("rule-protocol-unknown", "DC-FWL-004", xml.put(_ALL, "//allow_protocol", "any"))
fault("source-without-prefix", "DC-FWL-005", xml.drop(_ALL, "//source/@prefix"))
fault("source-of-unknown-type", "DC-FWL-005", xml.put(_ALL, "//source/@type", "cidr"))
fault("source-without-type", "DC-FWL-005", xml.drop(_ALL, "//source/@type"))
fault("direction-unknown", "DC-FWL-006", xml.put(_ALL, "//direction", "in"))
fault("log-rule-yes", "DC-FWL-006", xml.put(_ALL, "//log_rule", "yes"))


@fault.does("DC-FWL-007", around, "firewalls.create", "create_firewall")
def firewall_forgotten(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Answers as if it had created a firewall, and stores nothing."""
    made = ask(caller, **given)
    remove_stored(driver, Firewall, lambda f: f.id == made.id)
    return made


@fault.does("DC-FWL-007", around, "firewalls.create", "create_firewall")
def firewall_description_ignored(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Creates a firewall with a description of its own."""
    return ask(caller, **{**given, "description": "firewall"})


@fault.does("DC-FWL-007", drivers.listed, "firewalls.index", "firewalls")
def firewall_not_listed(firewalls: list[Any]) -> list[Any]:
    """Lists the first firewall only."""
    return firewalls[:1]


fault(
    "firewall-without-name-made", "DC-FWL-008", requests.supply("firewalls.create", name="unnamed")
)
fault(
    "firewall-without-description-made",
    "DC-FWL-008",
    requests.supply("firewalls.create", description="none"),
)
fault("firewall-without-409", "DC-FWL-008", http.on_status("!firewalls.create", 400, 409))


@fault.does("DC-FWL-009", around, _R, "create_firewall_rule")
def rule_not_added(driver: Any, _ask: Any, caller: Any, id_: str, **_given: Any) -> Any:
    """Adds no rule and answers as if it had."""
    return find(driver, "firewalls", caller, id_)


fault(
    "rule-for-another-protocol",
    "DC-FWL-009",
    _rule("lets in udp always", lambda g: {**g, "protocol": "udp"}),
)
fault(
    "rule-for-one-port",
    "DC-FWL-009",
    _rule("lets in the first port only", lambda g: {**g, "port_to": g["port_from"]}),
)
fault(
    "rule-with-first-source-only", "DC-FWL-009", _rule("takes the first source only", _first_source)
)
fault(
    "rule-for-everybody",
    "DC-FWL-009",
    _rule("lets in everybody", lambda g: {**g, "ip_address": {"1": "0.0.0.0/0"}}),
)


@fault.does("DC-FWL-009", around, _R, "create_firewall_rule")
def rule_answered_alone(_driver: Any, ask: Any, caller: Any, id_: str, **given: Any) -> Any:
    """Answers with the new rule only, without the others of the firewall."""
    whole = ask(caller, id_, **given)
    return replace(whole, rules=whole.rules[-1:])


@fault.does("DC-FWL-010", in_request, _R)
def rule_without_source_added(asked: Any) -> Any:
    """Adds a rule without a source as one that lets everybody in."""
    names = asked.form | asked.query
    if not any(n.startswith(("ip_address", "group")) for n in names):
        asked.query = {**asked.query, "ip_address1": "0.0.0.0/0"}


fault("rule-without-source-500", "DC-FWL-010", http.on_status(f"!{_R}", 400, 500))
fault("rule-without-protocol-added", "DC-FWL-011", requests.supply(_R, protocol="tcp"))
fault("rule-without-ports-added", "DC-FWL-011", requests.supply(_R, port_from="1", port_to="1024"))


@fault.does("DC-FWL-011", requests.rewrite, _R)
def rule_of_any_protocol_added(given: Parameters) -> Parameters:
    """Adds a rule of an unknown protocol as one of TCP."""
    return (
        {
            **given,
            "protocol": given["protocol"] if given["protocol"] in ("tcp", "udp", "icmp") else "tcp",
        }
        if "protocol" in given
        else given
    )


@fault.does("DC-FWL-012", around, "rules.destroy", "delete_firewall_rule")
def rule_not_deleted(_driver: Any, _ask: Any, _caller: Any, *_ids: Any) -> Any:
    """Deletes no rule and answers as if it had."""
    return None


fault(
    "all-rules-deleted",
    "DC-FWL-012",
    around(
        "rules.destroy",
        "deletes all rules",
        "delete_firewall_rule",
        _rules_kept(lambda _r, _id: ()),
    ),
)
fault(
    "first-rule-deleted",
    "DC-FWL-012",
    around(
        "rules.destroy",
        "deletes the first rule",
        "delete_firewall_rule",
        _rules_kept(lambda rules, _id: rules[1:]),
    ),
)
fault(
    "other-rules-deleted",
    "DC-FWL-012",
    around(
        "rules.destroy",
        "deletes the other rules",
        "delete_firewall_rule",
        _rules_kept(lambda rules, id_: tuple(r for r in rules if r.id == id_)),
    ),
)
fault(
    "firewall-not-destroyed",
    "DC-FWL-013",
    do_nothing("firewalls.destroy", "delete_firewall", "firewalls"),
)


@fault.does("DC-FWL-013", drivers.listed, "firewalls.index", "firewalls")
def destroyed_firewall_listed(firewalls: list[Any]) -> list[Any]:
    """Lists firewalls that are gone."""
    return [
        *firewalls,
        *(
            replace(firewalls[0], id=f"tckp{n}")
            for n in range(1, 400)
            if f"tckp{n}" not in {f.id for f in firewalls}
        ),
    ]


fault(
    "firewall-list-offers-less",
    "DC-FWL-014",
    xml.drop("firewalls.index", "//actions/link[@rel='update']"),
)


@fault.does("DC-FWL-015", requests.reply, "rules.destroy")
def rule_id_not_usable(asked: Asked) -> Answer | None:
    """Does not decode the ids of rules in paths."""
    return http.failure(404) if "%" in asked.environ.get("REQUEST_URI", "") else None


fault("firewall-in-use-500", "DC-FWL-016", http.on_status("!firewalls.destroy", 409, 500))


@fault.does("DC-DOC-026", around, "firewalls.create", "create_firewall")
def second_firewall_replaces_first(
    driver: Any, ask: Any, caller: Any, *, name: str, description: str
) -> Any:
    """Replaces the firewall that already has the name."""
    new = Firewall(name, name, description, caller.user)
    change_stored(driver, Firewall, lambda f: new if f.id == name else f)
    try:
        return ask(caller, name=name, description=description)
    except ApiError:
        return new


fault("unknown-rule-204", "DC-ERR-019", http.on_status("!rules.destroy", 404, 204))
fault("unknown-rule-500", "DC-ERR-018", http.on_status("!rules.destroy", 404, 500))


@fault.does("DC-FWL-012", around, "!rules.destroy", "delete_firewall_rule")
def unknown_rule_deletes_all(driver: Any, ask: Any, caller: Any, id_: str, rule_id: str) -> None:
    """Deletes all rules of the firewall when an unknown one is to be deleted."""
    try:
        ask(caller, id_, rule_id)
    except ApiError:
        change_stored(driver, Firewall, lambda f: replace(f, rules=()) if f.id == id_ else f)
        raise
