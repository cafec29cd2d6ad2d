"""Uploads in parts that lose or mix them, and forms that write the answer's head."""

from __future__ import annotations

from typing import Any

from tck.prove.altered.change import in_message, in_request
from tck.prove.altered.drivers import around
from tck.prove.altered.messages import Answer, Asked
from tck.prove.faults.fault import Faults
from tck.reference_server.drivers.mock.records import SegmentRecord

_JOIN = "create_blob_from_segments"


def _note_second_line(asked: Asked) -> None:
    """Keep the first line of a value of metadata, and note the second as a field."""
    value = asked.form.get("meta_value1", "")
    if len(lines := value.splitlines()) > 1:
        asked.memory["field"] = lines[1].partition(":")[::2]
        asked.rewrite(lambda parameters: {**parameters, "meta_value1": lines[0]})


def _send_noted(asked: Asked, answer: Answer) -> None:
    if field := asked.memory.get("field"):
        answer.set(*field)


fault = Faults()


@fault.does("DC-BLB-021", around, "blobs.put", _JOIN)
def last_part_lost(_driver: Any, ask: Any, caller: Any, *positional: Any, **arguments: Any) -> Any:
    """Loses the last part of an upload."""
    *ids, parts = positional
    return ask(caller, *ids, dict(sorted(parts.items())[:-1]), **arguments)


@fault.does("DC-BLB-021", around, "blobs.put", _JOIN)
def parts_in_order_of_arrival(
    driver: Any, ask: Any, caller: Any, *positional: Any, **arguments: Any
) -> Any:
    """Joins parts in the order in which they arrived, not by their numbers."""
    *ids, parts = positional
    with driver.store.transaction() as tx:
        records = (r for r in tx.all(SegmentRecord) if r.id in parts.values())
        contents = [record.content for record in records]
        for number, content in zip(sorted(parts), contents, strict=True):
            record = tx.get(SegmentRecord, parts[number])
            tx.put(SegmentRecord(record.id, record.upload_id, record.order, content))
    return ask(caller, *ids, parts, **arguments)


@fault.does("DC-BLB-021", around, "blobs.put", "blob_segment")
def parts_overwrite_each_other(driver: Any, ask: Any, caller: Any, *positional: Any) -> Any:
    """Keeps only the part that came last."""
    *ids, upload, order, part = positional
    with driver.store.transaction() as tx:
        for record in tx.all(SegmentRecord):
            if record.upload_id == upload:
                tx.put(SegmentRecord(record.id, upload, record.order, part))
    return ask(caller, *ids, upload, order, part)


fault(
    "metadata-make-fields",
    "DC-BLB-022",
    in_request("blobs.create", "reads metadata as fields", _note_second_line),
    in_message("blobs.head", "sends them", _send_noted),
    text="lets metadata of a blob become fields of the answer",
)
