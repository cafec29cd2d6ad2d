"""A client is certified as an endpoint is: what it sent is judged again."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tck.certification import examination, rejudging, submission
from tck.certification.submission import Refused
from tck.cli import main
from tck.report import json_report
from tck.report.result import Result, Status
from tck.requirements import levels
from tck.scenarios.scenario import everything

from .submissions import CLAIM, KEY

GET = "import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1], headers={HEADERS})).read()"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a client that only reads the entry point, in every scenario."""
    folder = tmp_path_factory.mktemp("client") / "report"
    script = GET.replace("HEADERS", "'Accept': 'application/xml'")
    options = ["client", "--scenario", "all", "--report-dir", str(folder), "--"]
    assert main([*options, sys.executable, "-c", script, "{url}"]) == 0
    return folder


def result_of(folder: Path) -> Result:
    return json_report.from_json(json.loads((folder / "results.json").read_text()))


def test_the_set_demands_the_scenarios_of_all() -> None:
    assert list(levels.load().levels["client"].scenarios) == everything()


def test_a_client_is_certified(report: Path, tmp_path: Path) -> None:
    submission.sign(report, tmp_path / "submission", KEY, CLAIM)
    certificate = submission.verify(tmp_path / "submission", lambda *_: ("us", KEY.public_key()))
    assert [level.name for level in certificate.levels] == ["client"]
    assert "client --scenario all" in (tmp_path / "submission" / "README.md").read_text()


def test_no_scenario_may_be_left_out(report: Path) -> None:
    value = json.loads((report / "results.json").read_text())
    value["scenarios"] = [s for s in value["scenarios"] if s["name"] != "led-away"]
    reasons = examination.grounds(value, submission._today())
    assert "the client was not run in the scenario led-away" in reasons


def test_some_scenarios_certify_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    script = GET.replace("HEADERS", "")
    options = ["client", "--report-dir", str(folder), "--"]
    assert main([*options, sys.executable, "-c", script, "{url}"]) == 0
    with pytest.raises(Refused, match="not a whole one"):
        submission.sign(folder, tmp_path / "submission", KEY, CLAIM)


def test_a_finding_that_was_taken_out_is_found_again(tmp_path: Path) -> None:
    lines = ["import sys, urllib.request as u", "try:",
             "    u.urlopen(u.Request(sys.argv[1], headers={'Accept': 'xml'}))",
             "except OSError: pass"]  # fmt: skip
    options = ["client", "--report-dir", str(tmp_path), "--"]
    assert main([*options, sys.executable, "-c", "\n".join(lines), "{url}"]) == 1
    honest = result_of(tmp_path)
    assert list(rejudging.contradictions(tmp_path / "transcript.jsonl", honest)) == []
    forged = replace(
        honest,
        outcomes=tuple(replace(o, status=Status.PASS, findings=()) for o in honest.outcomes),
    )
    [reason] = rejudging.contradictions(tmp_path / "transcript.jsonl", forged)
    assert "violates DC-CLI-003" in reason
