"""The files of tck/schemas are consistent: generated ones are up to date, nothing is unused."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import tck.schemas
from tck.schemas import xsd
from tck.schemas.documents import DOCUMENTS
from tck.schemas.generate import FILES
from tck.schemas.operations import API

from .recorded import documents

FOLDER = Path(tck.schemas.__file__).parent
DEFINITIONS = json.loads((FOLDER / "deltacloud.schema.json").read_text("utf-8"))["$defs"]


@pytest.mark.parametrize("name", FILES)
def test_generated_files_are_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_bytes() == FILES[name](), "python -m tck.schemas.generate"


def test_operations_and_schemas_name_the_same_documents() -> None:
    named = {op.document for op in API.operations.values()} - {"empty", "bytes", "html"}
    assert named | {"error"} == DOCUMENTS
    assert {name for name in DEFINITIONS if name.islower()} == DOCUMENTS


def test_every_type_of_the_xsd_is_used() -> None:
    text = "".join(
        (FOLDER / n).read_text("utf-8") for n in ("deltacloud.xsd", "deltacloud-run.xsd")
    )
    defined = set(re.findall(r"<xs:(?:complexType|simpleType) name=\"(\w+)\"", text))
    assert defined == set(re.findall(r"(?:type|base)=\"(\w+)\"", text))


def test_every_definition_of_the_json_schema_is_used() -> None:
    used = set(re.findall(r"#/\$defs/(\w+)", json.dumps(DEFINITIONS)))
    assert {name for name in DEFINITIONS if not name.islower()} == used


def test_the_json_schema_is_valid() -> None:
    schema = json.loads((FOLDER / "deltacloud.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)


def _keywords(schema: dict[str, Any]) -> Iterator[str]:
    for keyword, value in schema.items():
        yield keyword
        inner = value.values() if keyword == "properties" else [value]
        for subschema in value if keyword == "allOf" else inner:
            if isinstance(subschema, dict) and keyword != "dependentRequired":
                yield from _keywords(subschema)


def test_the_json_schema_has_no_keyword_whose_violation_lacks_words() -> None:
    explained = {"type", "enum", "const", "pattern", "minimum", "minItems", "required", "not"}
    explained |= {"dependentRequired", "properties", "additionalProperties", "items", "$ref"}
    explained |= {"allOf", "if", "then", "else", "description", "$comment"}
    assert {k for schema in DEFINITIONS.values() for k in _keywords(schema)} == explained


def test_what_the_reader_of_the_xsd_does_not_know_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xsd, "_UNDERSTOOD", xsd._UNDERSTOOD - {"all"})
    with pytest.raises(ValueError, match="all"):
        xsd.load.__wrapped__("deltacloud.xsd")


@pytest.mark.skipif(shutil.which("xmllint") is None, reason="xmllint is not installed")
@pytest.mark.parametrize(
    ("grammar", "recorded", "wrong"),
    [
        ("deltacloud.rng", "instances.index.xml", ("RUNNING", "running")),
        ("deltacloud-run.rng", "x.inst.run.xml", ("command>", "order>")),
    ],
)
def test_xmllint_gives_the_verdict_with_the_derived_grammar(
    tmp_path: Path, grammar: str, recorded: str, wrong: tuple[str, str]
) -> None:
    (body,) = (d.body for d in documents("application/xml") if d.id == recorded)
    answer = tmp_path / "answer.xml"
    for text, status in ((body, 0), (body.replace(*wrong), 3)):
        answer.write_text(text, "utf-8")
        command = ["xmllint", "--noout", "--relaxng", str(FOLDER / grammar), str(answer)]
        assert subprocess.run(command, capture_output=True, check=False).returncode == status
