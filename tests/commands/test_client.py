"""`deltacloud-tck client`: a client is run in scenarios, and judged."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tck.cli import main
from tck.report import json_report
from tck.scenarios.scenario import everything, scenarios

PROJECT = Path(__file__).parents[2]
CAREFUL, NAIVE = (str(PROJECT / "examples/clients" / f"{n}.py") for n in ("careful", "naive"))
DISTURBED = ("busy", "dropped-connection", "lost-create", "refused-action", "redirected-actions")
ODD = ("open-content", "unicode-names", "variant-ids-uuid", "variant-xml-in-apostrophes")


def client(folder: Path, *words: str, scenario: tuple[str, ...] = ("plain",), code: int) -> Any:
    """The results of a run, which ends so."""
    options = ["--report-dir", str(folder), "--scenario", *scenario]
    assert main(["client", *options, "--", sys.executable, *words]) == code
    value = json.loads((folder / "results.json").read_text())
    assert json_report.problems(value) == []
    return value


def outcomes(value: Any) -> dict[str, str]:
    return {one["name"]: one["outcome"] for one in value["scenarios"]}


def failed(value: Any) -> set[str]:
    return {r["id"] for r in value["requirements"] if r["status"] == "fail"}


def test_a_careful_client_survives(tmp_path: Path) -> None:
    chosen = (*DISTURBED, *ODD, "expired-credentials", "led-away")
    value = client(tmp_path, CAREFUL, "{url}", scenario=chosen, code=0)
    assert failed(value) == set()
    may_give_up = {"expired-credentials": "gave up", "led-away": "gave up"}
    assert outcomes(value) == dict.fromkeys((*DISTURBED, *ODD), "survived") | may_give_up


def test_a_naive_client_does_not(tmp_path: Path) -> None:
    chosen = ("plain", "lost-create", "led-away", "expired-credentials", *ODD)
    value = client(tmp_path, NAIVE, "{url}", scenario=chosen, code=1)
    expected = {"DC-CLI-021", "DC-CLI-033", "DC-CLI-035", "DC-CLI-047", "DC-CLI-055"}
    assert failed(value) == expected
    assert outcomes(value)["variant-xml-in-apostrophes"] == "failed"
    assert outcomes(value)["plain"] == "survived"
    [lost] = [one for one in value["scenarios"] if one["name"] == "lost-create"]
    assert "DC-CLI-047" in lost["failed"]


def test_every_form_of_the_report_has_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client(tmp_path, NAIVE, "{url}", scenario=("variant-ids-uuid",), code=1)
    assert "variant-ids-uuid  failed" in capsys.readouterr().out
    assert "| variant-ids-uuid | **failed** |" in (tmp_path / "summary.md").read_text()
    assert "<td>variant-ids-uuid</td>" in (tmp_path / "report.html").read_text()
    [case] = etree.parse(tmp_path / "junit.xml").iterfind("testsuite[@name='Scenarios']/testcase")
    assert case.find("failure") is not None


def test_what_the_client_is_told_and_what_it_prints(tmp_path: Path) -> None:
    script = (
        "import os, sys, urllib.request; e = os.environ; "
        "urllib.request.urlopen(sys.argv[1]).read(); "
        "print(e['DELTACLOUD_URL'] == e['API_URL'] == sys.argv[1], e['DELTACLOUD_PASSWORD'])"
    )
    options = ["--password", "Kanarienvogel-7431", "--report-dir", str(tmp_path)]
    assert main(["client", *options, "--", sys.executable, "-c", script, "{url}"]) == 0
    assert (tmp_path / "output/plain.txt").read_text() == "True [redacted]\n"
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [p.name for p in left if b"Kanarienvogel" in p.read_bytes()] == []


def test_a_client_that_hangs_or_sends_nothing(tmp_path: Path) -> None:
    options = ["client", "--timeout", "0.5", "--report-dir", str(tmp_path), "--"]
    waits = "import threading; threading.Event().wait()"
    assert main([*options, sys.executable, "-c", waits]) == 3
    value = json.loads((tmp_path / "results.json").read_text())
    assert outcomes(value) == {"plain": "did not end"}
    assert failed(value) == {"DC-CLI-057"}


def test_scenarios_for_several_personas(tmp_path: Path) -> None:
    options = ["client", "--persona", "mock", "full", "--report-dir", str(tmp_path), "--"]
    assert main([*options, sys.executable, CAREFUL, "{url}"]) == 0
    value = json.loads((tmp_path / "results.json").read_text())
    assert list(outcomes(value)) == ["plain@mock", "plain@full"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--scenario", "plane", "--", "x"], "did you mean plain"),
        (["--persona", "nobody", "--", "x"], "no persona 'nobody'"),
        (["--", "/no/such/client"], "cannot be started"),
        ([], "no command"),
        (["--timeout", "0", "--", "x"], "not a number of seconds"),
    ],
)
def test_usage(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["client", "--report-dir", str(tmp_path), *words]) == 2
    assert told in capsys.readouterr().err


def test_all_scenarios_make_servers(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(everything()) >= 30
    for name in everything():
        altered = scenarios()[name].make("mock")
        assert altered.app(**scenarios()[name].options) is not None
    assert main(["client", "--list"]) == 0
    assert "lost-create" in capsys.readouterr().out
