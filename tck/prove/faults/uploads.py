"""Uploads in parts that lose or mix them, and forms that write the answer's head."""

from __future__ import annotations

from typing import Any

from tck.prove.altered import requests
from tck.prove.altered.change import in_message
from tck.prove.altered.drivers import around
from tck.prove.altered.messages import Answer, Asked
from tck.prove.faults.fault import fault
from tck.reference_server.drivers.mock.records import SegmentRecord

_JOIN = "create_blob_from_segments"


def _without_last(_driver: Any, ask: Any, caller: Any, *named: Any, **given: Any) -> Any:
    *ids, parts = named
    return ask(caller, *ids, dict(sorted(parts.items())[:-1]), **given)


def _as_they_came(driver: Any, ask: Any, caller: Any, *named: Any, **given: Any) -> Any:
    """Joins parts in the order in which they arrived."""
    *ids, parts = named
    with driver.store.transaction() as tx:
        come = [record for record in tx.all(SegmentRecord) if record.id in parts.values()]
        contents = [record.content for record in come]
        for number, content in zip(sorted(parts), contents, strict=True):
            record = tx.get(SegmentRecord, parts[number])
            tx.put(SegmentRecord(record.id, record.upload_id, record.order, content))
    return ask(caller, *ids, parts, **given)


def _one_part(driver: Any, ask: Any, caller: Any, *named: Any) -> Any:
    """A part takes the place of those before it."""
    *ids, upload, order, part = named
    with driver.store.transaction() as tx:
        for record in tx.all(SegmentRecord):
            if record.upload_id == upload:
                tx.put(SegmentRecord(record.id, upload, record.order, part))
    return ask(caller, *ids, upload, order, part)


def _injects(asked: Asked) -> None:
    value = asked.form.get("meta_value1", "")
    if len(lines := value.splitlines()) > 1:
        asked.memory["injected"] = lines[1].partition(":")[::2]
        asked.rewrite(lambda given: {**given, "meta_value1": lines[0]})


def _injected(asked: Asked, answer: Answer) -> None:
    if field := asked.memory.get("injected"):
        answer.set(*field)


FAULTS = [
    fault(
        "last-part-lost", "DC-BLB-021", around("blobs.put", "loses a part", _JOIN, _without_last)
    ),
    fault(
        "parts-in-order-of-arrival",
        "DC-BLB-021",
        around("blobs.put", "joins parts as they came", _JOIN, _as_they_came),
    ),
    fault(
        "parts-overwrite-each-other",
        "DC-BLB-021",
        around("blobs.put", "keeps one part", "blob_segment", _one_part),
    ),
    fault(
        "metadata-make-fields",
        "DC-BLB-022",
        requests.changed("blobs.create", "lets metadata write the head", _injects),
        in_message("blobs.head", "and sends it", _injected),
    ),
]
