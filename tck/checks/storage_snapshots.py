"""Checks of storage snapshots."""

from __future__ import annotations

import pytest

from tck.checks.support import life
from tck.checks.support.answers import id_at, value_at
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.safety.resource import Resource


def _volume(cloud: Cloud, verify: Verify) -> Resource:
    _, volume = life.create(cloud, verify, "DC-SNP-003", "storage_volumes", {})
    life.wait_until_ready(cloud, volume)
    return volume


def _snapshot(cloud: Cloud, verify: Verify, volume: Resource, **form: str) -> Resource:
    form = {"volume_id": volume.id, **form}
    _, snapshot = life.create(cloud, verify, "DC-SNP-003", "storage_snapshots", form)
    life.wait_until_ready(cloud, snapshot)
    return snapshot


@check(
    "DC-SNP-003",
    "DC-HTTP-003",
    "DC-HTTP-029",
    needs=("storage_snapshots", "storage_volumes"),
    writes=True,
)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_create(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A new snapshot names the volume it was made of."""
    volume = _volume(cloud, verify)
    form = {"volume_id": volume.id}
    _, snapshot = life.create(
        cloud, verify, "DC-SNP-003", "storage_snapshots", form, format=format_
    )
    life.assert_shown(cloud, verify, "DC-SNP-003", snapshot)
    x = cloud.get(snapshot.href)
    verify.equal("DC-SNP-003", "storage_volume/@id", volume.id, id_at(x, "storage_volume"), x=x)


@check("DC-SNP-004", needs=("storage_snapshots", "storage_volumes"), writes=True)
def test_create_without_a_volume(cloud: Cloud, verify: Verify) -> None:
    """A create without volume_id is refused; the twin: with a volume it works."""
    _snapshot(cloud, verify, _volume(cloud, verify))
    x, _ = cloud.create("storage_snapshots", {"name": cloud.new_name()})
    verify.status("DC-SNP-004", x, 400, why="volume_id is missing")


@check("DC-SNP-005", needs=("storage_snapshots", "storage_volumes"), writes=True)
def test_snapshot_of_an_unknown_volume(cloud: Cloud, verify: Verify) -> None:
    """A snapshot of an unknown volume is refused; the twin: one of a real volume is created."""
    _snapshot(cloud, verify, _volume(cloud, verify))
    x, _ = cloud.create("storage_snapshots", {"volume_id": cloud.unknown_id()})
    verify.refused("DC-SNP-005", x, why="there is no such volume")


@check("DC-SNP-006", needs=("storage_snapshots", "storage_volumes"), writes=True)
def test_name(cloud: Cloud, verify: Verify) -> None:
    """A name that was given is shown."""
    name = cloud.new_name()
    snapshot = _snapshot(cloud, verify, _volume(cloud, verify), name=name)
    x = cloud.get(snapshot.href)
    verify.equal("DC-SNP-006", "/storage_snapshot/name", name, value_at(x, "name"), x=x)


@check("DC-SNP-007", "DC-HTTP-005", needs=("storage_snapshots", "storage_volumes"), writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_destroy(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A destroyed snapshot is gone; its volume and other snapshots stay."""
    volume = _volume(cloud, verify)
    snapshot, other = (_snapshot(cloud, verify, volume) for _ in range(2))
    life.destroy(cloud, verify, "DC-SNP-007", snapshot, format_)
    life.assert_shown(cloud, verify, "DC-SNP-007", other)
    life.assert_shown(cloud, verify, "DC-SNP-007", volume)
