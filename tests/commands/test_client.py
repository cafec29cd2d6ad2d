"""`deltacloud-tck client`: a client is run in scenarios, and judged."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree

from tck.cli import main
from tck.report import json_report
from tck.scenarios.scenario import everything, scenarios

from .running import KIT, environment

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


LEAKING = """
import base64, sys, urllib.parse, urllib.request
url, user, password = sys.argv[1:]
pair = base64.b64encode(f"{user}:{password}".encode()).decode()
query = urllib.parse.quote(password)
print(password, query, pair, url)
for path in ("", "/keys", f"/keys?password={query}", f"/nothing/{query}"):
    request = urllib.request.Request(url + path, headers={"Authorization": "Basic " + pair})
    try:
        print(urllib.request.urlopen(request).read())
    except OSError as error:
        print(error, file=sys.stderr)
"""


def test_what_the_client_is_told_and_what_it_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DELTACLOUD_TCK_PASSWORD", "that of somebody's cloud")
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "busy.txt").touch()
    script = (
        "import os, sys, urllib.request; e = os.environ; "
        "urllib.request.urlopen(sys.argv[1]).read(); "
        "print(e['DELTACLOUD_URL'] == e['API_URL'] == sys.argv[1], e['DELTACLOUD_PASSWORD']); "
        "print(e.get('DELTACLOUD_TCK_PASSWORD'))"
    )
    options = ["--password", "Kanarienvogel-7431", "--report-dir", str(tmp_path)]
    assert main(["client", *options, "--", sys.executable, "-c", script, "{url}"]) == 0
    assert (tmp_path / "output/plain.txt").read_text() == "True [redacted]\nNone\n"
    assert not (tmp_path / "output" / "busy.txt").exists()


def test_credentials_are_in_nothing_that_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """However a client spells them: in what it sends, and in what it prints."""
    secret = "Kanarienvogel/7431 ü"
    options = ["--scenario", "plain", "busy", "--user", "canary", "--password", secret, "-v"]
    words = [sys.executable, "-c", LEAKING, "{url}", "{user}", "{password}"]
    assert main(["client", *options, "--report-dir", str(tmp_path), "--", *words]) == 1
    left = {p.name: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert b"127.0.0.1" in left["plain.txt"]
    left["console"] = "".join(capsys.readouterr()).encode()
    pair = base64.b64encode(f"canary:{secret}".encode()).decode()
    forms = (secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1], pair)
    told = {(name, form) for name, data in left.items() for form in forms if form.encode() in data}
    assert told == set()


def test_a_client_that_hangs_or_sends_nothing(tmp_path: Path) -> None:
    options = ["client", "--timeout", "0.5", "--report-dir", str(tmp_path), "--"]
    waits = "import threading; threading.Event().wait()"
    assert main([*options, sys.executable, "-c", waits]) == 3
    value = json.loads((tmp_path / "results.json").read_text())
    assert outcomes(value) == {"plain": "did not end"}
    assert failed(value) == {"DC-CLI-057"}


READING = "import sys, urllib.request as u; u.urlopen(sys.argv[1]).read(); "


@pytest.mark.parametrize(
    ("script", "scenario", "outcome", "ids"),
    [
        (READING, "plain", "survived", set()),
        (READING, "lost-create", "not met", set()),
        (READING, "variant-json-escaped", "not met", set()),
        (READING + "sys.exit(3)", "plain", "failed", {"DC-CLI-055"}),
        (READING + "sys.exit(3)", "lost-create", "not met", set()),
        (READING, "busy", "gave up", set()),
        (READING + "import os; os.kill(os.getpid(), 11)", "plain", "failed", {"DC-CLI-057"}),
        ("import sys; sys.exit(3)", "plain", "sent nothing", set()),
    ],
)
def test_what_a_client_did_not_come_to_says_nothing(
    tmp_path: Path, script: str, scenario: str, outcome: str, ids: set[str]
) -> None:
    main(["client", "--scenario", scenario, "--report-dir", str(tmp_path), "--",
          sys.executable, "-c", script, "{url}"])  # fmt: skip
    value = json.loads((tmp_path / "results.json").read_text())
    assert outcomes(value) == {scenario: outcome}
    assert failed(value) == ids
    examined = {r["id"] for r in value["requirements"] if r["examined"]}
    assert ("DC-CLI-055" in examined) == (scenario == "plain" and outcome != "sent nothing" and (
        "DC-CLI-057" not in ids))  # fmt: skip


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_nothing_is_left_of_an_interrupted_run(tmp_path: Path, number: int, code: int) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    script = f"trap '' TERM; exec 9>'{fifo}'; echo here >&9; sleep 1000 & sleep 1000"
    words = ["client", "--report-dir", str(tmp_path), "--", "sh", "-c", script]
    with (
        subprocess.Popen(
            [*KIT, *words], cwd=PROJECT, env=environment(), stderr=subprocess.DEVNULL
        ) as process,
        fifo.open() as reader,
    ):  # which waits for the client
        assert reader.readline() == "here\n"
        process.send_signal(number)
        assert process.wait(timeout=60) == code
        assert reader.read() == ""  # nobody is left who could write
    value = json.loads((tmp_path / "results.json").read_text())
    assert value["summary"]["unfinished"] == "interrupted"


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
