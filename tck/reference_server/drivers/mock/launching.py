"""Launching instances in the mock (stances 34 to 38)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace

from tck.reference_server.drivers import sizes
from tck.reference_server.drivers.base import Caller, Family
from tck.reference_server.drivers.mock.backend import host_label, require
from tck.reference_server.drivers.mock.instances import Instances
from tck.reference_server.drivers.mock.records import BalancerRecord, InstanceRecord
from tck.reference_server.errors import ValidationError
from tck.reference_server.resources import (
    Firewall,
    HardwareProfile,
    Image,
    Instance,
    Realm,
    StorageSnapshot,
    StorageVolume,
)
from tck.reference_server.storage.store import Transaction
from tck.schemas.operations import API

MOST_AT_ONCE = 100

# Features that change more than the record of the instance.
_ACTING = frozenset(
    {
        "attach_snapshot",
        "authentication_password",
        "instance_count",
        "register_to_load_balancer",
    }
)


class Launching(Instances):
    """Checks what a launch asks for, then does all of it, or nothing."""

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
        features = self._effective(features)
        count = _count(features.get("instance_count"))
        with self.objects_of(caller) as tx:
            require(tx, Image, image_id, "image")
            if realm_id is None:
                realm_id = tx.all(Realm)[0].id
            require(tx, Realm, realm_id, "realm")
            profile = self._profile(hwp_id)
            joined = (firewalls or {}) if self.shape.announces("instances", "firewalls") else {}
            groups = tuple(dict.fromkeys(g for g in joined.values() if g))
            for group in groups:
                require(tx, Firewall, group, "firewall")
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

    def _effective(self, features: Family) -> dict[str, str]:
        """Parameters without those of `_ACTING` features that the shape does not announce."""
        ignored = {
            name
            for feature in API.features_of("instances")
            if feature.name in _ACTING and not self.shape.announces("instances", feature.name)
            for name in feature.params
        }
        return {name: value for name, value in features.items() if name not in ignored}

    def _launch(
        self, tx: Transaction, template: InstanceRecord, features: Family
    ) -> InstanceRecord:
        """Launch one instance; without a transition time it is in its first resting state."""
        id_ = self.new_id(tx, InstanceRecord, "inst-")
        host = host_label(f"{template.image_id}.{id_}")
        record = self._started(replace(template, id=id_, host=host), features)
        tx.put(record)
        self._equip(tx, record, features)
        return record

    def _equip(self, tx: Transaction, record: InstanceRecord, features: Family) -> None:
        """Do what the features attach_snapshot and register_to_load_balancer ask for."""
        if snapshot := features.get("snapshot_id"):
            require(tx, StorageSnapshot, snapshot, "storage snapshot")
            volume = StorageVolume(
                self.new_id(tx, StorageVolume, "volume_"),
                created=self.now(),
                capacity="1",
                state="IN-USE",
                realm_id=record.realm_id,
                instance_id=record.id,
                device=features.get("device_name") or "/dev/sdb",
            )
            tx.put(volume)
        if balancer_id := features.get("load_balancer_id"):
            balancer = tx.get(BalancerRecord, balancer_id)
            if balancer is None:
                raise ValidationError(f"There is no load balancer {balancer_id!r}.")
            tx.put(replace(balancer, instances=(*balancer.instances, record.id)))

    def _started(self, record: InstanceRecord, features: Family) -> InstanceRecord:
        life = self.lifecycle
        if (requested := features.get("initial_state")) is None:
            launched = life.launch(record)
            return life.settle(launched) or launched
        state = "RUNNING" if requested == "STARTED" else requested
        if state not in ("RUNNING", "STOPPED"):
            raise ValidationError(f"An instance cannot begin in the state {requested!r}.")
        return replace(record, state=state)

    def _profile(self, hwp_id: str | None) -> HardwareProfile | None:
        profiles = self.shape.hardware_profiles
        if hwp_id is None:
            return profiles[0] if profiles else None
        for profile in profiles:
            if profile.id == hwp_id:
                return profile
        raise ValidationError(f"Hardware profile '{hwp_id}' does not exist.")

    def _name(self, name: str | None) -> str:
        if name is None:
            return f"i-{int(self.conditions.clock())}"
        limit = (self.shape.feature("instances", "user_name") or {}).get("max_length")
        if limit is not None and len(name) > int(limit):
            raise ValidationError(f"The name is longer than {limit} characters.")
        return name

    def _with_login(self, record: InstanceRecord, features: Family) -> InstanceRecord:
        """With the key that was asked for, else a password if the shape announces passwords."""
        if keyname := features.get("keyname"):
            return replace(record, keyname=keyname)
        if not self.shape.announces("instances", "authentication_password"):
            return record
        generated = base64.urlsafe_b64encode(self.conditions.chance(9)).decode()
        password = features.get("password") or generated
        return replace(record, username="root", password=password)


def _count(text: str | None) -> int:
    if not text:
        return 1
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_AT_ONCE:
        raise ValidationError(f"instance_count must be a number from 1 to {MOST_AT_ONCE}.")
    return int(text)
