"""Checks of firewalls and their rules."""

from __future__ import annotations

import pytest
from lxml import etree

from tck.checks.support import instances, life
from tck.checks.support.answers import value_at
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.quota import message_in
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.rules import reading
from tck.safety.resource import Resource

RULE = {"protocol": "tcp", "port_from": "22", "port_to": "23", "ip_address1": "10.1.2.0/24"}


def firewall(cloud: Cloud, verify: Verify) -> Resource:
    """A firewall of this run, without rules that the run made."""
    form = {"name": cloud.new_name(), "description": "made by the TCK"}
    return life.create(cloud, verify, "DC-FWL-007", "firewalls", form)[1]


def add(
    cloud: Cloud, verify: Verify, where: Resource, form: dict[str, str], format_: str = "xml"
) -> Exchange:
    """The answer to adding a rule; skips the check if the endpoint refuses to add any."""
    x = cloud.post(cloud.path("firewalls", where.id, action="rules"), form, format=format_)
    life.skip_unless_offered(verify, x, "to add rules")
    return x


def rules(x: Exchange) -> list[etree._Element]:
    """The rules of the firewall in an answer."""
    return [] if x.xml is None else x.xml.findall("rules/rule")


def _facts(rule: etree._Element) -> tuple[str | None, str | None, str | None]:
    protocol, first, last = (
        reading.text(rule, name) for name in ("allow_protocol", "port_from", "port_to")
    )
    return protocol, first, last


def _sources(rule: etree._Element) -> list[str]:
    """`10.1.2.0/24` or the name of a group, sorted."""
    return sorted(
        source.get("name", "")
        if source.get("type") == "group"
        else f"{source.get('address')}/{source.get('prefix')}"
        for source in rule.iterfind("sources/source")
    )


