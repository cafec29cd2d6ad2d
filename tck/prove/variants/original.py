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

from tck.prove.altered import drivers, http, json, requests, wire, xml
from tck.prove.altered.change import Change, in_document, in_message, in_request
from tck.prove.altered.messages import Answer, Asked
from tck.prove.variants.original_driver import DRIVER, NIL, crashing
from tck.prove.variants.variant import Variants
from tck.reference_server.resources import NetworkInterface

NOBODY = "tck-empty"  # stands for an empty id inside this server

# ---------------------------------------------------------------- errors


def _crash_afterwards(where: str, format_: str) -> Change:
    """Crash in one format when all is done."""

    def act(asked: Asked, answer: Answer) -> None:
        if answer.format == format_:
            _crash(asked, answer, NIL)

    return in_document(where, f"crashes in {format_.upper()} after {where}", act)


def _crash(asked: Asked, answer: Answer, words: str) -> None:
    _fail(asked, answer, 500, words)


def _fail(asked: Asked, answer: Answer, status: int, words: str) -> None:
    if "json" in (asked.header("Accept") or ""):
        text = f'{{"code":{status},"message":"{words}","error":"RuntimeError"}}'
        answer.replace(status, text, "application/json")
    else:
        text = (
            f"<error status='{status}' url='{asked.path}'>"
            "<backend driver='mock' provider='default'/>"
            f"<code>{status}</code><message><![CDATA[{words}]]></message></error>"
        )
        answer.replace(status, text, "application/xml")


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
    crashing("associate_address"),
    crashing("disassociate_address", "AddressNotInUse (RuntimeError)"),
    crashing("destroy_address"),
    crashing("delete_bucket", "BucketNotEmpty (RuntimeError)"),
    crashing("delete_blob", "Could not delete a non existent blob (RuntimeError)"),
    crashing("create_blob", "BucketNotExist (RuntimeError)"),
    crashing("init_segmented_blob", "undefined method `init_segmented_blob'", always=True),
    crashing("destroy_key"),
    crashing("destroy_network"),
    crashing("destroy_subnet"),
    crashing("create_subnet"),
    crashing("destroy_network_interface"),
    crashing("create_network_interface"),
    crashing("attach_storage_volume"),
    crashing("detach_storage_volume"),
    crashing("run_on_instance", "undefined method `network' for nil:NilClass", always=True),
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


def _without_matrix(asked: Asked) -> None:
    """B27: matrix parameters do nothing where something is written."""
    if asked.method != "GET" and ";" in asked.environ.get("REQUEST_URI", ""):
        asked.divert(asked.path)


def _undated(data: bytes) -> bytes:
    return re.sub(rb"\r\nDate:[^\r]*", b"", data, count=1)


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
    in_request("*", "ignores matrix parameters of writes", _without_matrix),
    wire.raw("blobs.content", "sends no Date with content", _undated),
    wire.raw("!*", "sends no Date with 406", lambda d: _undated(d) if d[9:12] == b"406" else d),
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
    """B15: a key without a name is created, once."""
    if asked.form.get("name") != "" or not asked.authenticated:
        return
    if asked.memory.setdefault("nameless key", False):
        asked.reply = Answer(403, [])
        _fail(asked, asked.reply, 403, "Key with same name already exists")
    else:
        asked.memory["nameless key"] = True
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

DEVIATES = """
    DC-ADR-009 DC-ADR-010 DC-ADR-011 DC-ADR-012 DC-AUT-004 DC-BKT-004 DC-BKT-007 DC-BKT-008
    DC-BLB-007 DC-BLB-010 DC-BLB-013 DC-BLB-014 DC-BLB-016 DC-CON-001 DC-CON-007 DC-DOC-001
    DC-DOC-005 DC-DOC-012 DC-DOC-013 DC-DOC-014 DC-DOC-017 DC-DOC-019 DC-DOC-025 DC-DOC-026
    DC-DOC-027 DC-DOC-028 DC-DRV-011 DC-ERR-010 DC-ERR-018 DC-HTTP-017 DC-HTTP-023 DC-HTTP-024
    DC-HTTP-029 DC-HTTP-042 DC-HTTP-047 DC-IMG-011 DC-IMG-015 DC-IMG-017 DC-INS-002 DC-INS-006
    DC-INS-025 DC-INS-028 DC-INS-029 DC-INS-052 DC-KEY-006 DC-MTR-005 DC-NET-007 DC-NET-010
    DC-NET-013 DC-SNP-005 DC-SNP-007 DC-VOL-001 DC-VOL-003 DC-VOL-008 DC-VOL-014 DC-VOL-015
    DC-VOL-016 DC-VOL-018 DC-VOL-019
"""
WARNS = """
    DC-CON-012 DC-DRV-010 DC-DRV-015 DC-DRV-018 DC-ERR-008 DC-ERR-014 DC-ERR-015 DC-ERR-019
    DC-ERR-020 DC-ERR-021 DC-HTTP-015 DC-HTTP-018 DC-HTTP-025 DC-HTTP-030 DC-HTTP-043 DC-INS-026
    DC-KEY-007 DC-KEY-012 DC-NEG-006 DC-NEG-008 DC-VOL-017
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
    other=None,
)
