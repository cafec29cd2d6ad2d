"""Launching instances, with their features."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from tck.reference_server.drivers import sizes
from tck.reference_server.drivers.base import Caller, Family
from tck.reference_server.drivers.ec2.account import Account, matching, not_found_as_invalid, tagged
from tck.reference_server.drivers.ec2.balancers import Balancers
from tck.reference_server.drivers.ec2.images import Images
from tck.reference_server.drivers.ec2.sizes import DEFAULT
from tck.reference_server.errors import ApiError, ValidationError
from tck.reference_server.resources import Instance

MOST_AT_ONCE = 100


class Launching(Images, Balancers):
    """One call of EC2 launches all instances of a request, or none."""

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
        account = self.connection(caller)
        image = self.raw_image(caller, image_id)
        if image is None:
            raise ValidationError(f"There is no image {image_id!r}.")
        default = DEFAULT.get(image.get("Architecture", ""), "t3.micro")
        profile = self.profile(caller, default if hwp_id is None else hwp_id)
        sizes.overrides(profile, hwp or {})  # every size is fixed: others are refused
        count = _count(features.get("instance_count"))
        groups = _groups(account, firewalls or {})
        wanted = {
            "ImageId": image_id,
            "InstanceType": profile.id,
            "MinCount": count,
            "MaxCount": count,
            "Placement": {"AvailabilityZone": self.realm(account, realm_id)},
            "TagSpecifications": tagged("instance", Name=features.get("name")),
            "NetworkInterfaces": [_interface(groups)],
            **_options(features),
        }
        _require_snapshot(account, features.get("snapshot_id"))
        balancer = features.get("load_balancer_id")
        if balancer and self.load_balancer(caller, balancer) is None:
            raise ValidationError(f"There is no load balancer {balancer!r}.")
        with not_found_as_invalid():
            created = account.ec2.run_instances(**wanted)
        ids = [raw["InstanceId"] for raw in created["Instances"]]
        if balancer:
            self._join(caller, balancer, ids)
        views = [self._appeared(caller, id_) for id_ in ids]
        return views[0] if count == 1 else views

    def _join(self, caller: Caller, balancer: str, ids: list[str]) -> None:
        """Register instances with a balancer; if that fails, terminate them."""
        account = self.connection(caller)
        members = [{"InstanceId": id_} for id_ in ids]
        try:
            account.elb.register_instances_with_load_balancer(
                LoadBalancerName=balancer, Instances=members
            )
        except ApiError:
            account.ec2.terminate_instances(InstanceIds=ids)
            raise

    def _appeared(self, caller: Caller, instance_id: str) -> Instance:
        """A launched instance, once EC2 shows it: that may take a moment."""
        wanted = {"id": instance_id}
        self.backoff.wait_for(lambda: self.instances(caller, wanted), bool)
        return self.instance(caller, instance_id)


def _groups(account: Account, firewalls: Family) -> list[str]:
    """Ids of the firewalls to join; ValidationError if one is unknown: emulators may ignore it."""
    groups = [group for group in dict.fromkeys(firewalls.values()) if group]
    if not groups:
        return []
    criteria = matching(group_id=groups)
    found = account.ec2.pages("describe_security_groups", "SecurityGroups", Filters=criteria)
    if unknown := set(groups) - {group["GroupId"] for group in found}:
        raise ValidationError(f"There is no firewall {min(unknown)!r}.")
    return groups


def _require_snapshot(account: Account, snapshot: str | None) -> None:
    """ValidationError if there is no such snapshot: an emulator may launch before it refuses."""
    criteria = matching(snapshot_id=snapshot)
    if snapshot and not account.ec2.describe_snapshots(Filters=criteria)["Snapshots"]:
        raise ValidationError(f"There is no snapshot {snapshot!r}.")


def _interface(groups: list[str]) -> dict[str, Any]:
    """The first interface, deleted with the instance: EC2's default, but not every emulator's."""
    return {"DeviceIndex": 0, "DeleteOnTermination": True} | ({"Groups": groups} if groups else {})


def _options(features: Family) -> dict[str, Any]:
    """Options of run_instances for features that EC2 has in the same form."""
    options: dict[str, Any] = {}
    if keyname := features.get("keyname"):
        options["KeyName"] = keyname
    if user_data := features.get("user_data"):
        options["UserData"] = _decoded(user_data)
    if features.get("metrics"):
        options["Monitoring"] = {"Enabled": True}
    if snapshot := features.get("snapshot_id"):
        disk = {"SnapshotId": snapshot, "DeleteOnTermination": True}
        device = features.get("device_name") or "/dev/sdf"
        options["BlockDeviceMappings"] = [{"DeviceName": device, "Ebs": disk}]
    return options


def _decoded(user_data: str) -> bytes:
    """Clients send base64, which boto3 makes itself; what is not base64 is taken as it is."""
    try:
        return base64.b64decode(user_data, validate=True)
    except (binascii.Error, ValueError):
        return user_data.encode()


def _count(text: str | None) -> int:
    if not text:
        return 1
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_AT_ONCE:
        raise ValidationError(f"instance_count must be a number from 1 to {MOST_AT_ONCE}.")
    return int(text)
