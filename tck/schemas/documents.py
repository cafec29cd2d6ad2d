r"""Is a document what the formal description says? The one door to XSD and JSON Schema.

Documents have the names that operations.toml uses: "instances", "instance", "run", "error",
"api", "states" ...

XML is judged by the kit itself, walking the document beside the types of the XSD (`xml_walk`);
docs/schemas.md has the reasons and figures. JSON is judged by two libraries. jsonschema-rs says
whether a document is right; it takes a few microseconds, so every answer of a run can be judged.
Only what it refuses goes through jsonschema, a hundred times as slow, which explains why
(`json_words`). Both must come to one verdict. Where they do not, that of jsonschema-rs counts, and
the problem is the whole document; an example is U+FEFF, white space for the regular expressions of
ECMA 262 but not for Python's. What jsonschema-rs cannot read at all, because Rust has no strings
with lone surrogates ("\ud800" in JSON), is left to jsonschema.
"""

from __future__ import annotations

from lxml import etree

from tck.schemas import json_verdict, xml_walk, xsd
from tck.schemas.operations import API
from tck.schemas.problem import Problem

__all__ = ["DOCUMENTS", "Problem", "json_problems", "xml_problems"]

# List documents and the name of their members.
_MEMBERS = {c.document: c.singular for c in API.collections.values() if c.parent is None}

DOCUMENTS = frozenset({*xsd.load().roots, "run"})
"""Names of the documents that both schemas describe."""


def xml_problems(root: etree._Element, document: str) -> list[Problem]:
    """Everything in which an XML document departs from deltacloud.xsd, up to `problem.MOST`.

    A wrong root element is one problem and ends the judgement.
    """
    if document == "run":
        return xml_walk.problems(root, xsd.load("deltacloud-run.xsd"), "instance", None)
    return xml_walk.problems(root, xsd.load(), document, _MEMBERS.get(document))


def json_problems(value: object, document: str) -> list[Problem]:
    """Everything in which a parsed JSON document departs from deltacloud.schema.json.

    Up to `problem.MOST`. "instance" may be wrapped, bare or both (stance 19): whether the answer
    at hand may be bare depends on the request and is left to the caller.
    """
    right = json_verdict.is_valid(value, document)
    if right:
        return []
    from tck.schemas import json_words  # noqa: PLC0415 - takes 0.2 s to load

    problems = json_words.problems(value, document, _MEMBERS.get(document))
    if right is None or problems:
        return problems
    expected, got = "a document that the JSON Schema accepts", "one that it refuses"
    return [Problem("$", document, "value", expected, got)]
