"""Instances of EC2: reading them, and actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tck.reference_server.drivers.base import Caller, Filters
from tck.reference_server.drivers.ec2.account import Ec2Part, matching, stamp, tag
from tck.reference_server.errors import NotFoundError
from tck.reference_server.resources import Instance, InstanceAddress

# States of EC2 to those of the API; EC2 shows terminated instances for an hour, the API does not.
STATES = {
    "pending": "PENDING",
    "running": "RUNNING",
    "shutting-down": "STOPPING",
    "stopping": "STOPPING",
    "stopped": "STOPPED",
}


class Instances(Ec2Part):
    """An action is refused here if the state does not allow it (stance 13): EC2 takes some."""

    def instances(self, caller: Caller, filters: Filters) -> Sequence[Instance]:
        criteria = matching(
            instance_id=filters.get("id"),
            availability_zone=filters.get("realm_id"),
            instance_state_name=list(STATES),
        )
        ec2 = self.connection(caller).ec2
        reservations = ec2.pages("describe_instances", "Reservations", Filters=criteria)
        found = [_instance(raw, r["OwnerId"]) for r in reservations for raw in r["Instances"]]
        wanted = {"id": filters.get("id"), "realm_id": filters.get("realm_id")}
        wanted["state"] = filters.get("state")
        return [i for i in found if all(v in (None, getattr(i, n)) for n, v in wanted.items())]

    def instance(self, caller: Caller, instance_id: str) -> Instance:
        """One instance; NotFoundError if there is none."""
        found = self.instances(caller, {"id": instance_id})
        if not found:
            raise NotFoundError(f"There is no instance {instance_id!r}.")
        return found[0]

    def start_instance(self, caller: Caller, instance_id: str) -> Instance:
        return self._act(caller, instance_id, "start")

    def stop_instance(self, caller: Caller, instance_id: str) -> Instance:
        return self._act(caller, instance_id, "stop")

    def reboot_instance(self, caller: Caller, instance_id: str) -> Instance:
        return self._act(caller, instance_id, "reboot")

    def destroy_instance(self, caller: Caller, instance_id: str) -> None:
        self._allowed(caller, instance_id, "destroy")
        self.connection(caller).ec2.terminate_instances(InstanceIds=[instance_id])

    def _act(self, caller: Caller, instance_id: str, action: str) -> Instance:
        before = self._allowed(caller, instance_id, action)
        act = getattr(self.connection(caller).ec2, f"{action}_instances")
        act(InstanceIds=[instance_id])
        if action == "reboot":
            return self.instance(caller, instance_id)
        return self.backoff.wait_for(
            lambda: self.instance(caller, instance_id), lambda now: now.state != before.state
        )

    def _allowed(self, caller: Caller, instance_id: str, action: str) -> Instance:
        instance = self.instance(caller, instance_id)
        self.require_action(instance.state, action)
        return instance


def _instance(raw: dict[str, Any], owner: str) -> Instance:
    interfaces = raw.get("NetworkInterfaces") or ()
    own = (nic.get("Groups") or () for nic in interfaces if _device(nic) == 0)
    groups = raw.get("SecurityGroups") or next(own, ())
    disks = ((d["Ebs"]["VolumeId"], d["DeviceName"]) for d in _disks(raw))
    return Instance(
        raw["InstanceId"],
        name=tag(raw, "Name") or raw["InstanceId"],
        owner_id=owner,
        image_id=raw["ImageId"],
        realm_id=raw["Placement"]["AvailabilityZone"],
        state=STATES[raw["State"]["Name"]],
        hardware_profile=raw["InstanceType"],
        launch_time=stamp(raw.get("LaunchTime")),
        public_addresses=_addresses(raw.get("PublicIpAddress")),
        private_addresses=_addresses(raw.get("PrivateIpAddress")),
        firewalls=tuple(group["GroupId"] for group in groups),
        storage_volumes=tuple(disks),
        network_interfaces=tuple(nic["NetworkInterfaceId"] for nic in interfaces),
        keyname=raw.get("KeyName") or None,
    )


def _device(interface: dict[str, Any]) -> int:
    return int((interface.get("Attachment") or {}).get("DeviceIndex", 0))


def _disks(raw: dict[str, Any]) -> list[dict[str, Any]]:
    return [d for d in raw.get("BlockDeviceMappings") or () if d.get("Ebs", {}).get("VolumeId")]


def _addresses(address: str | None) -> tuple[InstanceAddress, ...]:
    return (InstanceAddress(address),) if address else ()
