"""Firewalls and load balancers, for the shapes that have them; the original's mock has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tck.reference_server.drivers.base import Caller, Family, Filters
from tck.reference_server.drivers.mock import rules
from tck.reference_server.drivers.mock.backend import host_label, require, usable_id
from tck.reference_server.drivers.mock.instances import Instances
from tck.reference_server.drivers.mock.records import BalancerRecord, InstanceRecord
from tck.reference_server.errors import ConflictError, NotFoundError, ValidationError
from tck.reference_server.resources import Firewall, Listener, LoadBalancer, Realm
from tck.reference_server.storage.store import Transaction


class Firewalls(Instances):
    """What is between instances and their users."""

    def firewalls(self, caller: Caller, filters: Filters) -> Sequence[Firewall]:
        with self.objects_of(caller) as tx:
            return [f for f in tx.all(Firewall) if filters.get("id", f.id) == f.id]

    def create_firewall(self, caller: Caller, *, name: str, description: str) -> Firewall:
        with self.objects_of(caller) as tx:
            if tx.get(Firewall, usable_id(name)) is not None:
                raise ConflictError(f"There is a firewall {name!r} already.")
            firewall = Firewall(name, name, description, caller.user)
            tx.put(firewall)
            return firewall

    def delete_firewall(self, caller: Caller, firewall_id: str) -> None:
        with self.objects_of(caller) as tx:
            if any(firewall_id in record.firewalls for record in tx.all(InstanceRecord)):
                raise ConflictError(f"Instances are in the firewall {firewall_id!r}.")
            if tx.remove(Firewall, firewall_id) is None:
                raise NotFoundError

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
        first, last = rules.ports(protocol, port_from, port_to)
        owners = groupowner or {}
        sources = [
            *(rules.group_source(g, owners.get(n, caller.user)) for n, g in (group or {}).items()),
            *(rules.address_source(block) for block in (ip_address or {}).values()),
        ]
        if not sources:
            raise ValidationError("No sources: give at least one address range or group.")
        with self.objects_of(caller) as tx:
            firewall = _firewall(tx, firewall_id)
            new = rules.rule(caller.user, protocol, first, last, sources)
            if any(rule.id == new.id for rule in firewall.rules):
                raise ConflictError("The firewall has this rule already.")
            changed = replace(firewall, rules=(*firewall.rules, new))
            tx.put(changed)
            return changed

    def delete_firewall_rule(self, caller: Caller, firewall_id: str, rule_id: str) -> None:
        with self.objects_of(caller) as tx:
            firewall = _firewall(tx, firewall_id)
            left = tuple(rule for rule in firewall.rules if rule.id != rule_id)
            if len(left) == len(firewall.rules):
                raise NotFoundError
            tx.put(replace(firewall, rules=left))

    # -- load balancers --------------------------------------------------------------------

    def load_balancers(self, caller: Caller, filters: Filters) -> Sequence[LoadBalancer]:
        with self.objects_of(caller) as tx:
            return [self._balancer_view(tx, record) for record in tx.all(BalancerRecord)]

    def load_balancer(self, caller: Caller, balancer_id: str) -> LoadBalancer | None:
        with self.objects_of(caller) as tx:
            return self._balancer_view(tx, _balancer(tx, balancer_id))

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
        if listener_protocol not in ("HTTP", "TCP"):
            raise ValidationError(f"{listener_protocol!r} is not one of the protocols HTTP, TCP.")
        for port in (listener_balancer_port, listener_instance_port):
            rules.ports("tcp", port, port)
        with self.objects_of(caller) as tx:
            require(tx, Realm, realm_id, "realm")
            if tx.get(BalancerRecord, usable_id(name)) is not None:
                raise ConflictError(f"There is a load balancer {name!r} already.")
            listener = Listener(listener_protocol, listener_balancer_port, listener_instance_port)
            host = f"{host_label(name)}.public.com"
            record = BalancerRecord(name, name, realm_id, self.now(), (host,), listener)
            tx.put(record)
            return self._balancer_view(tx, record)

    def destroy_load_balancer(self, caller: Caller, balancer_id: str) -> None:
        with self.objects_of(caller) as tx:
            if tx.remove(BalancerRecord, balancer_id) is None:
                raise NotFoundError

    def lb_register_instance(
        self, caller: Caller, balancer_id: str, *, instance_id: str
    ) -> LoadBalancer:
        with self.objects_of(caller) as tx:
            record = _balancer(tx, balancer_id)
            require(tx, InstanceRecord, instance_id, "instance")
            if instance_id not in record.instances:
                record = replace(record, instances=(*record.instances, instance_id))
                tx.put(record)
            return self._balancer_view(tx, record)

    def lb_unregister_instance(
        self, caller: Caller, balancer_id: str, *, instance_id: str
    ) -> LoadBalancer:
        with self.objects_of(caller) as tx:
            record = _balancer(tx, balancer_id)
            if instance_id not in record.instances:
                raise ValidationError(f"The instance {instance_id!r} is not registered.")
            left = tuple(i for i in record.instances if i != instance_id)
            record = replace(record, instances=left)
            tx.put(record)
            return self._balancer_view(tx, record)

    def _balancer_view(self, tx: Transaction, record: BalancerRecord) -> LoadBalancer:
        members = (self.instance_record(tx, id_) for id_ in record.instances)
        return LoadBalancer(
            record.id,
            record.name,
            record.realm_id,
            record.created_at,
            record.public_addresses,
            (record.listener,),
            tuple(self.instance_view(tx, member) for member in members if member is not None),
        )


def _firewall(tx: Transaction, firewall_id: str) -> Firewall:
    firewall = tx.get(Firewall, firewall_id)
    if firewall is None:
        raise NotFoundError
    return firewall


def _balancer(tx: Transaction, balancer_id: str) -> BalancerRecord:
    record = tx.get(BalancerRecord, balancer_id)
    if record is None:
        raise NotFoundError
    return record
