"""Documents that are broken, or not of the form that the API gives them."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from tck.prove.altered import http, json, xml
from tck.prove.faults.fault import Faults

fault = Faults()

for name, where, text, act in (
    ("xml-cut-off", "*.index", "ends 20 bytes early", lambda d: d[:-20]),
    (
        "xml-bare-ampersand",
        "realms.*",
        "does not escape &",
        lambda d: d.replace(b"United ", b"United & "),
    ),
    (
        "xml-bad-utf-8",
        "realms.*",
        "sends bytes that are not UTF-8",
        lambda d: d.replace(b"Europe", b"Europ\xff"),
    ),
    ("xml-two-roots", "images.index", "writes a second root element", lambda d: d + b"<images/>\n"),
    ("xml-text-before", "keys.index", "writes OK before the document", lambda d: b"OK\n" + d),
    (
        "xml-unquoted-attributes",
        "keys.*",
        "does not quote an attribute",
        lambda d: d.replace(b'type="key"', b"type=key"),
    ),
    (
        "xml-control-character",
        "realms.*",
        "writes a control character",
        lambda d: d.replace(b"Europe", b"Eu\x07rope"),
    ),
    (
        "xml-declares-utf-16",
        "realms.*",
        "declares UTF-16 and sends UTF-8",
        lambda d: d.replace(b'"utf-8"', b'"utf-16"'),
    ),
    (
        "xml-declares-ascii",
        "realms.*",
        "declares ASCII and sends UTF-8",
        lambda d: d.replace(b'"utf-8"', b'"us-ascii"').replace(b"Europe", "Européa".encode()),
    ),
    ("xml-of-bytes-doubled", "storage_volumes.index", "sends the document twice", lambda d: d + d),
):
    fault(name, "DC-DOC-001", http.body(where, text, "xml", act))
for name, where, text, act in (
    ("json-cut-off", "*.index", "ends two bytes early", lambda d: d[:-2]),
    (
        "json-single-quotes",
        "realms.*",
        "writes strings in apostrophes",
        lambda d: d.replace(b'"', b"'"),
    ),
    (
        "json-trailing-comma",
        "images.*",
        "writes a comma after the last value of objects",
        lambda d: d.replace(b"}", b",}"),
    ),
    ("json-latin-1", "realms.*", "sends Latin-1", lambda d: d.replace(b"Europe", b"Europ\xe9")),
    ("json-utf-16", "keys.*", "sends UTF-16", lambda d: d.decode().encode("utf-16")),
    (
        "json-byte-order-mark",
        "realms.*",
        "begins with a byte order mark",
        lambda d: b"\xef\xbb\xbf" + d,
    ),
    (
        "json-nan",
        "metrics.show",
        "writes the number NaN",
        lambda d: d.replace(b'"minimum":', b'"minimum":NaN,"lowest":'),
    ),
    (
        "json-raw-newline",
        "realms.*",
        "writes unescaped line breaks in strings",
        lambda d: d.replace(b"United ", b"United\n"),
    ),
    (
        "json-callback",
        "instances.index",
        "wraps the value in a function call",
        lambda d: b"callback(" + d + b")",
    ),
):
    fault(name, "DC-DOC-002", http.body(where, text, "json", act))


@fault.does("DC-DOC-018", http.body, "realms.* keys.*", "json")
def json_names_twice(document: bytes) -> bytes:
    """Writes two members called id in one object."""
    return document.replace(b'{"id":', b'{"id":"x","id":')


fault(
    "json-calls-itself-xml",
    "DC-DOC-001",
    http.body("realms.*", "sends JSON as application/xml", "xml", lambda _: b'{"realms":[]}'),
)
fault("list-root-renamed", "DC-DOC-003", xml.rename("realms.index", "/*", "list"))
fault("list-root-singular", "DC-DOC-003", xml.rename("images.index", "/*", "image"))
fault("list-root-capital", "DC-DOC-003", xml.rename("keys.index", "/*", "Keys"))
fault("member-root-renamed", "DC-DOC-003", xml.rename("instances.show", "/*", "server"))
fault(
    "member-root-plural", "DC-DOC-003", xml.rename("storage_volumes.show", "/*", "storage_volumes")
)
fault("created-root-renamed", "DC-DOC-003", xml.rename("keys.create", "/*", "created"))
fault(
    "action-root-renamed",
    "DC-DOC-003",
    xml.rename("instances.stop instances.reboot", "/*", "result"),
)


@fault.does("DC-DOC-003", xml.edit, "realms.*")
def root_in_envelope(root: Any) -> None:
    """Wraps documents in an element <response>."""
    inner = etree.Element(root.tag)
    inner.extend(list(root))
    root.tag = "response"
    root.append(inner)


fault("entry-point-root-renamed", "DC-DOC-003", xml.rename("api.show", "/*", "entrypoint"))


@fault.does("DC-DOC-004", http.body, "realms.*", "xml")
def xml_namespace(document: bytes) -> bytes:
    """Puts all elements into a namespace."""
    return re.sub(rb"<(realms?)", rb'<\1 xmlns="http://deltacloud.example"', document, count=1)


@fault.does("DC-DOC-004", http.body, "images.index", "xml")
def xml_namespace_prefix(document: bytes) -> bytes:
    """Writes the root element with a prefix."""
    return document.replace(b"<images>", b'<dc:images xmlns:dc="urn:dc">').replace(
        b"</images>", b"</dc:images>"
    )


@fault.does("DC-DOC-022", http.body, "images.*", "xml")
def xml_doctype(document: bytes) -> bytes:
    """Writes a DOCTYPE."""
    return document.replace(b"?>\n", b"?>\n<!DOCTYPE images>\n", 1)


@fault.does("DC-DOC-022", http.body, "realms.*", "xml")
def xml_own_entity(document: bytes) -> bytes:
    """Declares and uses an entity of its own."""
    declaration = b'<!DOCTYPE realms [<!ENTITY e "Europe">]>'
    return document.replace(b"?>\n", b"?>\n" + declaration + b"\n", 1).replace(b">Europe", b">&e;")


@fault.does("DC-DOC-023", http.alter_field, "realms.* images.*", "Content-Type")
def charset_contradicts_document(media_type: str) -> str | None:
    """Declares ISO 8859-1 in Content-Type and UTF-8 in the document."""
    return f"{media_type};charset=iso-8859-1" if "xml" in media_type else None


@fault.does("DC-DOC-021", json.edit, "realms.index")
def json_list_bare(document: Any) -> Any:
    """Writes the list of realms without an object that names it."""
    return document["realms"]


@fault.does("DC-DOC-021", json.edit, "images.show")
def json_member_bare(document: Any) -> Any:
    """Writes an image without an object that names it."""
    return document["image"]


fault("json-list-called-items", "DC-DOC-021", json.rename("instances.index", "instances", "items"))


@fault.does("DC-DOC-021", json.alter, "keys.index", "keys")
def json_list_as_object(keys: Any) -> Any:
    """Writes the list of keys as an object."""
    return {k["id"]: k for k in keys}


fault(
    "json-member-as-list",
    "DC-DOC-021",
    json.alter("realms.show", "writes a realm as a list of one", "realm", lambda v: [v]),
)
fault(
    "json-member-called-plural",
    "DC-DOC-021",
    json.rename("storage_volumes.show", "storage_volume", "storage_volumes"),
)


@fault.does("DC-DOC-021", json.edit, "keys.create")
def json_created_bare(document: Any) -> Any:
    """Writes the new key without an object that names it."""
    return document["key"]


fault(
    "json-value-in-string",
    "DC-DOC-021",
    json.alter("realms.index", "writes the list of realms as a string", "realms", str),
)
for name, where, text, path, act in (
    (
        "state-padded",
        "instances.*",
        "writes the state of an instance with line breaks around it",
        "//instance/state",
        lambda s: f"\n  {s}\n",
    ),
    ("owner-padded", "images.*", "writes a blank after the owner", "//owner_id", lambda s: s + " "),
    (
        "capacity-padded",
        "storage_volumes.*",
        "writes a blank before the capacity",
        "//capacity",
        lambda s: f" {s}",
    ),
    (
        "address-padded",
        "instances.*",
        "writes a tab before an address",
        "//address",
        lambda s: f"\t{s}",
    ),
    (
        "address-block-padded",
        "subnets.*",
        "writes the address block with line breaks around it",
        "//address_block",
        lambda s: f"\n{s}\n",
    ),
):
    fault(name, "DC-DOC-017", xml.alter(where, text, path, act))
