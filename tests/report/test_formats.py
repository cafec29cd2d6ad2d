"""Every output form can be read back, and says what the result says."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from endpoint.exchanges import exchange
from jsonschema import Draft202012Validator
from lxml import etree

import tck.schemas
from tck import requirements
from tck.endpoint import disk
from tck.endpoint.redaction import Redactor
from tck.report import (
    TRANSCRIPT,
    allure_results,
    badge,
    html,
    json_report,
    junit,
    markdown,
    transcript,
    write,
)
from tck.report.result import Result, Status
from tck.report.transcript import TranscriptPart
from tck.requirements.levels import LevelOutcome, Standing
from tck.run.outlets import redact

from .made import MUST, finding, ledger_with, nasty, result_of, rich

SCHEMA = json.loads((Path(tck.schemas.__file__).parent / "results.schema.json").read_text("utf-8"))
# ---------------------------------------------------------------- results.json


def closed(schema: Any) -> Any:
    """The schema, admitting only the members it describes."""
    if isinstance(schema, list):
        return [closed(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(inner) for name, inner in schema.items()}
    # a part of a condition says nothing of other members
    if schema.get("type") == "object" and "additionalProperties" not in schema:
        found["additionalProperties"] = False
    return found


def test_the_schema_is_one() -> None:
    assert SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(SCHEMA)


def test_results_have_the_published_form(result: Result) -> None:
    value = json.loads(json.dumps(json_report.to_json(result)))
    errors = list(Draft202012Validator(SCHEMA).iter_errors(value))
    assert errors == []


def test_every_member_is_described(result: Result) -> None:
    value = json.loads(json.dumps(json_report.to_json(result)))
    errors = [e.message for e in Draft202012Validator(closed(SCHEMA)).iter_errors(value)]
    assert errors == []


def _required(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """(path to the object, member) of every member that the schema demands."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]] | schema
    for name in schema.get("required", ()):
        yield path, name
    for name, inner in schema.get("properties", {}).items():
        yield from _required(inner, (*path, name))
    for inner in schema.get("oneOf", ()):
        yield from _required(inner, path)
    if "items" in schema:
        yield from _required(schema["items"], (*path, "*"))


def _first(value: Any, path: tuple[str, ...]) -> Any:
    """The first object at a path, None if there is none."""
    if not path:
        return value if isinstance(value, dict) else None
    head, *rest = path
    inner = value if head == "*" else [value.get(head)]
    found = (_first(v, tuple(rest)) for v in inner or [] if v is not None)
    return next((f for f in found if f is not None), None)


@pytest.mark.parametrize(("path", "name"), list(_required(SCHEMA)))
def test_a_missing_member_is_noticed(path: tuple[str, ...], name: str) -> None:
    value = json.loads(json.dumps(json_report.to_json(rich())))
    holder = _first(value, path)
    del holder[name]
    assert list(Draft202012Validator(SCHEMA).iter_errors(value))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"status": "passed"}, "fail"),
        ({"findings": []}, "fail"),
        ({"reason": ""}, "inconclusive"),
        ({"examined": 1}, "inconclusive"),
        ({"examined": -1}, "pass"),
        ({"level": "must"}, "pass"),
        ({"id": "HTTP-1"}, "pass"),
    ],
)
def test_a_wrong_requirement_is_noticed(change: dict[str, Any], where: str) -> None:
    value = json.loads(json.dumps(json_report.to_json(rich())))
    entry = next(e for e in value["requirements"] if e["status"] == where)
    entry.update(change)
    assert list(Draft202012Validator(SCHEMA).iter_errors(value))


def test_results_say_what_the_result_says() -> None:
    result = rich()
    value = json_report.to_json(result)
    assert value["summary"]["verdict"] == str(result.verdict)
    statuses = Counter(entry["status"] for entry in value["requirements"])
    assert statuses == value["summary"]["counts"]
    assert len(statuses) == len(Status)
    assert [entry["id"] for entry in value["requirements"]] == list(requirements.load())
    failed = next(entry for entry in value["requirements"] if entry["id"] == MUST)
    assert failed["findings"][0]["exchange"]["request"]["method"] == "POST"
    assert value["summary"]["stale_deviations"] == ["DC-HTTP-001"]
    assert value["capabilities"]["features"]["instances.user_name"]["constraints"] == {
        "max_length": "20"
    }


