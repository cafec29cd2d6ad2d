"""Security groups as firewalls; their ingress rules are the API's rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tck.reference_server.drivers.base import Caller, Family, Filters
from tck.reference_server.drivers.ec2.account import (
    Ec2Part,
    Service,
    exactly,
    matching,
    not_found_as_invalid,
)
from tck.reference_server.errors import NotFoundError, ValidationError
from tck.reference_server.resources import Firewall, Rule, Source

_PROTOCOLS = ("tcp", "udp", "icmp")


class Firewalls(Ec2Part):
    """EC2 keeps a rule for each source, with an id; the API shows these."""

    def firewalls(self, caller: Caller, filters: Filters) -> Sequence[Firewall]:
        ec2 = self.connection(caller).ec2
        criteria = matching(group_id=filters.get("id"))
        found = ec2.pages("describe_security_groups", "SecurityGroups", Filters=criteria)
        groups = exactly(found, "GroupId", filters.get("id"))
        return _firewalls(ec2, groups) if groups else []

    def create_firewall(self, caller: Caller, *, name: str, description: str) -> Firewall:
        ec2 = self.connection(caller).ec2
        created = ec2.create_security_group(GroupName=name, Description=description)
        seen = self.backoff.wait_for(
            lambda: self.firewalls(caller, {"id": created["GroupId"]}), bool
        )
        return seen[0]

    def delete_firewall(self, caller: Caller, firewall_id: str) -> None:
        self._firewall(caller, firewall_id)
        self.connection(caller).ec2.delete_security_group(GroupId=firewall_id)

    def create_firewall_rule(
        self,
        caller: Caller,
        firewall_id: str,
        *,
        protocol: str,
        port_from: str,
        port_to: str,
        ip_address: Family | None = None,
        group: Family | None = None,
        groupowner: Family | None = None,
    ) -> Firewall:
        if protocol not in _PROTOCOLS:
            raise ValidationError(f"{protocol!r} is not one of the protocols tcp, udp, icmp.")
        permission: dict[str, Any] = {
            "IpProtocol": protocol,
            "FromPort": _port(port_from),
            "ToPort": _port(port_to),
        }
        if protocol != "icmp" and permission["FromPort"] > permission["ToPort"]:
            raise ValidationError(f"{port_from} to {port_to} is not a range of ports.")
        blocks = list((ip_address or {}).values())
        permission["IpRanges"] = [{"CidrIp": block} for block in blocks if ":" not in block]
        permission["Ipv6Ranges"] = [{"CidrIpv6": block} for block in blocks if ":" in block]
        ec2, owners = self.connection(caller).ec2, groupowner or {}
        permission["UserIdGroupPairs"] = [
            _pair(ec2, name, owners.get(number)) for number, name in (group or {}).items()
        ]
        if not blocks and not group:
            raise ValidationError("No sources: give at least one address range or group.")
        before = self._firewall(caller, firewall_id)
        with not_found_as_invalid():
            ec2.authorize_security_group_ingress(GroupId=firewall_id, IpPermissions=[permission])
        return self.backoff.wait_for(
            lambda: self._firewall(caller, firewall_id), lambda f: f.rules != before.rules
        )

    def delete_firewall_rule(self, caller: Caller, firewall_id: str, rule_id: str) -> None:
        firewall = self._firewall(caller, firewall_id)
        if all(rule.id != rule_id for rule in firewall.rules):
            raise NotFoundError
        self.connection(caller).ec2.revoke_security_group_ingress(
            GroupId=firewall_id, SecurityGroupRuleIds=[rule_id]
        )

    def _firewall(self, caller: Caller, firewall_id: str) -> Firewall:
        found = self.firewalls(caller, {"id": firewall_id})
        if not found:
            raise NotFoundError(f"There is no firewall {firewall_id!r}.")
        return found[0]


def _firewalls(ec2: Service, groups: Sequence[dict[str, Any]]) -> list[Firewall]:
    ids = [group["GroupId"] for group in groups]
    criteria = matching(group_id=ids)
    known = ec2.pages("describe_security_group_rules", "SecurityGroupRules", Filters=criteria)
    rules = [raw for raw in known if not raw.get("IsEgress")]
    names = {group["GroupId"]: group["GroupName"] for group in groups} | _names(ec2, rules)
    return [
        Firewall(
            group["GroupId"],
            group["GroupName"],
            group.get("Description", ""),
            group["OwnerId"],
            tuple(_rule(raw, names) for raw in rules if raw["GroupId"] == group["GroupId"]),
        )
        for group in groups
    ]


def _names(ec2: Service, rules: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Names of the groups that rules name as sources."""
    ids = sorted({raw["ReferencedGroupInfo"]["GroupId"] for raw in rules if _named(raw)})
    if not ids:
        return {}
    criteria = matching(group_id=ids)
    found = ec2.pages("describe_security_groups", "SecurityGroups", Filters=criteria)
    return {group["GroupId"]: group["GroupName"] for group in found}


def _named(raw: dict[str, Any]) -> bool:
    return bool((raw.get("ReferencedGroupInfo") or {}).get("GroupId"))


def _rule(raw: dict[str, Any], names: dict[str, str]) -> Rule:
    if _named(raw):
        group = raw["ReferencedGroupInfo"]
        name, owner = names.get(group["GroupId"], group["GroupId"]), group.get("UserId", "")
        source = Source("group", name=name, owner=owner)
    else:
        block = raw.get("CidrIpv4") or raw.get("CidrIpv6") or raw.get("PrefixListId") or ""
        address, _, prefix = block.partition("/")
        family = "ipv6" if ":" in address else "ipv4"
        source = Source("address", address=address, family=family, prefix=prefix)
    first, last = int(raw.get("FromPort", -1)), int(raw.get("ToPort", -1))
    return Rule(raw["SecurityGroupRuleId"], raw["IpProtocol"], first, last, (source,))


def _pair(ec2: Service, name: str, owner: str | None) -> dict[str, str]:
    """A group as a source, by its id; a name is looked up, as EC2 takes names only outside VPCs."""
    if not name.startswith("sg-"):
        criteria = matching(group_name=name, owner_id=owner or None)
        groups = ec2.pages("describe_security_groups", "SecurityGroups", Filters=criteria)
        found = exactly(groups, "GroupName", name)
        if not found:
            raise ValidationError(f"There is no firewall {name!r}.")
        name = found[0]["GroupId"]
    return {"GroupId": name, **({"UserId": owner} if owner else {})}


def _port(text: str) -> int:
    if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit():
        raise ValidationError(f"{text!r} is not a port.")
    if not -1 <= int(text) <= 65535:
        raise ValidationError(f"{text!r} is not a port.")
    return int(text)
