"""Firewalls and their rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import Change, in_document, in_request
from tck.prove.altered.drivers import around, change_stored, do_nothing, find
from tck.prove.altered.messages import Answer, Asked, Parameters
from tck.prove.faults.fault import Faults
from tck.reference_server.errors import ApiError
from tck.reference_server.resources import Firewall

_ALL, _CREATE, _R = "firewalls.*", "firewalls.create", "firewalls.rules"
Rules = tuple[Any, ...]


def _rules_left(where: str, text: str, left: Callable[[Rules, str], Rules]) -> Change:
    """Leave `left(rules, id)` in the firewall when the rule of an id is to be deleted."""

    def act(driver: Any, _ask: Any, caller: Any, id_: str, rule_id: str) -> None:
        firewall = find(driver, "firewalls", caller, id_)
        changed = replace(firewall, rules=left(firewall.rules, rule_id))
        change_stored(driver, Firewall, lambda f: changed if f.id == id_ else f)

    return around(where, text, "delete_firewall_rule", act)


fault = Faults()

fault("firewall-without-description", "DC-FWL-001", xml.drop(_ALL, "//firewall/description"))
fault("firewall-without-owner", "DC-FWL-001", xml.drop(_ALL, "//firewall/owner_id"))
fault("firewall-without-rules", "DC-FWL-001", xml.drop(_ALL, "//firewall/rules"))


@fault.does("DC-FWL-002", json.alter, _ALL, "rules")
def json_firewall_rules_as_object(rules: Any) -> Any:
    """Writes rules as an object."""
    return {r["id"]: r for r in rules}


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


fault("firewall-forgotten", "DC-FWL-007", drivers.forget(_CREATE, "create_firewall", Firewall))
fault(
    "firewall-description-ignored",
    "DC-FWL-007",
    drivers.with_arguments(
        _CREATE,
        "creates a firewall with a description of its own",
        "create_firewall",
        description="firewall",
    ),
)


@fault.does("DC-FWL-007", drivers.listed, "firewalls.index", "firewalls")
def firewall_not_listed(firewalls: list[Any]) -> list[Any]:
    """Lists the first firewall only."""
    return firewalls[:1]


fault("firewall-without-name-made", "DC-FWL-008", requests.supply(_CREATE, name="unnamed"))
fault(
    "firewall-without-description-made", "DC-FWL-008", requests.supply(_CREATE, description="none")
)
fault("firewall-without-409", "DC-FWL-008", http.on_status("!firewalls.create", 400, 409))
fault(
    "rule-not-added", "DC-FWL-009", do_nothing(_R, "create_firewall_rule", "firewalls", answer=True)
)


@fault.does("DC-FWL-009", around, _R, "create_firewall_rule")
def rule_for_another_protocol(_driver: Any, ask: Any, caller: Any, id_: str, **rule: Any) -> Any:
    """Adds every rule as one of UDP."""
    return ask(caller, id_, **{**rule, "protocol": "udp"})


@fault.does("DC-FWL-009", around, _R, "create_firewall_rule")
def rule_for_one_port(_driver: Any, ask: Any, caller: Any, id_: str, **rule: Any) -> Any:
    """Adds every rule for the first port of its range only."""
    return ask(caller, id_, **{**rule, "port_to": rule["port_from"]})


@fault.does("DC-FWL-009", around, _R, "create_firewall_rule")
def rule_with_first_source_only(_driver: Any, ask: Any, caller: Any, id_: str, **rule: Any) -> Any:
    """Adds every rule with the first of its addresses only, and without groups."""
    first = dict(list((rule.get("ip_address") or {}).items())[:1])
    return ask(caller, id_, **{**rule, "group": {}, "ip_address": first})


@fault.does("DC-FWL-009", around, _R, "create_firewall_rule")
def rule_for_everybody(_driver: Any, ask: Any, caller: Any, id_: str, **rule: Any) -> Any:
    """Adds every rule as one that lets in everybody."""
    return ask(caller, id_, **{**rule, "ip_address": {"1": "0.0.0.0/0"}})


@fault.does("DC-FWL-009", around, _R, "create_firewall_rule")
def rule_answered_alone(_driver: Any, ask: Any, caller: Any, id_: str, **rule: Any) -> Any:
    """Answers with the new rule only, without the others of the firewall."""
    firewall = ask(caller, id_, **rule)
    return replace(firewall, rules=firewall.rules[-1:])


@fault.does("DC-FWL-010", in_request, _R)
def rule_without_source_added(asked: Asked) -> None:
    """Adds a rule without a source as one that lets everybody in."""
    sent = asked.form | asked.query
    if not any(name.startswith(("ip_address", "group")) for name in sent):
        asked.query = {**asked.query, "ip_address1": "0.0.0.0/0"}


fault("rule-without-source-500", "DC-FWL-010", http.on_status(f"!{_R}", 400, 500))
fault("rule-without-protocol-added", "DC-FWL-011", requests.supply(_R, protocol="tcp"))
fault("rule-without-ports-added", "DC-FWL-011", requests.supply(_R, port_from="1", port_to="1024"))


fault(
    "rule-of-any-protocol-added",
    "DC-FWL-011",
    requests.repair(_R, "protocol", ("tcp", "udp", "icmp").__contains__, "tcp"),
)
fault("rule-not-deleted", "DC-FWL-012", do_nothing("rules.destroy", "delete_firewall_rule"))


@fault.does("DC-FWL-012", _rules_left, "rules.destroy")
def all_rules_deleted(_rules: Rules, _id: str) -> Rules:
    """Deletes all rules of the firewall, not only the one that is named."""
    return ()


@fault.does("DC-FWL-012", _rules_left, "rules.destroy")
def first_rule_deleted(rules: Rules, _id: str) -> Rules:
    """Deletes the first rule of the firewall, whichever is named."""
    return rules[1:]


@fault.does("DC-FWL-012", _rules_left, "rules.destroy")
def other_rules_deleted(rules: Rules, id_: str) -> Rules:
    """Deletes all rules of the firewall except the one that is named."""
    return tuple(rule for rule in rules if rule.id == id_)


fault(
    "firewall-not-destroyed",
    "DC-FWL-013",
    do_nothing("firewalls.destroy", "delete_firewall", "firewalls"),
)


fault(
    "destroyed-firewall-listed",
    "DC-FWL-013",
    drivers.list_destroyed("firewalls.index", "firewalls", "delete_firewall"),
)
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


@fault.does("DC-FWL-016", in_document, "!firewalls.destroy")
def firewall_in_use_without_a_word(_asked: Asked, answer: Answer) -> None:
    """Refuses to destroy a firewall that is in use, and does not say why."""
    if answer.status == 409:
        answer.replace(409)


@fault.does("DC-FWL-016", around, "firewalls.destroy !firewalls.destroy", "delete_firewall")
def firewall_in_use_refused_and_destroyed(driver: Any, ask: Any, caller: Any, id_: str) -> Any:
    """Refuses to destroy a firewall that is in use, and destroys it."""
    try:
        return ask(caller, id_)
    except ApiError:
        change_stored(driver, Firewall, lambda f: None if f.id == id_ else f)
        raise


@fault.does("DC-DOC-026", around, _CREATE, "create_firewall")
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


@fault.does("DC-FWL-017", requests.rewrite, "firewalls.rules")
def sources_with_numbers_only(sent: Parameters) -> Parameters:
    """Knows sources by the names ip_address1, ip_address2 ... only."""
    known = re.compile(r"(?!ip[-_]).*|ip_address\d+")
    return {name: value for name, value in sent.items() if known.fullmatch(name)}
