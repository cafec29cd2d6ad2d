"""Checks of storage volumes: create, attach, detach, destroy."""

from __future__ import annotations

import pytest
from lxml import etree

from tck.checks.support import instances, life
from tck.checks.support.answers import id_at, object_in
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.rules import reading
from tck.rules.hardware_profiles import number
from tck.safety.resource import Resource

DEVICE = "/dev/sdc"


def new_volume(cloud: Cloud, verify: Verify, **form: str) -> Resource:
    """A volume that is ready to be used."""
    _, volume = life.create(cloud, verify, "DC-VOL-006", "storage_volumes", form)
    life.wait_until_ready(cloud, volume)
    return volume


def mount_of(x: Exchange) -> str | None:
    """Id of the instance that a volume document says it is mounted on."""
    return id_at(x, "mount/instance")


def _wait_until_mounted(
    cloud: Cloud, verify: Verify, volume: Resource, instance_id: str | None
) -> Exchange:
    """The volume once it is mounted on the instance, or free for None."""
    action, requirement = ("attach", "DC-VOL-011") if instance_id else ("detach", "DC-VOL-012")
    return instances.wait_until_shows(
        cloud, verify, requirement, volume, action, mount_of, instance_id
    )


def _attached(cloud: Cloud, verify: Verify) -> tuple[Resource, Resource]:
    """A volume of this run, attached to an instance of this run."""
    instance, _ = instances.launch_running(cloud, verify)
    volume = new_volume(cloud, verify)
    x = life.act(cloud, verify, volume, "attach", instance_id=instance.id, device=DEVICE)
    verify.accepted("DC-VOL-011", x)
    x = _wait_until_mounted(cloud, verify, volume, instance.id)
    verify.equal("DC-VOL-011", "mount/instance/@id", instance.id, mount_of(x), x=x)
    return volume, instance


@check(
    "DC-VOL-006",
    "DC-HTTP-003",
    "DC-HTTP-029",
    "DC-DOC-028",
    needs="storage_volumes",
    writes=True,
)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_create_with_nothing(cloud: Cloud, verify: Verify, format_: str) -> None:
    """Everything about a volume has a default (A144), unless the default is too small."""
    _, volume = life.create(
        cloud, verify, "DC-VOL-006", "storage_volumes", {}, unnamed=True, format=format_
    )
    life.assert_shown(cloud, verify, "DC-VOL-006", volume)


@check("DC-VOL-007", needs="storage_volumes", writes=True)
@pytest.mark.parametrize("capacity", ["1", "3", "10"])
def test_capacity(cloud: Cloud, verify: Verify, capacity: str) -> None:
    """A volume holds what was asked for, which is more where that is too small.

    Providers may round up (A145).
    """
    form = {"capacity": capacity}
    x, volume = life.create(cloud, verify, "DC-VOL-006", "storage_volumes", form)
    life.wait_until_ready(cloud, volume)
    capacity = x.request.form["capacity"]
    root = life.assert_shown(cloud, verify, "DC-VOL-007", volume)
    got = reading.text(root, "capacity")
    size = number(got)
    ok = size is not None and size >= int(capacity)
    x = cloud.get(volume.href)
    verify.holds("DC-VOL-007", "capacity", f"at least {capacity}", got, ok, x=x)


@check("DC-VOL-008", needs=("storage_volumes", "realms"), writes=True)
def test_realm(cloud: Cloud, verify: Verify) -> None:
    """A volume is in the realm that was asked for."""
    realms = life.some_members(cloud, verify, "realms")
    for realm in cloud.policy.sample(realms, 3):
        volume = new_volume(cloud, verify, realm_id=realm.id)
        root = life.assert_shown(cloud, verify, "DC-VOL-008", volume)
        linked = root.find("realm")
        got = reading.text(root, "realm_id") or (None if linked is None else linked.get("id"))
        verify.equal("DC-VOL-008", "realm_id", realm.id, got, x=cloud.get(volume.href))


@check("DC-VOL-009", needs="storage_volumes", feature="storage_volumes.volume_name", writes=True)
def test_name(cloud: Cloud, verify: Verify) -> None:
    """A volume has the name that it was given."""
    name = cloud.new_name()
    volume = new_volume(cloud, verify, name=name)
    root = life.assert_shown(cloud, verify, "DC-VOL-009", volume)
    x = cloud.get(volume.href)
    verify.equal("DC-VOL-009", "/storage_volume/name", name, reading.text(root, "name"), x=x)


