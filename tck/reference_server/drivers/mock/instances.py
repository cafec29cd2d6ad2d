"""The instances of the mock: reading them, and actions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tck.reference_server.drivers.base import Caller, Filters
from tck.reference_server.drivers.mock.backend import Backend, matching
from tck.reference_server.drivers.mock.lifecycle import GONE, Lifecycle
from tck.reference_server.drivers.mock.records import BalancerRecord, InstanceRecord
from tck.reference_server.errors import MethodNotAllowedError, NotFoundError
from tck.reference_server.resources import (
    Address,
    Instance,
    InstanceAddress,
    NetworkInterface,
    RunResult,
    StorageVolume,
)
from tck.reference_server.storage.store import Transaction


class Instances(Backend):
    """Instances as they are now: time alone may have moved them on."""

    @property
    def lifecycle(self) -> Lifecycle:
        if self.shape.machine is None:
            raise MethodNotAllowedError
        return Lifecycle(self.shape.machine, self.conditions)

    # -- reading -------------------------------------------------------------------------

    def instances(self, caller: Caller, filters: Filters) -> Sequence[Instance]:
        with self.objects_of(caller) as tx:
            asked = matching(
                tx.all(InstanceRecord), {**filters, "owner": caller.user}, id="id", owner="owner_id"
            )
            seen = [self._settled(tx, record, polled=True) for record in asked]
            found = matching(filter(None, seen), filters, state="state", realm_id="realm_id")
            return self._views(tx, found)

    def instance_record(self, tx: Transaction, instance_id: str) -> InstanceRecord | None:
        """An instance as it is now; None if there is none. Does not count as a poll."""
        record = tx.get(InstanceRecord, instance_id)
        return record and self._settled(tx, record)

    def instance_view(self, tx: Transaction, record: InstanceRecord) -> Instance:
        return self._views(tx, [record])[0]

    def _settled(
        self, tx: Transaction, record: InstanceRecord, *, polled: bool = False
    ) -> InstanceRecord | None:
        if record.due is None:
            return record
        settled = self.lifecycle.settle(record, polled=polled)
        if settled is None:
            self._vanish(tx, record)
        elif settled != record:
            tx.put(settled)
        return settled

    def _views(self, tx: Transaction, records: Iterable[InstanceRecord]) -> list[Instance]:
        volumes, interfaces, addresses = defaultdict(list), defaultdict(list), defaultdict(list)
        for volume in tx.all(StorageVolume):
            volumes[volume.instance_id].append((volume.id, volume.device or ""))
        for interface in tx.all(NetworkInterface):
            interfaces[interface.instance_id].append(interface.id)
        for address in tx.all(Address):
            addresses[address.instance_id].append(InstanceAddress(address.id))
        return [
            Instance(
                id=record.id,
                name=record.name,
                owner_id=record.owner_id,
                image_id=record.image_id,
                realm_id=record.realm_id,
                state=record.state,
                hardware_profile=record.hardware_profile,
                overrides=record.overrides,
                launch_time=record.launch_time,
                public_addresses=tuple(addresses[record.id]) or (_host(record, "public"),),
                private_addresses=(_host(record, "private"),),
                firewalls=record.firewalls,
                storage_volumes=tuple(volumes[record.id]),
                network_interfaces=tuple(interfaces[record.id]),
                keyname=record.keyname,
                username=record.username,
                password=record.password,
                create_image=record.create_image,
            )
            for record in records
        ]

    # -- actions -------------------------------------------------------------------------

    def start_instance(self, caller: Caller, instance_id: str) -> Instance:
        return self._act(caller, instance_id, "start")

    def stop_instance(self, caller: Caller, instance_id: str) -> Instance:
        return self._act(caller, instance_id, "stop")

    def reboot_instance(self, caller: Caller, instance_id: str) -> Instance:
        return self._act(caller, instance_id, "reboot")

    def destroy_instance(self, caller: Caller, instance_id: str) -> None:
        self._act(caller, instance_id, "destroy")

    def _act(self, caller: Caller, instance_id: str, action: str) -> Instance:
        """Check the state and change it in one transaction: of two calls at once one is refused."""
        with self.objects_of(caller) as tx:
            record = self.instance_record(tx, instance_id)
            if record is None:
                raise NotFoundError
            to = self.require_action(record.state, action)
            acted = self.lifecycle.act(record, action, to)
            view = self.instance_view(tx, acted)
            after = None if to == GONE else self.lifecycle.settle(acted)
            if after is None:
                self._vanish(tx, record)
                return view
            tx.put(after)
            return self.instance_view(tx, after)

    def _vanish(self, tx: Transaction, record: InstanceRecord) -> None:
        """Remove an instance and every reference to it, so that no link leads to a 404."""
        tx.remove(InstanceRecord, record.id)
        for volume in matching(tx.all(StorageVolume), {"i": record.id}, i="instance_id"):
            tx.put(replace(volume, instance_id=None, device=None, state="AVAILABLE"))
        for address in matching(tx.all(Address), {"i": record.id}, i="instance_id"):
            tx.put(replace(address, instance_id=None))
        for interface in matching(tx.all(NetworkInterface), {"i": record.id}, i="instance_id"):
            tx.remove(NetworkInterface, interface.id)
        for balancer in tx.all(BalancerRecord):
            if record.id in balancer.instances:
                left = tuple(i for i in balancer.instances if i != record.id)
                tx.put(replace(balancer, instances=left))

    def run_on_instance(
        self,
        caller: Caller,
        instance_id: str,
        *,
        cmd: str,
        private_key: str | None = None,
        password: str | None = None,
        ip: str | None = None,
        port: str | None = None,
    ) -> RunResult:
        """Run nothing; the output says so (T197)."""
        with self.objects_of(caller) as tx:
            record = self.instance_record(tx, instance_id)
            if record is None:
                raise NotFoundError
            address = ip or self.instance_view(tx, record).public_addresses[0].address
        return RunResult(
            instance_id, address, cmd, f"Nothing was run: the mock only quotes '{cmd}'."
        )


def _host(record: InstanceRecord, side: str) -> InstanceAddress:
    return InstanceAddress(f"{record.host}.{side}.com", "hostname")
