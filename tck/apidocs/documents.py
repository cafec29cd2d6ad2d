"""The documents of the API as the schemas define them, as pieces of text with links."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from lxml import etree
from markupsafe import Markup, escape

_XS = "{http://www.w3.org/2001/XMLSchema}"
_OWN = re.compile(r" xmlns:xs=\"[^\"]*\"")


@dataclass(frozen=True, slots=True)
class Definition:
    """A named piece of a schema: its source text, with links to what it refers to."""

    name: str
    text: Markup


def source(name: str) -> bytes:
    """The content of a file of the formal description (tck/schemas)."""
    return (resources.files("tck.schemas") / name).read_bytes()


@cache
def xml_elements() -> Mapping[str, str]:
    """Name of the XSD type for each root element."""
    root = etree.fromstring(source("deltacloud.xsd"))
    types = {str(e.get("name")): str(e.get("type")) for e in root.iterchildren(f"{_XS}element")}
    return types | {"run": "RunResult"}


@cache
def xml_types() -> tuple[Definition, ...]:
    """The named types of the XSDs."""
    tags = (f"{_XS}complexType", f"{_XS}simpleType")
    files = ("deltacloud.xsd", "deltacloud-run.xsd")
    elements = (e for file in files for e in etree.fromstring(source(file)).iter(*tags))
    types = {str(e.get("name")): e for e in elements if e.get("name")}
    return tuple(
        Definition(name, _linked(_text(element), r"(?:type|base)=\"(\w+)\"", "x-", types))
        for name, element in types.items()
    )


def _text(element: Any) -> str:
    element.tail = None
    text = _OWN.sub("", etree.tostring(element, encoding="unicode"))
    return re.sub(r"^  ", "", text, flags=re.MULTILINE)


@cache
def json_definitions() -> tuple[Definition, ...]:
    """The named definitions of the JSON Schema, in its order."""
    definitions = json.loads(source("deltacloud.schema.json"))["$defs"]
    pattern = r"#/\$defs/([\w]+)"
    return tuple(
        Definition(name, _linked(json.dumps(value, indent=2), pattern, "j-", definitions))
        for name, value in definitions.items()
    )


def _linked(text: str, pattern: str, prefix: str, known: Mapping[str, Any]) -> Markup:
    """A text in which names that the pattern finds are links to their definitions."""
    parts, end = [Markup()], 0
    for match in re.finditer(pattern, text):
        if match[1] in known:
            link = Markup('<a href="#{}">{}</a>').format(prefix + match[1], match[1])
            parts += [escape(text[end : match.start(1)]), link]
            end = match.end(1)
    return Markup().join([*parts, escape(text[end:])])
