"""What Allure is told of checks: what they judge, asked and found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .running import KIT, Start, run, served

Told = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Results of checks by their names, of a server whose keys are of a wrong type."""
    folder = tmp_path_factory.mktemp("allure")
    with served("--fault", "key-type-ssh") as server:
        arguments = ("--endpoint", server.url, "--user", "mockuser", "--password", "mockpassword")
        more = ("-k", "both_formats or xml_and_json_of", "--alluredir", str(folder / "a"))
        link = {"PYTEST_ADDOPTS": "--allure-link-pattern=tms:https://tck.example/{}"}
        ended = run(
            Start((*KIT, "run", *arguments, *more, "--report-dir", str(folder / "r")), link)
        )
    assert ended.code == 1, ended.told
    found = [json.loads(p.read_text("utf-8")) for p in (folder / "a").glob("*-result.json")]
    return {result["name"]: result | {"folder": folder / "a"} for result in found}


def test_a_check_that_failed_shows_what_it_saw(told: Told) -> None:
    failed = told["test_xml_and_json_of_a_member[keys]"]
    assert failed["status"] == "failed"
    labels = {(label["name"], label["value"]) for label in failed["labels"]}
    assert {("severity", "critical"), ("tag", "DC-DOC-016"), ("feature", "Documents")} <= labels
    assert failed["links"] == [
        {"type": "tms", "url": "https://tck.example/DC-DOC-016", "name": "DC-DOC-016"}
    ]
    steps = [step["name"] for step in failed["steps"]]
    assert "GET /api/keys/test-key: 200" in steps
    [attached] = [a for a in failed["attachments"] if a["name"] == "DC-DOC-016: exchange"]
    text = (failed["folder"] / attached["source"]).read_text("utf-8")
    assert text.startswith("GET /api/keys/test-key HTTP/1.1\n")
    assert "Authorization: Basic [redacted]" in text


def test_a_check_that_passed_tells_its_requests(told: Told) -> None:
    passed = told["test_xml_and_json_of_a_member[realms]"]
    assert passed["status"] == "passed"
    assert any(step["name"].startswith("GET /api/realms/") for step in passed["steps"])
    assert "attachments" not in passed


def test_no_password_is_written_down(told: Told) -> None:
    folder: Path = next(iter(told.values()))["folder"]
    secrets = (b"mockpassword", b"bW9ja3VzZXI6bW9ja3Bhc3N3b3Jk")
    for path in folder.iterdir():
        assert not any(secret in path.read_bytes() for secret in secrets), path