# ---------------------------------------------------------------- JUnit


def test_junit_counts_agree_with_its_cases(result: Result, tmp_path: Path) -> None:
    (tmp_path / "junit.xml").write_bytes(junit.content(result))
    root = etree.parse(tmp_path / "junit.xml").getroot()
    cases = len(result.outcomes) + len(result.scenarios)
    assert len(root.findall("testsuite/testcase")) == cases
    for suite in root.findall("testsuite"):
        for attribute, path in (
            ("tests", "testcase"),
            ("failures", "testcase/failure"),
            ("errors", "testcase/error"),
            ("skipped", "testcase/skipped"),
        ):
            assert int(suite.get(attribute, "")) == len(suite.findall(path)), attribute
    counts = result.counts
    skipped = counts[Status.INCONCLUSIVE] + counts[Status.NOT_APPLICABLE] + counts[Status.EXCLUDED]
    bad = sum(not scenario.is_good for scenario in result.scenarios)
    assert len(root.findall("*/*/failure")) == counts[Status.FAIL] + bad
    assert len(root.findall("*/*/error")) == counts[Status.KIT_ERROR]
    assert len(root.findall("*/*/skipped")) == skipped


def test_junit_tells_the_finding() -> None:
    root = junit.tree(rich())
    failure, scenario = root.findall("*/testcase/failure")
    assert "DC-CLI-047" in scenario.get("message", "")
    assert "expected  201" in (failure.text or "")
    assert "curl -i -X POST" in (failure.text or "")
    case = failure.getparent()
    assert case is not None
    properties = {p.get("name"): p.get("value") for p in case.iterfind("properties/property")}
    assert (properties["requirement"], properties["status"]) == (MUST, "fail")


# ---------------------------------------------------------------- files


def write_all(result: Result, folder: Path) -> dict[str, Path]:
    """Write a report as a run does: the transcript first."""
    disk.prepare(folder)
    if result.transcript:
        TranscriptPart(folder, "", Redactor()).observe(exchange("/keys", "<keys/>"))
        transcript.join(folder)
    return {path.name: path for path in write.write(result, folder)}


def test_write_makes_the_folder_and_every_file(result: Result, tmp_path: Path) -> None:
    paths = write_all(result, tmp_path / "new" / "folder")
    made = ["results.json", "junit.xml", "report.html", "summary.md", "badge.svg"]
    made += [TRANSCRIPT, "transcript.har"] if result.transcript else []
    assert list(paths) == made
    assert all(path.stat().st_size > 200 for path in paths.values())


def test_reports_can_be_written_twice(tmp_path: Path) -> None:
    write_all(rich(), tmp_path)
    write_all(result_of(ledger_with(finding())), tmp_path)
    value = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert value["summary"]["verdict"] == "not conformant"


def test_results_read_back_are_the_results(result: Result) -> None:
    content = json_report.content(result)
    assert json_report.content(json_report.from_json(json.loads(content))) == content


def test_the_report_follows_from_the_results(result: Result, tmp_path: Path) -> None:
    """Whoever has results.json can tell whether a report.html is the one that belongs to it."""
    paths = write_all(result, tmp_path)
    value = json.loads(paths["results.json"].read_text("utf-8"))
    page = html.render(json_report.from_json(value))
    assert page.encode() == paths["report.html"].read_bytes()


# ---------------------------------------------------------------- Markdown, badge


def test_summary_tells_the_result() -> None:
    text = "\n".join(markdown.lines(rich()))
    for said in (
        "# Deltacloud TCK: kit error (selection)",
        "| Core | not met |",
        f"- **{MUST}** MUST: ",
        "Left behind: keys k1",
        "Stale deviation 2 (DC-HTTP-001)",
    ):
        assert said in text, said


