"""The judges agree with validators that they do not use.

XML: xml_problems, which walks the document; xmlschema, an XSD 1.1 validator, on deltacloud.xsd;
and libxml2 on the derived RELAX NG. JSON: json_problems, whose verdict is that of jsonschema-rs,
and jsonschema. Judged are the recorded documents, and each of them changed in one place
(mutants.py), some 12,000 documents in all.
"""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from jsonschema import Draft202012Validator
from lxml import etree

import tck.schemas
from tck.schemas.documents import json_problems, xml_problems

from .mutants import JsonMutant, XmlMutant, json_mutants, xml_mutants
from .recorded import documents

FOLDER = Path(tck.schemas.__file__).parent

# xmlschema stumbles over a comment inside text, and takes a no-break space for white space,
# which it is not in XML: there libxml2 alone is the second opinion.
XMLSCHEMA_IS_WRONG = ("a comment", "a no-break space")


def _suffix(document: str) -> str:
    return "-run" if document == "run" else ""


@cache
def _xsd11(suffix: str) -> xmlschema.XMLSchema11:
    return xmlschema.XMLSchema11(FOLDER / f"deltacloud{suffix}.xsd")


@cache
def _relaxng(suffix: str) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(FOLDER / f"deltacloud{suffix}.rng"))


@cache
def _jsonschema(document: str) -> Draft202012Validator:
    schema: dict[str, Any] = json.loads((FOLDER / "deltacloud.schema.json").read_text("utf-8"))
    return Draft202012Validator({**schema, "$ref": f"#/$defs/{document}"})


def _xml_verdicts(mutant: XmlMutant) -> set[bool]:
    suffix = _suffix(mutant.document)
    verdicts = {
        not xml_problems(mutant.root, mutant.document),
        _relaxng(suffix).validate(mutant.root),
    }
    if mutant.change not in XMLSCHEMA_IS_WRONG:
        verdicts.add(_xsd11(suffix).is_valid(mutant.root))
    return verdicts


def _json_verdicts(mutant: JsonMutant) -> set[bool]:
    problems = json_problems(mutant.value, mutant.document)
    assert all(p.got != "one that it refuses" for p in problems), "refused without an explanation"
    return {not problems, _jsonschema(mutant.document).is_valid(mutant.value)}


def test_on_changed_xml() -> None:
    verdicts = [(m.change, m.part, _xml_verdicts(m)) for m in xml_mutants()]
    assert [v for v in verdicts if len(v[2]) > 1] == []
    counts = Counter(v for _, _, (v,) in verdicts)
    assert counts[True] > 2000, counts
    assert counts[False] > 2000, counts


def test_on_changed_json() -> None:
    verdicts = [(m.change, m.part, _json_verdicts(m)) for m in json_mutants()]
    assert [v for v in verdicts if len(v[2]) > 1] == []
    counts = Counter(v for _, _, (v,) in verdicts)
    assert counts[True] > 1000, counts
    assert counts[False] > 1000, counts


def test_on_recorded_xml() -> None:
    for recorded in documents("application/xml"):
        try:
            root = etree.fromstring(recorded.body.encode())
        except etree.XMLSyntaxError:
            continue
        mutant = XmlMutant("", recorded.document, "", root)
        assert len(_xml_verdicts(mutant)) == 1, recorded.id


def test_on_recorded_json() -> None:
    for recorded in documents("application/json"):
        mutant = JsonMutant("", recorded.document, "", json.loads(recorded.body))
        assert len(_json_verdicts(mutant)) == 1, recorded.id


@pytest.mark.parametrize("root", ["<nothing/>", "<realms xmlns='urn:example:vendor'/>"])
def test_on_a_wrong_root(root: str) -> None:
    assert _xml_verdicts(XmlMutant("", "realms", "", etree.fromstring(root))) == {False}
