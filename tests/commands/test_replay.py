"""`replay`: recorded requests at another endpoint, and findings of a report looked for again."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import requests

from tck.checks.support.session import Options
from tck.cli import main
from tck.prove.faults import faults

from .running import KIT, Ended, Served, Start, run, served
from .test_run import OWN, everything

AUTH = ("mockuser", "mockpassword")
FORM = "application/x-www-form-urlencoded"


def line(number: int, method: str, path: str, status: int, **more: Any) -> dict[str, Any]:
    """A recorded exchange; `more`: body, location, headers, and whether it was authorized."""
    headers = {"Accept": "application/xml", **more.get("headers", {})}
    if more.get("authorized", True):
        headers["Authorization"] = "Basic [redacted]"
    if "body" in more:
        headers.setdefault("Content-Type", FORM)
    came = {"Location": f"http://old.test/api{more['location']}"} if "location" in more else {}
    return {
        "id": f"x{number}",
        "request": {
            "method": method,
            "origin": "http://old.test",
            "path": f"/api{path}",
            "headers": headers,
            "body": more.get("body"),
        },
        "response": {"status": status, "headers": came, "body": more.get("came", "")},
    }


def recording(folder: Path, *lines: dict[str, Any]) -> Path:
    file = folder / "seen.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in lines))
    return file


def replayed(server: Served, *arguments: str) -> Ended:
    """How a replay ended; in this process, which has loaded the kit already."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        for name, text in OWN.items():
            patch.setenv(name, text)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(["replay", *arguments, "--endpoint", server.url])
    return Ended(code, out.getvalue(), err.getvalue())


@pytest.fixture
def server(tmp_path: Path) -> Any:
    """A server on which somebody else has a key, an instance and a volume."""
    with served("--persona", "full") as running:
        for path, form in (
            ("/keys", {"name": "other"}),
            ("/instances", {"image_id": "img1", "name": "other"}),
            ("/storage_volumes", {"capacity": "1"}),
        ):
            assert requests.post(running.url + path, form, auth=AUTH).status_code == 201
        yield running


def test_ids_lead_to_what_is_created_anew_and_nothing_stays(server: Served, tmp_path: Path) -> None:
    create = line(2, "POST", "/instances", 201, body="image_id=img1", location="/instances/old7")
    file = recording(
        tmp_path,
        line(1, "GET", "", 200),
        create,
        line(3, "POST", "/instances/old7/stop", 202),
        line(4, "GET", "/instances/old7", 200),
        line(5, "POST", "/keys", 201, body="name=k&x=y", location="/keys/k"),
        line(6, "POST", "/storage_volumes", 201, body="capacity=1", location="/storage_volumes/v"),
        line(7, "POST", "/storage_volumes/v/attach", 202, body="instance_id=old7&device=/dev/sdc"),
        line(8, "GET", "/keys", 401),
        line(9, "GET", "/keys", 401, authorized=False),
        line(10, "POST", "/buckets", 201, body="name=b9", location="/buckets/b9"),
        line(11, "PUT", "/buckets/b9/blob", 200, body="content", headers={"Content-Type": "a/b"}),
        line(12, "GET", "/buckets/b9/blob/content", 200),
        line(13, "DELETE", "/keys/k", 204),
        line(14, "GET", "/keys/k", 404),
    )
    before = everything(server)
    ended = replayed(server, str(file))
    assert "sent 14 of 14 requests" in ended.out, ended.told
    assert "answered otherwise" not in ended.out.replace(
        "answered otherwise: POST /api/storage_volumes/v/attach: 202, now 200", ""
    )
    assert ended.code in (0, 1)
    assert "left behind" not in ended.out
    assert everything(server) == before
    assert any(entry.startswith("POST /api/storage_volumes/") for entry in server.log)


def held(server: Served, tmp_path: Path, lines: Sequence[dict[str, Any]]) -> Ended:
    """A replay of which nothing may be sent that changes something; how it ended."""
    before = everything(server)
    server.log.clear()
    ended = replayed(server, str(recording(tmp_path, *lines)))
    assert everything(server) == before
    assert [entry for entry in server.log if not entry.startswith(("GET", "HEAD"))] == []
    return ended