def test_nothing_an_endpoint_says_is_markup_in_the_summary() -> None:
    text = "\n".join(markdown.lines(nasty()))
    assert "<script>" not in text.replace("\\<", "")
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text) is None
    assert markdown.plain("a|b*c\n`d`") == r"a\|b\*c \`d\`"


def test_badge_is_a_picture_with_a_title(result: Result, tmp_path: Path) -> None:
    (tmp_path / "badge.svg").write_bytes(badge.content(result))
    root = etree.parse(tmp_path / "badge.svg").getroot()
    [title] = root.findall("{*}title")
    texts = [text.text for text in root.findall("{*}text")]
    assert (title.text or "").startswith("Deltacloud 2026.12: ")
    assert texts == (title.text or "").split(": ")


def level(name: str, standing: Standing) -> LevelOutcome:
    return LevelOutcome(name, name.capitalize(), standing, "", 1, 1)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([level("core", Standing.MET), level("full", Standing.MET)], "Full"),
        ([level("core", Standing.MET), level("network", Standing.PARTIAL)], "Core, Network (part)"),
        ([level("core", Standing.NOT_MET), level("full", Standing.NOT_MET)], "not conformant"),
    ],
)
def test_badge_names_what_is_certified(found: list[LevelOutcome], said: str) -> None:
    result = result_of(ledger_with(finding()))
    result.__dict__["levels"] = tuple(found)
    assert badge.text_and_colour(result)[0] == said


def test_allure_results_read_back(result: Result, tmp_path: Path) -> None:
    allure_results.write(result, tmp_path, redact)
    found = [json.loads(path.read_text("utf-8")) for path in tmp_path.glob("*-result.json")]
    assert sorted(f["historyId"] for f in found) == sorted(requirements.load())
    statuses = Counter(f["status"] for f in found)
    counts = result.counts
    assert statuses["failed"] == counts[Status.FAIL]
    assert statuses["broken"] == counts[Status.KIT_ERROR]
    assert statuses["passed"] == counts[Status.PASS] + counts[Status.WARN]
    by_id = {f["historyId"]: f for f in found}
    for outcome in result.outcomes:
        told = by_id[outcome.requirement.id]
        labels = {label["name"]: label["value"] for label in told["labels"]}
        assert labels["severity"] == allure_results.severity([outcome.requirement])
        assert len(told.get("steps", ())) == len(outcome.findings)
        assert _category(told, tmp_path) == (outcome.status is not Status.PASS)


def _category(told: dict[str, Any], folder: Path) -> int:
    """How many categories a result falls into, as Allure sorts it; its attachments are there."""
    for step in told.get("steps", ()):
        for attachment in step["attachments"]:
            assert (folder / attachment["source"]).stat().st_size
    message = told["statusDetails"].get("message", "")
    return sum(
        told["status"] in category["matchedStatuses"]
        and bool(re.fullmatch(category["messageRegex"], message))
        for category in json.loads((folder / "categories.json").read_text("utf-8"))
    )


def test_allure_links_to_the_clause_of_an_rfc(tmp_path: Path) -> None:
    allure_results.write(result_of(ledger_with(finding())), tmp_path, redact)
    found = [json.loads(path.read_text("utf-8")) for path in tmp_path.glob("*-result.json")]
    [created] = [f for f in found if f["historyId"] == "DC-HTTP-029"]
    assert "https://www.rfc-editor.org/rfc/rfc9110#section-15.3.2" in {
        link["url"] for link in created["links"]
    }


def test_commands_in_reports_are_shell_safe() -> None:
    """The text of a finding cannot break out of the curl line."""
    x = exchange("/keys/a'b", method="POST", form=b"name=$(touch /nowhere)'`", fields={"A": "b"})
    [kept] = ledger_with(finding(), x=x).findings.values()
    told = subprocess.run(
        ["sh", "-c", f'curl() {{ printf "%s\\n" "$@"; }}; {kept.curl}'],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert told[-2:] == ["name=$(touch /nowhere)'`", "http://127.0.0.1:3001/api/keys/a'b"]


def test_schema_is_not_changed_by_being_closed() -> None:
    before = copy.deepcopy(SCHEMA)
    closed(SCHEMA)
    assert before == SCHEMA