@check(
    "DC-VOL-010", needs="storage_volumes", feature="storage_volumes.volume_description", writes=True
)
def test_description(cloud: Cloud, verify: Verify) -> None:
    """A volume has the description that it was given, which JSON shows (J14)."""
    volume = new_volume(cloud, verify, description="made by the TCK")
    x = cloud.get(volume.href, format="json")
    got = object_in(x, "storage_volume").get("description")
    verify.equal("DC-VOL-010", "storage_volume.description", "made by the TCK", got, x=x)


def _volumes_of(cloud: Cloud, instance: Resource) -> dict[str, etree._Element]:
    x = cloud.get(instance.href)
    volumes = [] if x.xml is None else x.xml.findall("storage_volumes/storage_volume")
    return {volume.get("id", ""): volume for volume in volumes}


@check(
    "DC-VOL-011",
    "DC-VOL-012",
    "DC-HTTP-007",
    "DC-DOC-016",
    needs=("storage_volumes", "instances"),
    writes=True,
)
def test_attach_and_detach(cloud: Cloud, verify: Verify) -> None:
    """Volume and instance name each other while attached; after detach neither does."""
    volume, instance = _attached(cloud, verify)
    x = cloud.get(volume.href)
    device = x.xml.find("mount/device") if x.xml is not None else None
    if device is not None:  # asked for by DC-VOL-005
        verify.equal("DC-VOL-011", "mount/device/@name", DEVICE, device.get("name"), x=x)
    listed = sorted(_volumes_of(cloud, instance))
    verify.contains("DC-VOL-011", "/instance/storage_volumes", volume.id, listed, x=x)
    life.compare_formats(cloud, verify, volume, instance)
    answer = life.act(cloud, verify, volume, "detach")
    verify.accepted("DC-VOL-012", answer)
    x = _wait_until_mounted(cloud, verify, volume, None)
    verify.equal("DC-VOL-012", "mount/instance", None, mount_of(x), x=x)
    shown = _volumes_of(cloud, instance)
    verify.lacks("DC-VOL-012", "/instance/storage_volumes", volume.id, shown, x=x)


@check("DC-VOL-013", needs=("storage_volumes", "instances"), writes=True)
def test_attach_without_parameters(cloud: Cloud, verify: Verify) -> None:
    """Attach without instance_id or device is refused; the twin has both."""
    instance, _ = instances.launch_running(cloud, verify)
    volume = new_volume(cloud, verify)
    for form in ({}, {"instance_id": instance.id}, {"device": DEVICE}):
        x = life.act(cloud, verify, volume, "attach", **form)
        verify.status("DC-VOL-013", x, 400, why=f"only {sorted(form)} was sent")
        x = cloud.get(volume.href)
        verify.equal("DC-VOL-013", "mount/instance", None, mount_of(x), x=x)
    form = {"instance_id": instance.id, "device": DEVICE}
    x = life.act(cloud, verify, volume, "attach", "json", **form)
    verify.accepted("DC-VOL-013", x, why="both were sent")


@check("DC-VOL-014", needs=("storage_volumes", "instances"), writes=True)
def test_attach_what_does_not_exist(cloud: Cloud, verify: Verify) -> None:
    """Attach of an unknown volume, or to an unknown instance, is refused and changes nothing."""
    volume, instance = _attached(cloud, verify)
    held = set(_volumes_of(cloud, instance))  # clouds give an instance a disk of its own as well
    free = new_volume(cloud, verify)
    x = life.act(cloud, verify, free, "attach", instance_id=cloud.unknown_id(), device=DEVICE)
    verify.refused("DC-VOL-014", x, why="there is no such instance")
    x = cloud.get(free.href)
    verify.equal("DC-VOL-014", "mount/instance", None, mount_of(x), x=x)
    nothing = Resource("storage_volumes", cloud.unknown_id(), "")
    x = life.act(cloud, verify, nothing, "attach", instance_id=instance.id, device=DEVICE)
    verify.refused("DC-VOL-014", x, why="there is no such volume")
    got = set(_volumes_of(cloud, instance))
    verify.equal("DC-VOL-014", "volumes", sorted(held | {volume.id}), sorted(got), x=x)


