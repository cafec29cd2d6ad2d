"""Is a document what the formal description says? The one door to XSD and JSON Schema.

Documents have the names that operations.toml uses: "instances", "instance", "run", "error",
"api", "states" ...
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources

from lxml import etree

from tck.schemas import xsd
from tck.schemas.json_walk import Finding, JsonJudge, Key
from tck.schemas.operations import API
from tck.schemas.problem import Problem
from tck.schemas.xml_walk import XmlJudge

__all__ = ["DOCUMENTS", "Problem", "json_problems", "xml_problems"]

# List documents and the name of their members.
_MEMBERS = {c.document: c.singular for c in API.collections.values() if c.parent is None}
_UNWRAPPED = ("drivers", "states")  # JSON lists that start with their members

DOCUMENTS = frozenset({*xsd.load().roots, "run"})
"""Names of the documents that both schemas describe."""


@cache
def _xml_judge(schema: str) -> XmlJudge:
    return XmlJudge(xsd.load(schema))


@cache
def _json_judge() -> JsonJudge:
    text = resources.files(__package__).joinpath("deltacloud.schema.json").read_text("utf-8")
    return JsonJudge(json.loads(text))


def xml_problems(root: etree._Element, document: str) -> list[Problem]:
    """Everything in which an XML document departs from deltacloud.xsd.

    A wrong root element is one problem and ends the judgement.
    """
    if document == "run":
        return _xml_judge("deltacloud-run.xsd").problems(root, "instance", None)
    return _xml_judge("deltacloud.xsd").problems(root, document, _MEMBERS.get(document))


def json_problems(value: object, document: str) -> list[Problem]:
    """Everything in which a parsed JSON document departs from deltacloud.schema.json.

    "instance" may be wrapped, bare or both (stance 19): whether the answer at hand may be
    bare depends on the request and is left to the caller.
    """
    return [_problem(f, document) for f in _json_judge().findings(value, document)]


def _problem(finding: Finding, document: str) -> Problem:
    keys = finding.keys
    part = keys if finding.missing is None else (*keys, finding.missing)
    return Problem(
        _json_path(keys, numbers=True) or "$",
        _json_path(_from_member(part, document), numbers=False),
        finding.kind,
        finding.expected,
        finding.got,
    )


def _from_member(keys: tuple[Key, ...], document: str) -> tuple[Key, ...]:
    """The keys from the object on, whether it is in a list, wrapped or bare."""
    if (member := _MEMBERS.get(document)) is not None:
        outside = 1 if document in _UNWRAPPED else 2
        return (member, *keys[outside:]) if len(keys) >= outside else (document,)
    wrapper = "instance" if document == "run" else document
    return keys if keys[:1] == (wrapper,) else (document, *keys)


_PLAIN = re.compile(r"[A-Za-z_]\w*")


def _json_path(keys: tuple[Key, ...], *, numbers: bool) -> str:
    path = ""
    for key in keys:
        if isinstance(key, int):
            path += f"[{key}]" if numbers else "[]"
        elif _PLAIN.fullmatch(key):
            path += f".{key}"
        else:
            path += f"[{json.dumps(key)}]"
    return path.removeprefix(".")
