"""Snapshots of volumes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.drivers import around, pretend, stored
from tck.prove.faults.fault import fault
from tck.reference_server.resources import StorageSnapshot

_C, _ALL = "storage_snapshots.create", "storage_snapshots.*"


def _lost(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    made = ask(caller, **given)
    stored(StorageSnapshot, lambda s: None if s.id == made.id else s)(driver)
    return made


def _of_vol1(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    return ask(caller, **{**given, "volume_id": "vol1"})


def _of_anything(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    wanted = given["volume_id"]
    return ask(
        caller, **{**given, "volume_id": "vol1" if wanted.startswith("tck-none") else wanted}
    )


FAULTS = [
    fault(
        "snapshot-without-volume", "DC-SNP-001", xml.drop(_ALL, "//storage_snapshot/storage_volume")
    ),
    fault("snapshot-without-created", "DC-SNP-001", xml.drop(_ALL, "//storage_snapshot/created")),
    fault("snapshot-without-name", "DC-SNP-001", xml.drop(_ALL, "//storage_snapshot/name")),
    fault("json-snapshot-without-state", "DC-SNP-002", json.drop(_ALL, "state")),
    fault(
        "json-snapshot-volume-plain",
        "DC-SNP-002",
        json.put(_ALL, "storage_volume", lambda v: v["id"]),
    ),
    fault(
        "snapshot-forgotten",
        "DC-SNP-003",
        around(_C, "forgets the new snapshot", "create_storage_snapshot", _lost),
    ),
    fault(
        "snapshot-of-another-volume",
        "DC-SNP-003",
        around(_C, "copies vol1", "create_storage_snapshot", _of_vol1),
    ),
    fault(
        "snapshot-not-listed",
        "DC-SNP-003",
        drivers.listed(
            "storage_snapshots.index", "lists three snapshots", "storage_snapshots", lambda v: v[:3]
        ),
    ),
    fault("snapshot-without-volume-id", "DC-SNP-004", requests.supply(_C, volume_id="vol1")),
    fault("snapshot-without-volume-id-404", "DC-SNP-004", http.on_status(f"!{_C}", 400, 404)),
    fault(
        "snapshot-of-no-volume",
        "DC-SNP-005",
        around(_C, "copies vol1 for what is not there", "create_storage_snapshot", _of_anything),
    ),
    fault(
        "snapshot-of-no-volume-500",
        "DC-SNP-005",
        requests.instead(
            _C,
            "fails on unknown volumes",
            lambda a: (
                http.failure(500) if a.form.get("volume_id", "").startswith("tck-none") else None
            ),
        ),
    ),
    fault("snapshot-name-ignored", "DC-SNP-006", requests.ignore(_C, "name")),
    fault(
        "snapshot-shows-id-for-name",
        "DC-SNP-006",
        drivers.shown(
            _ALL, "shows the id for the name", StorageSnapshot, lambda s: replace(s, name=s.id)
        ),
    ),
    fault(
        "snapshot-not-destroyed",
        "DC-SNP-007",
        pretend("storage_snapshots.destroy", "destroy_storage_snapshot", "storage_snapshots"),
    ),
    fault(
        "destroyed-snapshot-shown",
        "DC-SNP-007",
        around(
            "storage_snapshots.show",
            "shows every snapshot that was asked for",
            "storage_snapshots",
            lambda _d, ask, caller, f: (
                ask(caller, f)
                or (
                    [StorageSnapshot(f["id"], "today", "vol1")]
                    if f.get("id", "").startswith("store_")
                    else []
                )
            ),
        ),
    ),
]