def test_nothing_is_written_that_the_replay_did_not_create(server: Served, tmp_path: Path) -> None:
    instance = everything_of(server, "instances")[0]
    volume = everything_of(server, "storage_volumes")[0]
    own = "/storage_volumes/old1"
    writes = [
        ("DELETE", "/keys/other", None),
        ("DELETE", "/keys", None),
        ("POST", f"/instances/{instance}/stop", None),
        ("POST", f"/storage_volumes/{volume}/attach", f"instance_id={instance}"),
        ("POST", "/keys/other", "_method=delete"),
        ("DELETE", f"{own}/../../keys/other", None),
        ("DELETE", f"{own}%2f..%2f..%2fkeys%2fother", None),
        ("DELETE", ";driver=full/keys/other", None),
        ("DELETE", "/keys/other?api[driver]=full", None),
        ("POST", "/storage_snapshots", f"volume_id={volume}"),
        ("POST", "/images", f"instance_id={instance}"),
        ("POST", "/images", f"name=i& instance_id={instance}"),
        ("PUT", "/buckets/other/b", "content"),
        ("PATCH", "/keys/other", "name=x"),
    ]
    lines = [line(n, m, p, 200, **({"body": b} if b else {})) for n, (m, p, b) in enumerate(writes)]
    lines.append(line(90, "POST", "/keys", 201, body="{}", headers={"Content-Type": "x/json"}))
    override = {"X-HTTP-Method-Override": "DELETE"}
    lines.append(line(91, "POST", "/keys/other", 200, headers=override))
    lines.append(line(92, "GET", "/keys/other", 200, headers=override))
    ended = held(server, tmp_path, lines)
    assert "sent 0 of 17 requests" in ended.out
    assert ended.code == 3


def everything_of(server: Served, collection: str) -> list[str]:
    answer = requests.get(f"{server.url}/{collection}?format=json", auth=AUTH).json()
    [members] = answer.values()
    return [str(each["id"]) for each in members]


def test_a_test_account_may_be_written_to(server: Served, tmp_path: Path) -> None:
    file = recording(tmp_path, line(1, "DELETE", "/keys/other", 204))
    assert replayed(server, str(file)).code == 3
    assert "other" in everything_of(server, "keys")
    ended = replayed(server, str(file), "--test-account")
    assert "sent 1 of 1" in ended.out, ended.told
    assert "other" not in everything_of(server, "keys")


def test_what_an_answer_claims_to_have_created_and_was_there_is_not_written_to(
    tmp_path: Path,
) -> None:
    with served("--persona", "full", "--fault", "second-key-of-a-name") as running:
        assert requests.post(running.url + "/keys", {"name": "k"}, auth=AUTH).status_code == 201
        create = line(1, "POST", "/keys", 201, body="name=k", location="/keys/k")
        file = recording(tmp_path, create, line(2, "DELETE", "/keys/k", 204))
        ended = replayed(running, str(file))
        assert "sent 1 of 2" in ended.out, ended.told
        assert not any(entry.startswith("DELETE") for entry in running.log)


@pytest.mark.parametrize(
    ("fault", "finding", "checks"),
    [
        ("no-location-of-keys", "", "keys and test_create"),
        ("second-key-of-a-name", "DC-KEY-008", "test_second_key_of_one_name"),
        ("no-challenge-to-wrong-credentials", "DC-AUT-004", "test_wrong_credentials and keys"),
    ],
)
def test_a_finding_shows_again_where_it_is_and_nowhere_else(
    fault: str, finding: str, checks: str, tmp_path: Path
) -> None:
    finding = finding or faults()[fault].violates[0]
    with served("--persona", "full", "--fault", fault) as wrong:
        command = (*KIT, "run", "--endpoint", wrong.url, "-k", checks, "--report-dir")
        assert run(Start((*command, str(tmp_path)), OWN)).code == 1
        results = str(tmp_path / "results.json")
        again = replayed(wrong, results, "--finding", finding)
        assert again.code == 1, again.told
        assert f"again  {finding}" in again.out
    with served("--persona", "full") as right:
        gone = replayed(right, results, "--finding", finding)
        assert gone.code == 0, gone.told
        assert f"gone   {finding}" in gone.out


def test_a_recording_may_show_findings_again(tmp_path: Path) -> None:
    asked = line(1, "GET", "/keys", 401, authorized=False)
    file = recording(tmp_path, asked)
    assert main(["replay", str(file), "--persona", "full"]) == 0
    with served("--fault", "no-challenge-to-wrong-credentials") as wrong:
        wrongly = line(1, "GET", "/keys", 401)
        ended = replayed(wrong, str(recording(tmp_path, wrongly)))
        assert ended.code == 1, ended.told
        assert "DC-AUT-004" in ended.out


def test_files_that_do_not_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Options().persona == "mock"
    assert main(["replay", str(tmp_path / "none.jsonl")]) == 2
    sample = Path(__file__).parents[2] / "reports" / "sample" / "results.json"
    report = tmp_path / "results.json"
    shutil.copy(sample, report)
    assert main(["replay", str(report)]) == 2
    assert "--finding" in capsys.readouterr().err
    assert main(["replay", str(report), "--finding", "DC-NONE-1"]) == 2
    assert "no finding of DC-NONE-1" in capsys.readouterr().err