@check("DC-FWL-007", "DC-HTTP-003", "DC-HTTP-029", needs="firewalls", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_create(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A new firewall has the name and description it was given."""
    form = {"name": cloud.new_name(), "description": "made by the TCK"}
    x, new = life.create(cloud, verify, "DC-FWL-007", "firewalls", form, format=format_)
    root = life.assert_shown(cloud, verify, "DC-FWL-007", new)
    for part, expected in form.items():
        verify.equal("DC-FWL-007", f"/firewall/{part}", expected, reading.text(root, part), x=x)


@check("DC-FWL-008", needs="firewalls", writes=True)
@pytest.mark.parametrize("missing", ["name", "description"])
def test_create_without(cloud: Cloud, verify: Verify, missing: str) -> None:
    """Name and description are needed; the twin: with both it works."""
    firewall(cloud, verify)
    form = {"name": cloud.new_name(), "description": "made by the TCK"}
    del form[missing]
    x, _ = cloud.create("firewalls", form, unnamed=True)
    verify.status("DC-FWL-008", x, 400, why=f"{missing} is missing")


@check("DC-FWL-009", "DC-HTTP-003", "DC-LNK-007", "DC-DOC-016", needs="firewalls", writes=True)
def test_add_a_rule(cloud: Cloud, verify: Verify) -> None:
    """A rule has the protocol, the ports and every source that was given."""
    where, group = firewall(cloud, verify), firewall(cloud, verify)
    empty = cloud.get(where.href)
    before = {rule.get("id") for rule in rules(empty)}
    owner = reading.text(life.assert_shown(cloud, verify, "DC-FWL-009", group), "owner_id") or ""
    name = reading.text(life.assert_shown(cloud, verify, "DC-FWL-009", group), "name") or ""
    form = RULE | {"ip_address2": "192.168.7.1/32", "group1": name, "group1owner": owner}
    x = add(cloud, verify, where, form)
    verify.accepted("DC-FWL-009", x)
    life.assert_offered(verify, empty, "add_rule", "update")
    second = add(cloud, verify, where, RULE | {"port_from": "80", "port_to": "80"})
    ids = {rule.get("id") for rule in rules(second)}
    whole = {rule.get("id") for rule in rules(x)}
    verify.holds("DC-FWL-009", "rules", "the whole firewall", ids, whole < ids, x=second)
    before |= ids - whole
    for answer in (x, cloud.get(where.href)):
        fresh = [rule for rule in rules(answer) if rule.get("id") not in before]
        got = [_facts(rule) for rule in fresh]
        ok = bool(got) and set(got) == {("tcp", "22", "23")}
        verify.holds("DC-FWL-009", "rules", "tcp, 22 to 23", got, ok, x=answer)
        sources = sorted(source for rule in fresh for source in _sources(rule))
        expected = sorted(["10.1.2.0/24", "192.168.7.1/32", name])
        verify.equal("DC-FWL-009", "rules/rule/sources", expected, sources, x=answer)
    life.compare_formats(cloud, verify, where)


@check("DC-FWL-017", needs="firewalls", writes=True)
@pytest.mark.parametrize("name", ["ip-address", "ip-address1", "ip_address", "ip_address_1"])
def test_names_of_a_source(cloud: Cloud, verify: Verify, name: str) -> None:
    """A source is one by the beginning of its name (C30); the twin is `ip_address1`."""
    where = firewall(cloud, verify)
    verify.accepted("DC-FWL-017", add(cloud, verify, where, RULE), why="the plain way")
    form = {n: v for n, v in RULE.items() if n != "ip_address1"}
    x = add(cloud, verify, where, form | {"port_from": "80", "port_to": "80", name: "10.1.2.0/24"})
    got = [_sources(rule) for rule in rules(x) if _facts(rule) == ("tcp", "80", "80")]
    expected = "a rule for 10.1.2.0/24"
    verify.holds("DC-FWL-017", name, expected, got, got == [["10.1.2.0/24"]], x=x)


@check("DC-FWL-010", "DC-FWL-011", needs="firewalls", writes=True)
def test_incomplete_rules(cloud: Cloud, verify: Verify) -> None:
    """A rule without a source, protocol or port is refused; a complete one is not."""
    where = firewall(cloud, verify)
    verify.accepted("DC-FWL-010", add(cloud, verify, where, RULE, "json"))
    count = len(rules(cloud.get(where.href)))
    form = {name: value for name, value in RULE.items() if name != "ip_address1"}
    x = add(cloud, verify, where, form)
    verify.status("DC-FWL-010", x, 400, why="no source was sent")
    x = cloud.get(where.href)
    verify.equal("DC-FWL-010", "number of rules", count, len(rules(x)), x=x)
    for number, missing in enumerate(("protocol", "port_from", "port_to"), 1):
        other = RULE | {"port_from": f"{number}1", "port_to": f"{number}2"}  # not there yet
        form = {name: value for name, value in other.items() if name != missing}
        x = add(cloud, verify, where, form)
        verify.refused("DC-FWL-011", x, why=f"{missing} is missing")
    x = add(cloud, verify, where, RULE | {"protocol": "tck", "port_to": "99"})
    verify.refused("DC-FWL-011", x, why="there is no protocol tck")


@check("DC-FWL-012", "DC-FWL-015", "DC-HTTP-005", needs="firewalls", writes=True)
def test_delete_a_rule(cloud: Cloud, verify: Verify) -> None:
    """DELETE of a rule by its id removes that rule, between two others, and no other."""
    where = firewall(cloud, verify)
    for port in ("80", "22", "443"):
        x = add(cloud, verify, where, RULE | {"port_from": port, "port_to": port})
        verify.accepted("DC-FWL-012", x)
    existing = rules(cloud.get(where.href))
    victim = next((rule for rule in existing if _facts(rule)[1] == "22"), None)
    ports = [_facts(rule)[1] for rule in existing]
    verify.contains("DC-FWL-012", "rules/rule/port_from", "22", ports, x=x)
    victim = verify.need(victim, "the firewall shows no rule for port 22")
    target = cloud.path("firewalls", where.id, victim.get("id", ""))
    x = cloud.delete(target)
    if x.status in life.NOT_OFFERED:
        verify.inconclusive("the endpoint does not delete rules")
    verify.accepted("DC-FWL-015", x, why="the id of the rule, percent-encoded, in the URL")
    x = cloud.get(where.href)
    remaining = [rule.get("id") for rule in rules(x)]
    expected = [rule.get("id") for rule in existing if rule is not victim]
    verify.equal("DC-FWL-012", "rules/rule/@id", expected, remaining, x=x)


@check("DC-ERR-018", "DC-ERR-019", "DC-FWL-012", needs="firewalls", writes=True)
def test_delete_an_unknown_rule(cloud: Cloud, verify: Verify) -> None:
    """DELETE of an unknown rule is refused or does nothing; the rules of the firewall stay."""
    where = firewall(cloud, verify)
    verify.accepted("DC-FWL-012", add(cloud, verify, where, RULE))
    before = len(rules(cloud.get(where.href)))
    x = cloud.delete(cloud.path("firewalls", where.id, cloud.unknown_id()))
    if x.status in life.NOT_OFFERED:
        verify.inconclusive("the endpoint does not delete rules")
    life.assert_nothing_destroyed(verify, x)
    x = cloud.get(where.href)
    verify.equal("DC-FWL-012", "number of rules", before, len(rules(x)), x=x)


@check("DC-FWL-013", "DC-HTTP-005", "DC-LNK-007", needs="firewalls", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_destroy(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A destroyed firewall is gone, another stays."""
    where, other = firewall(cloud, verify), firewall(cloud, verify)
    life.destroy(cloud, verify, "DC-FWL-013", where, format_)
    life.assert_shown(cloud, verify, "DC-FWL-013", other)


@check("DC-DOC-026", needs="firewalls", writes=True)
def test_second_of_one_name(cloud: Cloud, verify: Verify) -> None:
    """A second firewall of one name is refused, or is another one; the first stays."""
    form = {"name": cloud.new_name(), "description": "the first"}
    other = {"description": "the second"}
    life.create_second_of_same_name(cloud, verify, "firewalls", form, other, _description)


def _description(x: Exchange) -> str | None:
    return value_at(x, "description")


@check("DC-FWL-014", needs="firewalls")
def test_list_and_member_offer_the_same(cloud: Cloud, verify: Verify) -> None:
    """What can be done with a firewall does not depend on where it is shown."""
    member = life.first_member(cloud, verify, "firewalls")
    x = cloud.get(cloud.path("firewalls", member.id))
    listed, shown = (
        [] if e is None else sorted(str(a.get("rel")) for a in e.iterfind("actions/link"))
        for e in (member.element, x.xml)
    )
    verify.equal("DC-FWL-014", "/firewall/actions", listed, shown, x=x)


@check(
    *("DC-FWL-016", "DC-FWL-013"),
    needs=("firewalls", "instances"),
    feature="instances.firewalls",
    writes=True,
)
def test_destroy_in_use(cloud: Cloud, verify: Verify) -> None:
    """Destroying a firewall that an instance is in works, or is refused with a message."""
    where = firewall(cloud, verify)
    instances.launch(cloud, verify, {"firewalls1": where.id})
    x = cloud.delete(where.href)
    verify.refused("DC-FWL-016", x, 204, 502)
    if x.status == 204:
        life.wait_until_gone(cloud, verify, "DC-FWL-013", where)
        return
    verify.present("DC-FWL-016", "message", "why it is refused", message_in(x), x=x)
    x = cloud.get(where.href)
    verify.accepted("DC-FWL-016", x, why="it was not destroyed")
