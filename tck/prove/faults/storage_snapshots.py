"""Snapshots of volumes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.drivers import around, do_nothing, remove_stored
from tck.prove.altered.messages import Answer, Asked
from tck.prove.faults.fault import Faults
from tck.reference_server.resources import StorageSnapshot

_C, _ALL = "storage_snapshots.create", "storage_snapshots.*"

fault = Faults()

fault("snapshot-without-volume", "DC-SNP-001", xml.drop(_ALL, "//storage_snapshot/storage_volume"))
fault("snapshot-without-created", "DC-SNP-001", xml.drop(_ALL, "//storage_snapshot/created"))
fault("snapshot-without-name", "DC-SNP-001", xml.drop(_ALL, "//storage_snapshot/name"))
fault("json-snapshot-without-state", "DC-SNP-002", json.drop(_ALL, "state"))
fault(
    "json-snapshot-volume-plain",
    "DC-SNP-002",
    json.put(_ALL, "storage_volume", lambda v: v["id"]),
    text="writes the volume as its plain id in JSON",
)


@fault.does("DC-SNP-003", around, _C, "create_storage_snapshot")
def snapshot_forgotten(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Answers with the new snapshot and does not keep it."""
    made = ask(caller, **given)
    remove_stored(driver, StorageSnapshot, lambda s: s.id == made.id)
    return made


@fault.does("DC-SNP-003", around, _C, "create_storage_snapshot")
def snapshot_of_another_volume(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Takes the snapshot of vol1 whichever volume is named."""
    return ask(caller, **{**given, "volume_id": "vol1"})


@fault.does("DC-SNP-003", drivers.listed, "storage_snapshots.index", "storage_snapshots")
def snapshot_not_listed(members: list[Any]) -> list[Any]:
    """Lists only three snapshots."""
    return members[:3]


fault("snapshot-without-volume-id", "DC-SNP-004", requests.supply(_C, volume_id="vol1"))
fault("snapshot-without-volume-id-404", "DC-SNP-004", http.on_status(f"!{_C}", 400, 404))


@fault.does("DC-SNP-005", around, _C, "create_storage_snapshot")
def snapshot_of_no_volume(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Takes a snapshot of vol1 when the volume does not exist."""
    wanted = given["volume_id"]
    return ask(
        caller, **{**given, "volume_id": "vol1" if wanted.startswith("tck-none") else wanted}
    )


@fault.does("DC-SNP-005", requests.reply, _C)
def snapshot_of_no_volume_500(asked: Asked) -> Answer | None:
    """Answers 500 when the volume does not exist."""
    return http.failure(500) if asked.form.get("volume_id", "").startswith("tck-none") else None


fault("snapshot-name-ignored", "DC-SNP-006", requests.ignore(_C, "name"))


@fault.does("DC-SNP-006", drivers.shown, _ALL, StorageSnapshot)
def snapshot_shows_id_for_name(value: Any) -> Any:
    """Shows the id of a snapshot in place of its name."""
    return replace(value, name=value.id)


fault(
    "snapshot-not-destroyed",
    "DC-SNP-007",
    do_nothing("storage_snapshots.destroy", "destroy_storage_snapshot", "storage_snapshots"),
)


@fault.does("DC-SNP-007", around, "storage_snapshots.show", "storage_snapshots")
def destroyed_snapshot_shown(_driver: Any, ask: Any, caller: Any, f: Any) -> Any:
    """Goes on showing snapshots that were destroyed."""
    return ask(caller, f) or (
        [StorageSnapshot(f["id"], "today", "vol1")] if f.get("id", "").startswith("store_") else []
    )
