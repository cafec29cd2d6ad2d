"""Classic load balancers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from tck.reference_server.drivers.base import Caller, Filters
from tck.reference_server.drivers.ec2.account import Account, matching, not_found_as_invalid, stamp
from tck.reference_server.drivers.ec2.instances import Instances
from tck.reference_server.errors import ConflictError, NotFoundError, ValidationError
from tck.reference_server.resources import Instance, Listener, LoadBalancer

_PROTOCOLS = ("HTTP", "TCP")
_NAME = re.compile(r"[A-Za-z0-9-]{1,32}")  # what ELB accepts as a name


class Balancers(Instances):
    """A balancer is known by its name. It is in the first of its zones."""

    def load_balancers(self, caller: Caller, filters: Filters) -> Sequence[LoadBalancer]:
        elb = self.connection(caller).elb
        raws = list(
            elb.pages("describe_load_balancers", "LoadBalancerDescriptions", token="Marker")
        )
        return self._views(caller, raws)

    def load_balancer(self, caller: Caller, balancer_id: str) -> LoadBalancer | None:
        if not _NAME.fullmatch(balancer_id):
            return None
        with suppress(NotFoundError, ValidationError):
            found = self.connection(caller).elb.describe_load_balancers(
                LoadBalancerNames=[balancer_id]
            )
            return self._views(caller, found["LoadBalancerDescriptions"])[0]
        return None

    def create_load_balancer(
        self,
        caller: Caller,
        *,
        name: str,
        realm_id: str,
        listener_protocol: str,
        listener_balancer_port: str,
        listener_instance_port: str,
    ) -> LoadBalancer:
        if listener_protocol not in _PROTOCOLS:
            raise ValidationError(f"{listener_protocol!r} is not one of the protocols HTTP, TCP.")
        if self.load_balancer(caller, name) is not None:
            raise ConflictError(f"There is a load balancer {name!r} already.")
        listener = {
            "Protocol": listener_protocol,
            "LoadBalancerPort": _port(listener_balancer_port),
            "InstancePort": _port(listener_instance_port),
        }
        account = self.connection(caller)
        with not_found_as_invalid():
            account.elb.create_load_balancer(
                LoadBalancerName=name,
                Listeners=[listener],
                AvailabilityZones=[self.realm(account, realm_id)],
                **_groups(account),
            )
        self.backoff.wait_for(lambda: self.load_balancer(caller, name), bool)
        return self._balancer(caller, name)

    def destroy_load_balancer(self, caller: Caller, balancer_id: str) -> None:
        """ELB does not say whether the balancer existed; this API does (stance 15)."""
        self._balancer(caller, balancer_id)
        self.connection(caller).elb.delete_load_balancer(LoadBalancerName=balancer_id)

    def lb_register_instance(
        self, caller: Caller, balancer_id: str, *, instance_id: str
    ) -> LoadBalancer:
        self._balancer(caller, balancer_id)
        with not_found_as_invalid():
            self.instance(caller, instance_id)
            self.connection(caller).elb.register_instances_with_load_balancer(
                LoadBalancerName=balancer_id, Instances=[{"InstanceId": instance_id}]
            )
        return self._balancer(caller, balancer_id)

    def lb_unregister_instance(
        self, caller: Caller, balancer_id: str, *, instance_id: str
    ) -> LoadBalancer:
        if all(i.id != instance_id for i in self._balancer(caller, balancer_id).instances):
            raise ValidationError(f"The instance {instance_id!r} is not registered.")
        self.connection(caller).elb.deregister_instances_from_load_balancer(
            LoadBalancerName=balancer_id, Instances=[{"InstanceId": instance_id}]
        )
        return self._balancer(caller, balancer_id)

    def _balancer(self, caller: Caller, balancer_id: str) -> LoadBalancer:
        found = self.load_balancer(caller, balancer_id)
        if found is None:
            raise NotFoundError(f"There is no load balancer {balancer_id!r}.")
        return found

    def _views(self, caller: Caller, raws: Sequence[dict[str, Any]]) -> list[LoadBalancer]:
        served = any(raw.get("Instances") for raw in raws)
        instances = {i.id: i for i in self.instances(caller, {})} if served else {}
        return [_view(raw, instances) for raw in raws]


def _groups(account: Account) -> dict[str, list[str]]:
    """The group that ELB made for an earlier balancer: AWS uses it again, an emulator may not."""
    criteria = matching(group_name="default_elb_*")
    found = list(account.ec2.pages("describe_security_groups", "SecurityGroups", Filters=criteria))
    nets = account.ec2.describe_vpcs(Filters=matching(is_default="true"))["Vpcs"] if found else ()
    default = {net["VpcId"] for net in nets}
    groups = [str(group["GroupId"]) for group in found if group.get("VpcId") in default]
    return {"SecurityGroups": groups[:1]} if groups else {}


def _view(raw: dict[str, Any], instances: dict[str, Instance]) -> LoadBalancer:
    members = (instances.get(member["InstanceId"]) for member in raw.get("Instances") or ())
    listeners = (entry["Listener"] for entry in raw.get("ListenerDescriptions") or ())
    return LoadBalancer(
        raw["LoadBalancerName"],
        raw["LoadBalancerName"],
        next(iter(raw.get("AvailabilityZones") or ()), ""),
        stamp(raw.get("CreatedTime")),
        (raw["DNSName"],),
        tuple(
            Listener(entry["Protocol"], str(entry["LoadBalancerPort"]), str(entry["InstancePort"]))
            for entry in listeners
        ),
        tuple(member for member in members if member is not None),
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise ValidationError(f"{text!r} is not a port.")
    return int(text)
