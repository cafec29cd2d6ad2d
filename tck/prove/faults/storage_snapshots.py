"""Snapshots of volumes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.drivers import around, do_nothing
from tck.prove.altered.messages import Answer, Asked
from tck.prove.altered.requests import may_exist, repair
from tck.prove.faults.fault import Faults
from tck.reference_server.resources import StorageSnapshot

_C, _ALL = "storage_snapshots.create", "storage_snapshots.*"

fault = Faults()

fault("snapshot-without-volume", "DC-SNP-001", xml.drop(_ALL, "//storage_snapshot/storage_volume"))
fault("snapshot-without-created", "DC-SNP-001", xml.drop(_ALL, "//storage_snapshot/created"))
fault("snapshot-without-name", "DC-SNP-008", xml.drop(_ALL, "//storage_snapshot/name"))
fault("json-snapshot-without-state", "DC-SNP-002", json.drop(_ALL, "state"))


@fault.does("DC-SNP-002", json.alter, _ALL, "storage_volume")
def json_snapshot_volume_plain(storage_volume: Any) -> Any:
    """Writes the volume as its plain id."""
    return storage_volume["id"]


fault(
    "snapshot-forgotten",
    "DC-SNP-003",
    drivers.forget(_C, "create_storage_snapshot", StorageSnapshot),
)


@fault.does("DC-SNP-003", around, _C, "create_storage_snapshot")
def snapshot_of_another_volume(_driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Takes the snapshot of vol1 whichever volume is named."""
    return ask(caller, **{**arguments, "volume_id": "vol1"})


@fault.does("DC-SNP-003", drivers.listed, "storage_snapshots.index", "storage_snapshots")
def snapshot_not_listed(snapshots: list[Any]) -> list[Any]:
    """Lists only three snapshots."""
    return snapshots[:3]


fault("snapshot-without-volume-id", "DC-SNP-004", requests.supply(_C, volume_id="vol1"))
fault("snapshot-without-volume-id-404", "DC-SNP-004", http.on_status(f"!{_C}", 400, 404))


fault("snapshot-of-no-volume", "DC-SNP-005", repair(_C, "volume_id", may_exist, "vol1"))


@fault.does("DC-SNP-005", requests.reply, _C)
def snapshot_of_no_volume_500(asked: Asked) -> Answer | None:
    """Answers 500 when the volume does not exist."""
    return None if may_exist(asked.form.get("volume_id", "")) else http.failure(500)


fault("snapshot-name-ignored", "DC-SNP-006", requests.ignore(_C, "name"))


@fault.does("DC-SNP-006", drivers.shown, _ALL, StorageSnapshot)
def snapshot_shows_id_for_name(snapshot: Any) -> Any:
    """Shows the id of a snapshot in place of its name."""
    return replace(snapshot, name=snapshot.id)


fault(
    "snapshot-not-destroyed",
    "DC-SNP-007",
    do_nothing("storage_snapshots.destroy", "destroy_storage_snapshot", "storage_snapshots"),
)


@fault.does("DC-SNP-007", around, "storage_snapshots.show", "storage_snapshots")
def destroyed_snapshot_shown(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Goes on showing snapshots that were destroyed."""
    snapshots = ask(caller, filters)
    if not snapshots and filters.get("id", "").startswith("store_"):
        return [StorageSnapshot(filters["id"], "today", "vol1")]
    return snapshots
