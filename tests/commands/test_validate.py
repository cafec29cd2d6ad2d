"""validate: the recorded traffic of the original, with and without its known deviations."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from endpoint.exchanges import RECORDINGS
from ruamel.yaml import YAML

from tck import requirements
from tck.cli import main
from tck.report.deviations import CONDITIONS

KNOWN = Path(__file__).parents[2] / "docs" / "known-deviations" / "apache-deltacloud-1.1.3.yaml"
FILES = [str(path) for path in RECORDINGS]


def entries() -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = YAML(typ="safe").load(KNOWN.read_text("utf-8"))["deviations"]
    return loaded


def recorded() -> list[dict[str, Any]]:
    """Those that the recordings show; what only a live endpoint shows comes last in the file."""
    before, _, _ = KNOWN.read_text("utf-8").partition("what only a live endpoint shows")
    return entries()[: before.count("- requirement:")]


def validate(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and results of one validation of both recordings."""
    results = folder / "results.json"
    code = main(["validate", *FILES, "--json", str(results), *arguments])
    return code, json.loads(results.read_text("utf-8"))


def excusing(folder: Path, known: list[dict[str, Any]]) -> str:
    path = folder / "known.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump({"deviations": known}, file)
    return str(path)


def test_the_original_is_conformant_but_for_what_is_known(tmp_path: Path) -> None:
    code, results = validate(tmp_path, "--deviations", str(KNOWN))
    counts = results["summary"]["counts"]
    assert code == 0
    assert results["summary"]["verdict"] == "conformant"
    assert not counts.get("fail")
    assert not counts.get("warn")
    assert results["summary"]["stale_deviations"] == []


def test_without_excuses_it_is_not(tmp_path: Path) -> None:
    code, results = validate(tmp_path)
    assert code == 1
    assert results["summary"]["verdict"] == "not conformant"
    found = {r["id"] for r in results["requirements"] if r["status"] in ("fail", "warn")}
    assert found == {entry["requirement"] for entry in recorded()}


def test_every_excuse_is_needed(tmp_path: Path) -> None:
    """Each entry covers a finding: taking it away shows that finding again."""
    _, results = validate(tmp_path, "--deviations", str(KNOWN))
    used = {f["deviation"] for r in results["requirements"] for f in r["findings"]}
    assert used == set(range(1, len(recorded()) + 1))


@pytest.mark.parametrize("number", [0, 7, 20, -1])
def test_what_is_no_longer_excused_is_found(number: int, tmp_path: Path) -> None:
    known = recorded()
    taken = known.pop(number)
    code, results = validate(tmp_path, "--deviations", excusing(tmp_path, known))
    open_ = {r["id"] for r in results["requirements"] if r["status"] in ("fail", "warn")}
    assert open_ == {taken["requirement"]}
    level = requirements.load()[taken["requirement"]].level
    assert code == (1 if level == "MUST" else 0)


def test_an_excuse_for_what_is_right_is_stale(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    excuse = entries()[0] | {"requirement": "DC-LNK-006"}
    for narrowing in CONDITIONS:
        excuse.pop(narrowing, None)
    path = excusing(tmp_path, [*entries(), excuse])
    code, results = validate(tmp_path, "--deviations", path)
    assert code == 1
    assert results["summary"]["stale_deviations"] == ["DC-LNK-006"]
    assert "Stale deviations" in capsys.readouterr().out


def test_excuses_name_defects_and_say_what_they_are() -> None:
    for entry in entries():
        assert entry["reason"].strip().endswith("."), entry
        defect = entry["defect"]
        assert defect.startswith("N") or defect in requirements.sources(), defect


def test_an_excuse_is_no_wider_than_a_requirement_of_its_own_makes_it() -> None:
    """Excuses of one requirement differ in what they cover, or one hides the other."""
    seen = set()
    for entry in entries():
        where = tuple(str(entry.get(name)) for name in CONDITIONS)
        assert (entry["requirement"], where) not in seen, entry
        seen.add((entry["requirement"], where))


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.jsonl", None, "No such file"),
        ("a.jsonl", '{"id": 1, "request": {}, "response": {}}', "a.jsonl:1: not an exchange"),
        ("a.xml", "<keys>", "not well-formed XML"),
        ("a.html", "<html/>", "is not the root of a document of the API"),
        ("a.json", "{", "neither JSON nor JSON Lines"),
        ("a.har", "{}", "not a HAR file"),
        ("a.txt", "", "the file is empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_line(
    name: str, content: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content, "utf-8")
    assert main(["validate", str(path)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("deltacloud-tck validate: ")
    assert said in told.err
    assert len(told.err.splitlines()) == 1


def test_a_deviations_file_that_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "known.yaml").write_text("deviations: 5", "utf-8")
    assert main(["validate", *FILES, "--deviations", str(tmp_path / "known.yaml")]) == 2
    assert "needs a list named deviations" in capsys.readouterr().err


def test_a_report_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.xml").write_text("<keys/>", "utf-8")
    there_is_none = str(tmp_path / "none" / "results.json")
    assert main(["validate", str(tmp_path / "a.xml"), "--json", there_is_none]) == 2
    assert there_is_none in capsys.readouterr().err


def test_single_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right = tmp_path / "right.xml"
    right.write_text("<keys/>", "utf-8")
    assert main(["validate", str(right)]) == 0
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"keys": [{"id": "k", "href": "/api/keys/k"}]}', "utf-8")
    assert main(["validate", str(wrong)]) == 1
    assert "DC-DOC-007" in capsys.readouterr().out


def test_another_mount_point(tmp_path: Path) -> None:
    lines = (line for path in RECORDINGS[1:] for line in path.read_text("utf-8").splitlines())
    line = next(line for line in lines if '"id":"api.xml"' in line)
    moved = tmp_path / "moved.jsonl"
    moved.write_text(re.sub("(?<!<)/api", "/cloud/v2", line), "utf-8")
    results = tmp_path / "results.json"
    main(["validate", str(moved), "--base", "/cloud/v2/", "--json", str(results)])
    examined = {
        r["id"]: r["examined"] for r in json.loads(results.read_text("utf-8"))["requirements"]
    }
    assert examined["DC-API-003"] == 1
    assert main(["validate", str(moved)]) == 3  # nothing of it is below /api


def test_what_is_not_judged_of_a_browser_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fields = [{"name": "Accept", "value": "application/xml"}]
    sent = {"method": "GET", "url": "http://h/api/keys", "headers": fields}
    aborted = {"request": sent, "response": {"status": 0, "headers": [], "content": {}}}
    log = {"log": {"entries": [aborted, aborted]}}
    (tmp_path / "a.har").write_text(json.dumps(log), "utf-8")
    assert main(["validate", str(tmp_path / "a.har")]) == 3
    told = capsys.readouterr().out
    assert "2 of 2 exchanges not judged: no answer was recorded (status 0)" in told
