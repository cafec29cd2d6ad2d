"""Other ways to write the same document."""

from __future__ import annotations

import json as stdlib_json
import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from tck.prove.altered import http, json, xml
from tck.prove.altered.change import Change, in_document
from tck.prove.altered.messages import Answer, Asked
from tck.prove.variants.variant import Variants

_ANY = "* !*"
_XML = "XML 1.0: the same information set; white space, quotes and order mean nothing"
_JSON = "RFC 8259 4: neither the order of names nor white space means anything"


def _xml(text: str, change: Callable[[bytes], bytes]) -> Change:
    return http.body(_ANY, text, "xml", change)


def _json(text: str, change: Callable[[bytes], bytes]) -> Change:
    return http.body(_ANY, text, "json", change)


def _encoded(encoding: str) -> Any:
    return lambda data: etree.tostring(
        etree.fromstring(data), encoding=encoding, xml_declaration=True
    )


def _compact(data: bytes) -> bytes:
    root = etree.fromstring(data)
    for element in root.iter(etree.Element):
        if len(element) and not (element.text or "").strip():
            element.text = None
        if not (element.tail or "").strip():
            element.tail = None
    return etree.tostring(root)


def _spread(data: bytes) -> bytes:
    """Every tag and every attribute on a line of its own, deeply indented."""
    root = etree.fromstring(_compact(data))
    etree.indent(root, space="\t\t")
    text = etree.tostring(root, encoding="unicode")
    return ("<?xml version='1.0'?>\r\n" + re.sub(r' (\w+=")', r"\n   \1", text) + "\n\n").encode()


def _apostrophes(data: bytes) -> bytes:
    """Attributes in apostrophes, as the original's Haml writes them."""

    def requoted(tag: re.Match[bytes]) -> bytes:
        return re.sub(
            rb'="([^"]*)"', lambda a: b"='" + a[1].replace(b"'", b"&apos;") + b"'", tag[0]
        )

    return re.sub(rb"<[^>]+>", requoted, data)


def _unfolded(data: bytes) -> bytes:
    """`<a></a>` for `<a/>`."""
    return re.sub(rb"<([\w:]+)([^<>]*?)\s*/>", rb"<\1\2></\1>", data)


def _references(data: bytes) -> bytes:
    """Letters of texts as character references."""
    return re.sub(rb">([A-Za-z])", lambda hit: b">&#x%x;" % hit[1][0], data)


def _json_reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _json_reversed(inner) for key, inner in reversed(value.items())}
    return [_json_reversed(inner) for inner in value] if isinstance(value, list) else value


def _raw_unicode(data: bytes) -> bytes:
    return stdlib_json.dumps(stdlib_json.loads(data), ensure_ascii=False).encode()


def _escaped(data: bytes) -> bytes:
    return re.sub(rb'"[a-z]', lambda hit: b'"\\u%04x' % hit[0][1], data).replace(b"/", b"\\/")


def _indented(data: bytes) -> bytes:
    return b"\r\n" + stdlib_json.dumps(stdlib_json.loads(data), indent="\t").encode() + b"\n"


def _comments(data: bytes) -> bytes:
    style = (
        b'<?xml-stylesheet type="text/xsl" href="/deltacloud.xsl"?>\n<!-- made by a vendor -->\n'
    )
    data = data.replace(b"?>\n", b"?>\n" + style, 1)
    return re.sub(rb"(<\w+ href=[^>/]*>)", rb"\1<!-- a --><?vendor b?>", data) + b"<!-- end -->\n"


variant = Variants()

variant("xml-compact", _XML, _xml("writes no white space and no declaration", _compact))
variant("xml-spread", _XML, _xml("writes much white space, CR LF and tabs", _spread))
variant("xml-in-apostrophes", f"{_XML}; C16", _xml("quotes with apostrophes", _apostrophes))
variant("xml-empty-elements-unfolded", _XML, _xml("writes <a></a>", _unfolded))
variant(
    "xml-in-latin-1",
    "XML 4.3.3, DC-DOC-023: the encoding it declares",
    _xml("declares and writes Latin-1", _encoded("iso-8859-1")),
)
variant("xml-in-ascii", "XML 4.3.3", _xml("declares and writes ASCII", _encoded("us-ascii")))
variant(
    "xml-in-utf-16",
    "XML 4.3.3: every processor reads UTF-16",
    _xml("declares and writes UTF-16", _encoded("utf-16")),
)
variant(
    "xml-with-byte-order-mark",
    "XML F.1",
    _xml("begins with a byte order mark", lambda d: b"\xef\xbb\xbf" + d),
)
variant("xml-with-character-references", _XML, _xml("writes letters as references", _references))


@variant.does(f"{_XML}; P11: the original writes texts as CDATA", xml.edit, _ANY)
def xml_in_cdata(root: Any) -> None:
    """Writes texts as CDATA."""
    for element in root.iter(etree.Element):
        if element.text and not len(element) and "]]>" not in element.text:
            element.text = etree.CDATA(element.text)


@variant.does(f"{_XML}; A64", xml.edit, _ANY)
def xml_in_other_order(root: Any) -> None:
    """Writes children and attributes in the opposite order."""
    for element in list(root.iter(etree.Element)):
        attributes = list(element.attrib.items())
        for name, _ in attributes:
            del element.attrib[name]
        for name, value in reversed(attributes):
            element.set(name, value)
        if len(element):
            element[:] = list(reversed(element))


variant(
    "xml-with-comments",
    "XML 2.5, 2.6",
    _xml("writes comments and processing instructions", _comments),
)


@variant.does("no source fixes the order of collections", in_document, "*.index")
def list_order_changes(asked: Asked, answer: Answer) -> None:
    """Lists members in another order with every answer."""
    if answer.format == "xml" and asked.operation.endswith(".index"):
        root = etree.fromstring(answer.body)
        turn = asked.memory["turn"] = asked.memory.get("turn", 0) + 1
        members = list(root)
        turn %= len(members) or 1
        root[:] = members[turn:] + members[:turn]
        answer.body = xml.serialised(root)


variant(
    "json-constraints-as-text",
    'DC-API-018: clients read 50 and "50" alike, as they must in XML',
    json.alter(
        "api.show",
        "writes limits as text",
        "features.constraints",
        lambda limits: {name: str(limit) for name, limit in limits.items()},
    ),
    seen_at="api.show",
)
variant(
    "json-links-say-their-format",
    "DC-API-010: an href in JSON may say that it is JSON",
    json.alter("api.show", "adds format=json", "links.href", lambda h: f"{h}?format=json"),
)
variant(
    "json-in-other-order", _JSON, json.edit(_ANY, "reverses the order of names", _json_reversed)
)
variant("json-indented", _JSON, _json("writes much white space", _indented))
variant(
    "json-in-raw-unicode", "RFC 8259 8.1", _json("escapes nothing that it need not", _raw_unicode)
)
variant("json-escaped", "RFC 8259 7", _json("escapes letters and slashes", _escaped))


@variant.does("RFC 9110 8.3.1; RFC 7303 3", http.alter_field, _ANY, "Content-Type")
def charset_in_content_type(media_type: str) -> str:
    """Names the charset in Content-Type."""
    return media_type if "charset" in media_type else f"{media_type};charset=utf-8"


@variant.does("RFC 9110 8.3.2: charset names know no case", http.alter_field, _ANY, "Content-Type")
def charset_in_capitals(media_type: str) -> str:
    """Names types of markup and their charset in other case."""
    if "ml" not in media_type or "charset" in media_type:
        return media_type
    return f'{media_type.title()}; Charset="UTF-8"'