@check("DC-VOL-015", needs=("storage_volumes", "instances"), writes=True)
def test_attach_twice(cloud: Cloud, verify: Verify) -> None:
    """A second attach of a mounted volume is refused, and the first mount stays."""
    volume, instance = _attached(cloud, verify)
    other, _ = instances.launch_running(cloud, verify)
    x = life.act(cloud, verify, volume, "attach", instance_id=other.id, device=DEVICE)
    verify.refused("DC-VOL-015", x, 502, why=f"the volume is mounted on {instance.id}")
    x = cloud.get(volume.href)
    verify.equal("DC-VOL-015", "mount/instance/@id", instance.id, mount_of(x), x=x)


@check("DC-VOL-016", needs=("storage_volumes", "instances"), writes=True)
def test_detach_a_free_volume(cloud: Cloud, verify: Verify) -> None:
    """Detach of a free volume is refused or accepted, and the volume stays; the twin is mounted."""
    volume, _ = _attached(cloud, verify)
    verify.accepted("DC-VOL-016", life.act(cloud, verify, volume, "detach", "json"))
    _wait_until_mounted(cloud, verify, volume, None)
    x = life.act(cloud, verify, volume, "detach")
    verify.refused("DC-VOL-016", x, 202)
    x = cloud.get(volume.href)
    verify.accepted("DC-VOL-016", x, why="the volume is still there")


@check("DC-VOL-017", needs=("storage_volumes", "instances"), writes=True)
def test_destroy_a_mounted_volume(cloud: Cloud, verify: Verify) -> None:
    """A mounted volume is not destroyed."""
    volume, _ = _attached(cloud, verify)
    x = cloud.delete(volume.href)
    verify.holds("DC-VOL-017", "status", "400 or above", x.status, x.status >= 400, x=x)
    life.act(cloud, verify, volume, "detach")
    _wait_until_mounted(cloud, verify, volume, None)


@check("DC-DOC-027", "DC-VOL-011", needs=("storage_volumes", "instances"), writes=True)
def test_instance_of_a_volume_is_destroyed(cloud: Cloud, verify: Verify) -> None:
    """When its instance is destroyed a volume is free, or gone."""
    volume, instance = _attached(cloud, verify)
    life.assert_forgotten(cloud, verify, volume, instance, lambda x: [mount_of(x)])


@check("DC-INS-055", needs=("storage_volumes", "instances"), writes=True)
def test_another_instance_is_destroyed(cloud: Cloud, verify: Verify) -> None:
    """A volume stays where it is mounted when another instance is destroyed."""
    volume, instance = _attached(cloud, verify)
    life.assert_kept(cloud, verify, volume, instance, lambda x: [mount_of(x)])
    life.act(cloud, verify, volume, "detach")
    _wait_until_mounted(cloud, verify, volume, None)


@check("DC-VOL-018", "DC-HTTP-005", needs="storage_volumes", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_destroy(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A destroyed volume is gone, another one stays."""
    volume, other = new_volume(cloud, verify), new_volume(cloud, verify)
    life.destroy(cloud, verify, "DC-VOL-018", volume, format_)
    life.assert_shown(cloud, verify, "DC-VOL-018", other)


@check("DC-VOL-019", needs=("storage_volumes", "storage_snapshots"), writes=True)
def test_volume_from_a_snapshot(cloud: Cloud, verify: Verify) -> None:
    """A volume is created of a snapshot that exists; of an unknown one it is refused."""
    volume = new_volume(cloud, verify)
    form = {"volume_id": volume.id}
    _, snapshot = life.create(cloud, verify, "DC-VOL-019", "storage_snapshots", form)
    life.wait_until_ready(cloud, snapshot)
    form = {"snapshot_id": snapshot.id}
    _, copy = life.create(cloud, verify, "DC-VOL-019", "storage_volumes", form)
    life.assert_shown(cloud, verify, "DC-VOL-019", copy)
    x, _ = cloud.create("storage_volumes", {"snapshot_id": cloud.unknown_id()})
    verify.refused("DC-VOL-019", x, why="there is no such snapshot")
