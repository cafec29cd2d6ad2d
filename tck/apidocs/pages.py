"""The pages of the API reference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

from tck import __version__, requirements
from tck.apidocs import documents
from tck.apidocs.examples import examples
from tck.apidocs.judging import Judged, applicability, judged
from tck.endpoint import disk
from tck.endpoint.disk import PUBLIC
from tck.report.rendering import environment
from tck.requirements import levels
from tck.schemas.operations import API, Operation

# Files of the formal description that are copied into the site, and what they are.
FILES = {
    "deltacloud.xsd": "XML Schema 1.1 of all documents",
    "deltacloud.rng": "the same as RELAX NG, for tools without XSD 1.1",
    "deltacloud-run.xsd": "XML Schema of the answer to running a command",
    "deltacloud-run.rng": "the same as RELAX NG",
    "deltacloud.schema.json": "JSON Schema 2020-12 of all documents",
    "openapi.json": "OpenAPI 3.1",
}


@cache
def _environment() -> Environment:
    made = environment("tck.apidocs")
    made.filters |= {"code": _code, "applicability": applicability}
    made.globals |= {
        "api": API,
        "version": __version__,
        "xml_elements": documents.xml_elements(),
        "json_names": {definition.name for definition in documents.json_definitions()},
        "on": _on,
        "answers": _answers,
        "examples": examples(),
    }
    return made


def _code(text: str) -> Markup:
    """Text as HTML, with `this` as code."""
    parts = str(escape(text)).split("`")
    return Markup("".join(f"<code>{p}</code>" if n % 2 else p for n, p in enumerate(parts)))


def _on(operation: str = "", collection: str = "") -> list[Judged]:
    """Requirements on an operation, or on a collection as a whole."""
    return [
        j
        for j in judged().values()
        if (operation and j.requirement.operation == operation)
        or (collection and not j.requirement.operation and _collection_of(j) == collection)
    ]


def _collection_of(judged_: Judged) -> str | None:
    feature = (judged_.requirement.feature or "").partition(".")[0]
    return feature or judged_.requirement.collection


@cache
def _openapi() -> Mapping[str, Any]:
    description: Mapping[str, Any] = json.loads(documents.source("openapi.json"))
    return description


def _answers(operation: Operation) -> list[tuple[str, str]]:
    """Status codes of an operation with their meaning, from openapi.json."""
    method = _openapi()["paths"][operation.path or "/"][operation.method.lower()]
    return [
        (status, _resolved(answer)["description"]) for status, answer in method["responses"].items()
    ]


def _resolved(value: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in value:
        return value
    at: Any = _openapi()
    for step in value["$ref"].removeprefix("#/").split("/"):
        at = at[step]
    resolved: Mapping[str, Any] = at
    return resolved


def pages() -> Mapping[str, str]:
    """Every page by file name."""
    templates = _environment()
    made = {"index.html": templates.get_template("index.html.j2").render(files=FILES)}
    for collection in API.collections.values():
        page = templates.get_template("collection.html.j2")
        made[f"{collection.name}.html"] = page.render(collection=collection)
    made["documents.html"] = templates.get_template("documents.html.j2").render(
        types=documents.xml_types(), definitions=documents.json_definitions()
    )
    areas: dict[str, list[Judged]] = {}
    for entry in judged().values():
        areas.setdefault(entry.requirement.area, []).append(entry)
    made["requirements.html"] = templates.get_template("requirements.html.j2").render(
        areas=areas, sources=requirements.sources(), set=levels.load()
    )
    return made


def write(folder: Path) -> None:
    """Write the site into a folder: pages, and files of the description. Raises Unwritable."""
    with disk.telling(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        disk.write(folder / name, text.encode(), PUBLIC)
    for name in FILES:
        disk.write(folder / name, documents.source(name), PUBLIC)
