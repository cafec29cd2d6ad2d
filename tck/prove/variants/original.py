"""Apache Deltacloud 1.1.3 with its mock driver, as clients met it: the known defects together.

This server is wrong, and known to be: its deviations are those of
`docs/known-deviations/apache-deltacloud-1.1.3.yaml`, and no others may be found. It is here so that
the file can be tried without it. Numbers (B, N) are those of docs/sources.md. Left out:
defects of other drivers (B2, B3, B4, B6, B34, B35, B36), and B64 and N2, which no run meets.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from lxml import etree

from tck.prove.altered import drivers, http, json, requests, wire, xml
from tck.prove.altered.change import Change, in_document, in_message, in_request
from tck.prove.altered.messages import Answer, Asked
from tck.prove.variants.variant import Variants
from tck.reference_server.drivers.mock.records import BlobRecord, InstanceRecord, blob_key
from tck.reference_server.errors import ApiError, NotFoundError, ValidationError
from tck.reference_server.resources import (
    Address,
    Instance,
    NetworkInterface,
    StorageSnapshot,
    StorageVolume,
)

Act = Any
NOBODY = "tck-empty"  # stands for an empty id inside this server

# ---------------------------------------------------------------- errors


class Crash(ApiError):
    """What a client sees of an exception that nobody expected."""

    status = 500


NIL = "undefined method `[]' for nil:NilClass"


def _crashing(method: str, words: str = NIL, *, always: bool = False) -> Change:
    """Crash where a method of the driver would refuse, or always."""

    def act(_driver: Any, ask: Act, *positional: Any, **named: Any) -> Any:
        if always:
            raise Crash(words)
        try:
            return ask(*positional, **named)
        except ApiError as error:
            raise Crash(words) from error

    return drivers.around("*", f"crashes in place of refusing: {method}", method, act)


def _crash_afterwards(where: str, format_: str) -> Change:
    """Crash in one format when all is done."""

    def act(asked: Asked, answer: Answer) -> None:
        if answer.format == format_:
            _crash(asked, answer, NIL)

    return in_document(where, f"crashes in {format_.upper()} after {where}", act)


def _crash(asked: Asked, answer: Answer, words: str) -> None:
    if "json" in (asked.header("Accept") or ""):
        text = f'{{"code":500,"message":"{words}","error":"NoMethodError"}}'
        answer.replace(500, text, "application/json")
    else:
        text = (
            f"<error status='500' url='{asked.path}'><backend driver='mock' provider='default'/>"
            f"<code>500</code><message><![CDATA[{words}]]></message></error>"
        )
        answer.replace(500, text, "application/xml")


def _crash_at_odd_ids(asked: Asked) -> Answer | None:
    """N4: very long ids, null bytes, and bytes that are not UTF-8."""
    uri = asked.environ.get("REQUEST_URI", "")
    if not re.search(r"[a-z]{256}|%00|%ff", uri, re.IGNORECASE) or asked.method != "GET":
        return None
    answer = Answer(500, [("X-Deltacloud-Driver", "mock")])
    _crash(asked, answer, "File name too long @ rb_sysopen in blob.rb:12:in `read'")
    return answer


def _crash_at_driver(asked: Asked, answer: Answer) -> None:
    """B30: a driver that there is not."""
    header, uri = asked.header("X-Deltacloud-Driver"), asked.environ.get("REQUEST_URI", "")
    if answer.status == 400 and (header is not None or ";driver=" in uri):
        _crash(asked, answer, "Driver is not available (uninitialized constant X) (NameError)")
        answer.set("X-Deltacloud-Driver", None)


def _in_words(asked: Asked, answer: Answer) -> None:
    """B16: some refusals are plain text, and 404 of a driver is empty."""
    if asked.operation == "drivers.show" and answer.status == 404:
        answer.replace(404)
    elif answer.status in (400, 401, 412):
        answer.replace(answer.status, "refused", "text/html")


ERRORS = (
    _crashing("associate_address"),
    _crashing("disassociate_address", "AddressNotInUse (RuntimeError)"),
    _crashing("destroy_address"),
    _crashing("delete_bucket", "BucketNotEmpty (RuntimeError)"),
    _crashing("delete_blob", "Could not delete a non existent blob (RuntimeError)"),
    _crashing("create_blob", "BucketNotExist (RuntimeError)"),
    _crashing("init_segmented_blob", "undefined method `init_segmented_blob'", always=True),
    _crashing("destroy_key"),
    _crashing("destroy_network"),
    _crashing("destroy_subnet"),
    _crashing("create_subnet"),
    _crashing("destroy_network_interface"),
    _crashing("create_network_interface"),
    _crashing("attach_storage_volume"),
    _crashing("detach_storage_volume"),
    _crashing("run_on_instance", "undefined method `network' for nil:NilClass", always=True),
    _crash_afterwards("networks.create subnets.create", "xml"),
    _crash_afterwards("images.create blobs.create", "json"),
    requests.reply("*", "crashes at very long ids", _crash_at_odd_ids),
    in_document("!*", "crashes at unknown drivers", _crash_at_driver),
    in_document("!*", "refuses in plain text", _in_words),
)

# ---------------------------------------------------------------- HTTP


def _unquoted(tag: str) -> str:
    return tag.strip('"')


def _allow_names(asked: Asked, answer: Answer) -> None:
    """B25 and N8: OPTIONS shows names of classes and parameters."""
    if asked.method == "OPTIONS":
        classes = asked.path.rstrip("/") == "/api"
        answer.set("Allow", "Deltacloud::Rabbit::AddressesCollection" if classes else "id:string")


def _like_sinatra(asked: Asked) -> None:
    """B31 and B32: patterns are not understood, and q is not read."""
    accept = asked.header("Accept") or ""
    if accept.endswith(";q=0"):
        asked.set_header("Accept", accept.removesuffix(";q=0"))
    elif re.fullmatch(r"(application|text)/\*|application/xml; ?charset=.*", accept):
        asked.set_header("Accept", "application/x-odd")


def _bare(asked: Asked, answer: Answer) -> None:
    """N3 and B33: what passes by the middleware lacks Date and the driver."""
    if answer.status == 406 or asked.operation == "blobs.content":
        answer.set("Date", None)
        answer.set("X-Deltacloud-Driver", None)


def _race(before: bytes, data: bytes) -> bytes:
    """N14: 400 in 11 bytes, with the fields of an answer whose content was empty."""
    head, _, content = before.partition(b"\r\n\r\n")
    if content or not head.startswith(b"HTTP/1.1 200 ") or b"text/xml" in head:
        return data
    fields = re.sub(
        rb"(?m)^Content-Length:.*?$", b"Content-Length: 279\r", head.partition(b"\n")[2]
    )
    return b"HTTP/1.1 400 Bad Request\r\n" + fields + b"\r\n\r\nBad Request"


HTTP = (
    http.alter_field("* !*", "sends ETags without quotes", "ETag", _unquoted),
    http.field("!*", "WWW-Authenticate", None),
    http.field("!instances.*", "Allow", None),
    http.field(
        "networks.create subnets.create network_interfaces.create blobs.create", "Location", None
    ),
    http.alter_field("*", "lower-cases providers", "X-Deltacloud-Provider", str.lower),
    in_message("* !*", "lists names in Allow", _allow_names),
    in_message("* !*", "leaves out fields", _bare),
    in_request("*", "reads Accept in its own way", _like_sinatra),
    wire.after("*", "answers 400 after an answer without content", _race),
)

# ---------------------------------------------------------------- documents


def _unescaped(_asked: Asked, answer: Answer) -> None:
    """N1: names of instances, and of images made of them, are written as they are."""
    if answer.format == "xml":
        for entity, character in ((b"&lt;", b"<"), (b"&gt;", b">"), (b"&amp;", b"&")):
            answer.body = answer.body.replace(entity, character)


def _padded(text: str) -> str:
    return f"\n      {text}\n    "


def _without_id(element: Any) -> None:
    element.set("href", element.get("href").removesuffix(f"/{NOBODY}"))
    element.set("id", "")


PEM = "-----BEGIN RSA PRIVATE KEY-----\n!\n-----END RSA PRIVATE KEY-----"


def _indented(text: str) -> str:
    return text.replace("\n", "\n      ")


def _nameless_key(asked: Asked) -> None:
    """B15: a key without a name is created."""
    if asked.form.get("name") == "" and asked.authenticated:
        url = f"http://{asked.header('Host')}/api/keys"
        text = f"<key href='{url}' id='' type='key'><name/><state>AVAILABLE</state></key>"
        fields = [("Location", url), ("Content-Type", "application/xml")]
        asked.reply = Answer(201, fields, text.encode())


def _astray(interface: Any) -> Any:
    """B66: net1 where a subnet should be."""
    return replace(interface, subnet_id="net1") if interface.id == "nicinst3" else interface


DOCUMENTS = (
    xml.each("instances.*", "image without id", f"//image[@id='{NOBODY}']", _without_id),
    xml.alter("subnets.*", "pads addresses", "//address_block | //network", _padded),
    xml.drop("keys.create", "//pem"),
    xml.add("keys.create keys.show", "/key", f"<pem>{PEM}</pem>"),
    xml.add("keys.index", "//key", f"<pem>{_indented(PEM)}</pem>"),
    in_request("keys.create", "creates keys without a name", _nameless_key),
    json.alter("instances.*", "image without id", "image.id", lambda i: "" if i == NOBODY else i),
    requests.alter("instances.create", "no image", "image_id", lambda sent: sent or NOBODY),
    xml.drop("storage_volumes.*", "//storage_volume/actions/*"),
    drivers.shown("network_interfaces.*", "names a network as subnet", NetworkInterface, _astray),
)

# ---------------------------------------------------------------- what the driver does


def _take_any(driver: Any, ask: Act, caller: Any, **arguments: Any) -> Any:
    """B65: takes unknown images, unknown realms, and any size."""
    try:
        return ask(caller, **arguments)
    except ApiError:
        known = arguments | {"image_id": "img1", "realm_id": "us"}
        known.pop("hwp", None)
        made: Instance = ask(caller, **known)
    asked = {k: arguments[k] for k in ("image_id", "realm_id") if arguments.get(k)}
    sizes = {k: v for k, v in (arguments.get("hwp") or {}).items() if k != "id"}

    def as_asked(record: Any) -> Any:
        if record.id != made.id:
            return record
        return replace(record, **asked, overrides={**record.overrides, **sizes})

    drivers.change_stored(driver, InstanceRecord, as_asked)
    return drivers.find(driver, "instances", caller, made.id)


def _any_volume(driver: Any, ask: Act, caller: Any, **arguments: Any) -> Any:
    """B62: ignores realm, snapshot and description, and takes any capacity; B61."""
    capacity = arguments.get("capacity")
    made = ask(caller, name=arguments.get("name"))
    return _restamped(driver, StorageVolume, made, "volume_", capacity=capacity or "1")


def _any_snapshot(driver: Any, ask: Act, caller: Any, *, volume_id: str, **more: Any) -> Any:
    """N11: of any volume; B61."""
    volume = driver.storage_volumes(caller, {})[0].id
    made = ask(caller, **{**more, "volume_id": volume})
    return _restamped(driver, StorageSnapshot, made, "store_snapshot_", storage_volume_id=volume_id)


def _restamped(driver: Any, kind: Any, made: Any, prefix: str, **values: Any) -> Any:
    """B61: with an id of the time in seconds, in place of what had it."""
    stamped = replace(made, id=f"{prefix}{int(driver.conditions.clock())}", **values)
    drivers.remove_stored(driver, kind, lambda record: record.id == made.id)
    with driver.store.transaction() as tx:
        tx.put(stamped)
    return stamped


def _move_volume(driver: Any, ask: Act, caller: Any, id_: str, **arguments: Any) -> Any:
    """N10: a volume that is attached is attached elsewhere."""
    free = {"instance_id": None, "device": None}
    if drivers.find(driver, "instances", caller, arguments["instance_id"]):
        drivers.change_stored(
            driver, StorageVolume, lambda v: replace(v, **free) if v.id == id_ else v
        )
    return ask(caller, id_, **arguments)


def _needs_subnet(_driver: Any, ask: Act, caller: Any, **arguments: Any) -> Any:
    """B63: an interface cannot be created without an undeclared parameter."""
    if not arguments.get("subnet"):
        raise ValidationError("subnet")
    return ask(caller, **arguments)


def _image_or_crash(_driver: Any, ask: Act, caller: Any, **arguments: Any) -> Any:
    """N6 and N12: crashes without a name, and where the state does not allow it."""
    if not arguments.get("name"):
        raise Crash("Why not? (RuntimeError)")
    try:
        return ask(caller, **arguments)
    except (ValidationError, NotFoundError):
        raise
    except ApiError as error:
        raise Crash(NIL) from error


def _any_metric(_driver: Any, ask: Act, caller: Any, filters: Any) -> Any:
    """B56: whatever id is asked for, the first is shown."""
    return ask(caller, {})[:1] if filters.get("id") else ask(caller, filters)


def _in_any_bucket(driver: Any, ask: Act, caller: Any, bucket: str, blob: str, *more: Any) -> Any:
    """B59: finds a blob by its name, whatever the bucket."""
    with driver.store.transaction() as tx:
        if tx.get(BlobRecord, blob_key(bucket, blob)) is None:
            found = [r.blob.bucket_id for r in tx.all(BlobRecord) if r.blob.id == blob]
            bucket = found[0] if found else bucket
    return ask(caller, bucket, blob, *more)


def _sizes(asked: Asked, answer: Answer) -> None:
    """B59, B60: sizes count each PUT, and creating a bucket again begins anew."""
    sizes = asked.memory.setdefault("sizes", {})
    if asked.operation in ("blobs.put", "blobs.create"):
        sizes[asked.ids[0]] = sizes.get(asked.ids[0], 0) + 1
    elif asked.operation == "blobs.destroy":
        sizes[asked.ids[0]] = sizes.get(asked.ids[0], 1) - 1
    elif asked.operation == "buckets.create":
        sizes[asked.memory["name"]] = 0
    if asked.operation.startswith("buckets.") and answer.format == "xml" and answer.body:
        root = etree.fromstring(answer.body)
        for bucket in root.iter("bucket"):
            if (size := bucket.find("size")) is not None and bucket.get("id") in sizes:
                size.text = str(sizes[bucket.get("id")])
        answer.body = xml.serialised(root)


def _note_name(asked: Asked) -> None:
    asked.memory["name"] = (asked.query | asked.form).get("name", "")


def _around(method: str, act: Act) -> Change:
    return drivers.around("*", (act.__doc__ or method).strip(), method, act)


_OF_A_BLOB = ["blob", "blob_content", "blob_metadata", "update_blob_metadata", "delete_blob"]
DRIVER = (
    _around("create_instance", _take_any),
    _around("create_storage_volume", _any_volume),
    _around("create_storage_snapshot", _any_snapshot),
    _around("attach_storage_volume", _move_volume),
    _around("create_network_interface", _needs_subnet),
    _around("create_image", _image_or_crash),
    _around("metrics", _any_metric),
    *(_around(method, _in_any_bucket) for method in _OF_A_BLOB),
    in_request("buckets.create", "notes the name", _note_name),
    in_document("buckets.* blobs.*", "counts wrongly", _sizes),
    drivers.keep_after_destroy("addresses go on naming destroyed instances", Address),
    drivers.keep_after_destroy("volumes go on naming destroyed instances", StorageVolume),
)

DEVIATES = """
    DC-ADR-009 DC-ADR-010 DC-ADR-011 DC-ADR-012 DC-AUT-004 DC-BKT-004 DC-BKT-007 DC-BKT-008
    DC-BLB-007 DC-BLB-010 DC-BLB-013 DC-BLB-014 DC-BLB-016 DC-DOC-001 DC-DOC-005 DC-DOC-012
    DC-DOC-013 DC-DOC-014 DC-DOC-017 DC-DOC-019 DC-DOC-025 DC-DOC-026 DC-DOC-027 DC-DOC-028
    DC-DRV-011 DC-ERR-010 DC-ERR-018 DC-HTTP-017 DC-HTTP-023 DC-HTTP-024 DC-HTTP-029 DC-HTTP-042
    DC-HTTP-047 DC-IMG-011 DC-IMG-015 DC-IMG-017 DC-INS-002 DC-INS-006 DC-INS-025 DC-INS-028
    DC-INS-029 DC-INS-052 DC-KEY-006 DC-MTR-005 DC-NET-007 DC-NET-010 DC-NET-013 DC-SNP-005
    DC-SNP-007 DC-VOL-001 DC-VOL-003 DC-VOL-008 DC-VOL-014 DC-VOL-015 DC-VOL-016 DC-VOL-018
    DC-VOL-019
"""
WARNS = """
    DC-DRV-010 DC-DRV-015 DC-DRV-018 DC-ERR-008 DC-ERR-014 DC-ERR-015 DC-ERR-020 DC-ERR-021
    DC-HTTP-015 DC-HTTP-018 DC-HTTP-025 DC-HTTP-030 DC-HTTP-043 DC-INS-026 DC-KEY-007 DC-KEY-012
    DC-NEG-006 DC-NEG-008
"""

variant = Variants()

variant(
    "apache-1.1.3",
    "the original; its deviations are known",
    *HTTP,
    *DRIVER,
    *DOCUMENTS,
    *ERRORS,
    in_document("instances.* images.*", "does not escape names", _unescaped),
    persona="mock",
    warns=WARNS,
    deviates=DEVIATES,
    text="Apache Deltacloud 1.1.3 with its mock driver: wrong in all the ways that are known of it",
)
