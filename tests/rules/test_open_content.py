"""An endpoint is not blamed for what it is free to do: comments, order, unknown content, ..."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from lxml import etree

from tck.endpoint.exchange import Exchange
from tck.rules import judge

from .change import content, field
from .right import right

XML = [
    name
    for name in ("api", "drivers", "realms", "instances", "images", "keys")
    for name in [f"{name}.xml"]
]


def violations(x: Exchange) -> list[str]:
    return [f"{j.requirement} at {j.place}: {j.got}" for _, j in judge(x) if not j.ok]


def _xml(edit: Callable[[etree._Element], None]) -> Callable[[Exchange], Exchange]:
    def change(x: Exchange) -> Exchange:
        if x.xml is None:
            return x
        root = etree.fromstring(x.body)
        edit(root)
        return content(etree.tostring(root, encoding="utf-8", xml_declaration=True))(x)

    return change


def _elements(root: etree._Element) -> list[etree._Element]:
    return [e for e in root.iter(etree.Element) if e.tag != "properties"]


@_xml
def comments(root: etree._Element) -> None:
    """A comment and a processing instruction in every element that has no text."""
    for element in list(root.iter(etree.Element)):
        if len(element) or not (element.text or "").strip():
            element.insert(0, etree.Comment(" a comment "))
            element.append(etree.ProcessingInstruction("php", "echo"))


@_xml
def unknown_attributes(root: etree._Element) -> None:
    for element in root.iter(etree.Element):
        element.set("x-vendor", "1")


@_xml
def unknown_elements(root: etree._Element) -> None:
    for element in _elements(root):
        if len(element):
            etree.SubElement(element, "x-vendor").text = "1"


@_xml
def other_order(root: etree._Element) -> None:
    for element in list(root.iter(etree.Element)):
        element[:] = reversed(element[:])


@_xml
def no_white_space(root: etree._Element) -> None:
    for element in root.iter(etree.Element):
        if len(element):
            element.text = None
        element.tail = None


@_xml
def cdata(root: etree._Element) -> None:
    for element in root.iter(etree.Element):
        if not len(element) and element.text:
            element.text = etree.CDATA(element.text)


def quotes(x: Exchange) -> Exchange:
    body = re.sub(rb'="([^"\']*)"', rb"='\1'", x.body)
    return content(body)(x) if x.xml is not None else x


def no_declaration(x: Exchange) -> Exchange:
    return content(etree.tostring(x.xml))(x) if x.xml is not None else x


def utf_16(x: Exchange) -> Exchange:
    if x.xml is None:
        return x
    return content(etree.tostring(x.xml, encoding="utf-16", xml_declaration=True))(x)


def spaced_json(x: Exchange) -> Exchange:
    return content(json.dumps(x.json, indent=3).encode())(x) if x.json is not None else x


def escaped_json(x: Exchange) -> Exchange:
    if x.json is None:
        return x
    return content(json.dumps(x.json).replace("/", "\\/").encode())(x)


def charset(x: Exchange) -> Exchange:
    said = x.headers.get("Content-Type")
    return field("Content-Type", f"{said};charset=UTF-8")(x) if x.format else x


def lower_case_names(x: Exchange) -> Exchange:
    for name, value in x.headers:
        x = field(name)(x)
        x = field(name.lower(), value)(x)
    return x


def more_fields(x: Exchange) -> Exchange:
    for name, value in {"Set-Cookie": "a=b", "Server": "", "X-Anything": "ä", "Vary": "*"}.items():
        x = field(name, value)(x)
    return x


def weak_etag(x: Exchange) -> Exchange:
    return field("ETag", 'W/"1"')(x) if "ETag" in x.headers else x


FREEDOMS = [
    *(comments, unknown_attributes, unknown_elements, other_order, no_white_space, cdata, quotes),
    *(no_declaration, utf_16, spaced_json, escaped_json, charset, lower_case_names, more_fields),
    weak_etag,
]


@pytest.mark.parametrize("freedom", FREEDOMS, ids=lambda f: getattr(f, "__name__", "xml"))
def test_a_freedom_is_none_of_the_rules_business(freedom: Callable[[Exchange], Exchange]) -> None:
    blamed = {name: violations(freedom(x)) for name, x in right().items()}
    assert {name: found for name, found in blamed.items() if found} == {}


@pytest.mark.parametrize("freedom", FREEDOMS, ids=lambda f: getattr(f, "__name__", "xml"))
def test_a_freedom_changes_something(freedom: Callable[[Exchange], Exchange]) -> None:
    changed = [x for x in right().values() if freedom(x) != x]
    assert changed
