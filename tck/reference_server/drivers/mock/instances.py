"""The instances of the mock and their life (facts 7 and 9.3)."""

# ruff: noqa: ARG002 - the driver interface says what a method is given
from __future__ import annotations

import itertools
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tck.reference_server.drivers import sizes
from tck.reference_server.drivers.base import Caller, Family, Filters
from tck.reference_server.drivers.mock.backend import Backend, exists, host_label, matching
from tck.reference_server.drivers.mock.lifecycle import GONE, Lifecycle
from tck.reference_server.drivers.mock.records import BalancerRecord, InstanceRecord
from tck.reference_server.errors import MethodNotAllowedError, NotFoundError, ValidationError
from tck.reference_server.resources import (
    Address,
    Firewall,
    HardwareProfile,
    Image,
    Instance,
    InstanceAddress,
    NetworkInterface,
    Realm,
    RunResult,
    StorageSnapshot,
    StorageVolume,
)
from tck.reference_server.store import Transaction
from tck.schemas.operations import Operation

MOST_AT_ONCE = 100


class Instances(Backend):
    """Launching, reading and steering instances."""

    _still_at = -1  # the revision at which no instance was found on its way

    def revision(self, operation: Operation) -> int | None:
        """None while an answer depends on more than the store: time, readers, measurements."""
        revision = self.store.revision
        if operation.collection == "metrics":
            return None
        if self._still_at != revision:
            with self.store.transaction() as tx:
                if any(record.due is not None for record in tx.all(InstanceRecord)):
                    return None
                self._still_at = revision = self.store.revision
        return revision

    @property
    def lifecycle(self) -> Lifecycle:
        if self.shape.machine is None:
            raise MethodNotAllowedError
        return Lifecycle(self.shape.machine, self.conditions)

    # -- reading -------------------------------------------------------------------------

    def instances(self, caller: Caller, filters: Filters) -> Sequence[Instance]:
        with self.store.transaction() as tx:
            asked = matching(
                tx.all(InstanceRecord), {**filters, "owner": caller.user}, id="id", owner="owner_id"
            )
            seen = [self._settled(tx, record, polled=True) for record in asked]
            found = matching(filter(None, seen), filters, state="state", realm_id="realm_id")
            return self._views(tx, found)

    def instance_record(self, tx: Transaction, instance_id: str) -> InstanceRecord | None:
        """An instance as it is now, for those who refer to it."""
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

    # -- launching -----------------------------------------------------------------------

    def create_instance(
        self,
        caller: Caller,
        *,
        image_id: str,
        realm_id: str | None = None,
        hwp_id: str | None = None,
        hwp: Family | None = None,
        firewalls: Family | None = None,
        **features: str,
    ) -> Instance | Sequence[Instance]:
        """One instance, or a list of them if `instance_count` asks for several."""
        count = _count(features.get("instance_count"))
        with self.store.transaction() as tx:
            exists(tx, Image, image_id, "image")
            if realm_id is None:
                realm_id = tx.all(Realm)[0].id
            exists(tx, Realm, realm_id, "realm")
            profile = self._profile(hwp_id)
            groups = tuple(dict.fromkeys(g for g in (firewalls or {}).values() if g))
            for group in groups:
                exists(tx, Firewall, group, "firewall")
            template = InstanceRecord(
                id="",
                name=self._name(features.get("name")),
                owner_id=caller.user,
                image_id=image_id,
                realm_id=realm_id,
                state="",
                hardware_profile=profile.id if profile else None,
                host="",
                overrides=sizes.overrides(profile, hwp or {}),
                firewalls=groups,
                user_data=features.get("user_data"),
            )
            template = self._with_login(template, features)
            launched = [self._launch(tx, template, features) for _ in range(count)]
            views = self._views(tx, launched)
        return views[0] if count == 1 else views

    def _launch(
        self, tx: Transaction, template: InstanceRecord, features: Family
    ) -> InstanceRecord:
        """One of the instances; it shows its first resting state at once if nothing delays it."""
        numbers = itertools.count()
        id_ = next(i for n in numbers if tx.get(InstanceRecord, i := f"inst{n}") is None)
        host = host_label(f"{template.image_id}.{id_}")
        life = self.lifecycle
        started = life.launch(replace(template, id=id_, host=host))
        record = life.settle(started) or started
        tx.put(record)
        if snapshot := features.get("snapshot_id"):
            exists(tx, StorageSnapshot, snapshot, "storage snapshot")
            volume = StorageVolume(
                self.stamped_id(tx, StorageVolume, "volume_"),
                created=self.now(),
                capacity="1",
                state="IN-USE",
                realm_id=record.realm_id,
                instance_id=id_,
                device=features.get("device_name") or "/dev/sdb",
            )
            tx.put(volume)
        if balancer_id := features.get("load_balancer_id"):
            balancer = tx.get(BalancerRecord, balancer_id)
            if balancer is None:
                raise ValidationError(f"There is no load balancer {balancer_id!r}.")
            tx.put(replace(balancer, instances=(*balancer.instances, id_)))
        return record

    def _profile(self, hwp_id: str | None) -> HardwareProfile | None:
        profiles = self.shape.hardware_profiles
        if hwp_id is None:
            return profiles[0] if profiles else None
        for profile in profiles:
            if profile.id == hwp_id:
                return profile
        raise ValidationError(f"Hardware profile '{hwp_id}' does not exist.")

    def _name(self, wanted: str | None) -> str:
        if wanted is None:
            return f"i-{int(self.conditions.clock())}"
        limit = (self.shape.feature("instances", "user_name") or {}).get("max_length")
        if limit is not None and len(wanted) > int(limit):
            raise ValidationError(f"The name is longer than {limit} characters.")
        return wanted

    def _with_login(self, record: InstanceRecord, features: Family) -> InstanceRecord:
        """With the key that was asked for, else with a password where that is the way in."""
        if "keyname" in features:
            return replace(record, keyname=features["keyname"])
        if self.shape.feature("instances", "authentication_password") is None:
            return record
        password = features.get("password") or secrets.token_urlsafe(9)
        return replace(record, username="root", password=password)

    # -- steering ------------------------------------------------------------------------

    def start_instance(self, caller: Caller, instance_id: str) -> Instance:
        return self._act(instance_id, "start")

    def stop_instance(self, caller: Caller, instance_id: str) -> Instance:
        return self._act(instance_id, "stop")

    def reboot_instance(self, caller: Caller, instance_id: str) -> Instance:
        return self._act(instance_id, "reboot")

    def destroy_instance(self, caller: Caller, instance_id: str) -> None:
        self._act(instance_id, "destroy")

    def _act(self, instance_id: str, action: str) -> Instance:
        """Check the state and change it in one transaction, so that two calls cannot cross."""
        with self.store.transaction() as tx:
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
        """Remove an instance and every reference to it: no link may lead nowhere."""
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
        """Runs nothing, but says so (T197)."""
        with self.store.transaction() as tx:
            record = self.instance_record(tx, instance_id)
            if record is None:
                raise NotFoundError
            address = ip or self.instance_view(tx, record).public_addresses[0].address
        return RunResult(
            instance_id, address, cmd, f"Nothing was run: the mock only quotes '{cmd}'."
        )


def _host(record: InstanceRecord, side: str) -> InstanceAddress:
    return InstanceAddress(f"{record.host}.{side}.com", "hostname")


def _count(text: str | None) -> int:
    if not text:
        return 1
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_AT_ONCE:
        raise ValidationError(f"instance_count must be a number from 1 to {MOST_AT_ONCE}.")
    return int(text)
