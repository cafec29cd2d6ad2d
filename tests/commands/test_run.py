"""run: the same verdict however it is asked for, and one clear line for every bad input."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from endpoint.sockets import answer, peer

from .running import KIT, PROJECT, Ended, Served, Start, environment, served, together

OWN = {"DELTACLOUD_TCK_USER": "mockuser", "DELTACLOUD_TCK_PASSWORD": "mockpassword"}
FEW = ("--profile", "smoke", "-k", "keys or entry_point or instance_states")
HTML = answer(b"<html><title>Welcome to nginx</title></html>", b"Content-Type: text/html")


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served() as running:
        yield running


def report(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "results.json").read_text("utf-8"))
    return loaded


# ---------------------------------------------------------------- one verdict


@pytest.fixture(scope="module")
def runs(server: Served, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Ended, Path]]:
    """The same checks in four ways; read-only at a server of its own, for its log."""
    ways = {
        "embedded": (),
        "endpoint": ("--endpoint", server.url),
        "processes": ("--endpoint", server.url, "-n", "2"),
        "verbose": ("-v",),
    }
    folders = {name: tmp_path_factory.mktemp(name) for name in ways}
    ended = together(
        {
            name: Start((*KIT, "run", *FEW, *how, "--report-dir", str(folders[name])), OWN)
            for name, how in ways.items()
        }
    )
    return {name: (ended[name], folders[name]) for name in ways}


@pytest.mark.parametrize("way", ["embedded", "endpoint", "processes", "verbose"])
def test_the_reference_server_is_conformant(way: str, runs: dict[str, tuple[Ended, Path]]) -> None:
    ended, folder = runs[way]
    assert ended.code == 0, ended.told[-3000:]
    assert report(folder)["summary"]["verdict"] == "conformant"
    assert "Verdict: conformant" in ended.out
    assert "\x1b" not in ended.told
    assert "Traceback" not in ended.told


def test_ways_agree_on_every_requirement(runs: dict[str, tuple[Ended, Path]]) -> None:
    statuses = [
        # of accounts only the embedded server has two
        {r["id"]: r["status"] for r in report(folder)["requirements"] if "-ACC-" not in r["id"]}
        for _, folder in runs.values()
    ]
    assert statuses[1:] == statuses[:1] * 3


def test_processes_lose_and_double_nothing(runs: dict[str, tuple[Ended, Path]]) -> None:
    # which case of a check is the one that smoke runs depends on the process
    alone, shared = (
        sorted(c["name"] for c in report(runs[way][1])["checks"])
        for way in ("endpoint", "processes")
    )
    assert alone == shared


def test_reports_are_written(runs: dict[str, tuple[Ended, Path]]) -> None:
    for ended, folder in runs.values():
        assert {path.name for path in folder.iterdir()} >= {
            "results.json",
            "junit.xml",
            "report.html",
        }
        assert str(folder) in ended.out


def test_smoke_runs_no_case_that_examines_nothing_new(runs: dict[str, tuple[Ended, Path]]) -> None:
    outcomes = {c["name"]: c["outcome"] for c in report(runs["embedded"][1])["checks"]}
    assert outcomes["keys.test_create[xml]"] == "passed"
    assert outcomes["keys.test_create[json]"] == "skipped"


def test_a_smoke_run_of_the_embedded_server_is_quick(
    runs: dict[str, tuple[Ended, Path]], tmp_path: Path
) -> None:
    """No HTTP, no transcript (one of an earlier run is removed), and no workers."""
    (tmp_path / "transcript.jsonl").write_text("of another run\n", "utf-8")
    command = (*KIT, "run", "-v", *FEW, "-n", "2", "--report-dir", str(tmp_path))
    ended = together({"quick": Start(command)})["quick"]
    assert ended.code == 0, ended.told
    assert "workers" not in ended.out
    assert list(tmp_path.glob("transcript.*")) == []
    assert report(tmp_path)["transcript"] is None
    assert (runs["endpoint"][1] / "transcript.jsonl").exists()


def test_nothing_stays_at_the_endpoint(server: Served, runs: dict[str, tuple[Ended, Path]]) -> None:
    assert "tck" not in everything(server)
    for _, folder in runs.values():
        assert report(folder)["summary"]["leaks"] == []


def everything(server: Served) -> str:
    """What the writable collections of a server hold."""
    auth = (OWN["DELTACLOUD_TCK_USER"], OWN["DELTACLOUD_TCK_PASSWORD"])
    names = ("keys", "instances", "images", "buckets", "storage_volumes", "storage_snapshots")
    return "".join(
        requests.get(f"{server.url}/{name}", auth=auth, timeout=10).text for name in names
    )


def test_a_read_only_run_writes_nothing(tmp_path: Path) -> None:
    with served() as own:
        command = (*KIT, "run", "--profile", "smoke", "--read-only", "--endpoint", own.url)
        command += ("-k", "keys or buckets or blobs or http or authentication or negotiation")
        [ended] = together({"": Start((*command, "--report-dir", str(tmp_path)), OWN)}).values()
        methods = {line.split()[0] for line in own.log}
    assert ended.code == 0, ended.told[-3000:]
    assert "GET" in methods
    assert methods <= {"GET", "HEAD", "OPTIONS"}
    reasons = {r["reason"] for r in report(tmp_path)["requirements"] if r["id"] == "DC-KEY-005"}
    assert "read-only" in reasons.pop()


# ---------------------------------------------------------------- bad input


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def refused(server: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Ended]]:
    """How each bad input ends."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "known.yaml").write_text("deviations: [", "utf-8")
    (folder / "file").write_text("", "utf-8")
    (folder / "a.jsonl").write_text('{"id": 1, "request": {}}\n', "utf-8")
    wrong = OWN | {"DELTACLOUD_TCK_PASSWORD": "canary-wrong"}
    run_ = (*KIT, "run", *FEW, "--report-dir", str(folder / "reports"))
    taken = server.url.rsplit(":", 1)[1].removesuffix("/api")
    with peer(HTML) as page:
        starts = {
            "unreachable": Start(
                (*run_, "--endpoint", f"http://127.0.0.1:{_closed_port()}/api"), OWN
            ),
            "unknown host": Start((*run_, "--endpoint", "http://no-such-host.invalid/api"), OWN),
            "no api": Start((*run_, "--endpoint", page.origin), OWN),
            "wrong credentials": Start((*run_, "--endpoint", server.url), wrong),
            "no credentials": Start((*run_, "--endpoint", server.url)),
            "no scheme": Start((*run_, "--endpoint", "127.0.0.1:3001/api"), OWN),
            "credentials in the URL": Start((*run_, "--endpoint", "http://u:canary@h/api"), OWN),
            "port": Start((*run_, "--endpoint", "http://h:port/api"), OWN),
            "persona": Start((*run_, "--persona", "nimbus")),
            "persona and endpoint": Start(
                (*run_, "--persona", "ec2", "--endpoint", server.url), OWN
            ),
            "deviations": Start((*run_, "--deviations", str(folder / "known.yaml"))),
            "no deviations": Start((*run_, "--deviations", str(folder / "none.yaml"))),
            "profile": Start((*KIT, "run", "--profile", "huge")),
            "option": Start((*KIT, "run", "--colour")),
            "command": Start((*KIT, "dance")),
            "seed": Start((*run_, "--seed", "abc")),
            "processes": Start((*run_, "-n", "many")),
            "timeout": Start((*run_, "--endpoint-timeout", "long")),
            "expression": Start((*run_, "-k", "keys and (")),
            "report folder": Start((*KIT, "run", *FEW, "--report-dir", str(folder / "file"))),
            "nothing chosen": Start((*run_, "-k", "nothing_of_that_name")),
            "recording": Start((*KIT, "validate", str(folder / "a.jsonl"))),
            "no file": Start((*KIT, "validate", str(folder / "none.jsonl"))),
            "taken port": Start((*KIT, "serve", "--port", taken)),
            "served persona": Start((*KIT, "serve", "--port", "0", "--persona", "nimbus")),
            "served fault": Start((*KIT, "serve", "--port", "0", "--fault", "no-such-fault")),
        }
        yield together(starts)


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("unreachable", 3, "cannot connect"),
        ("unknown host", 3, "cannot connect"),
        ("no api", 3, "a page titled 'Welcome to nginx'"),
        ("wrong credentials", 2, "DELTACLOUD_TCK_PASSWORD"),
        ("no credentials", 2, "DELTACLOUD_TCK_USER"),
        ("no scheme", 2, "http://host:3001/api"),
        ("credentials in the URL", 2, "do not belong in the URL"),
        ("port", 2, "not a URL"),
        ("persona", 2, "nimbus"),
        ("persona and endpoint", 2, "--persona"),
        ("deviations", 2, "not YAML"),
        ("no deviations", 2, "No such file"),
        ("profile", 2, "huge"),
        ("option", 2, "--colour"),
        ("command", 2, "dance"),
        ("seed", 2, "abc"),
        ("processes", 2, "many"),
        ("timeout", 2, "long"),
        ("expression", 2, "keys and ("),
        ("report folder", 2, "file"),
        ("nothing chosen", 3, "nothing_of_that_name"),
        ("recording", 2, "a.jsonl:1"),
        ("no file", 2, "No such file"),
        ("taken port", 2, "cannot listen"),
        ("served persona", 2, "nimbus"),
        ("served fault", 2, "no-such-fault"),
    ],
)
def test_bad_input_is_one_clear_line(
    name: str, code: int, said: str, refused: dict[str, Ended]
) -> None:
    ended = refused[name]
    assert ended.code == code, ended.told[-2000:]
    assert said in ended.err
    for noise in ("Traceback", "INTERNALERROR", "object at 0x", "canary"):
        assert noise not in ended.told
    lines = [line for line in ended.err.splitlines() if line.strip()]
    assert len(lines) == 1, ended.err
    # pytest counts what it left out before it knows that it left out everything
    assert name == "nothing chosen" or ended.out == ""


# ---------------------------------------------------------------- interrupted


def test_an_interrupted_run_leaves_nothing(tmp_path: Path) -> None:
    with served("--transition-time", "0.2") as own:
        before = everything(own)
        command = [*KIT, "run", "--profile", "smoke", "--endpoint", own.url, "-k", "lifecycle"]
        process = subprocess.Popen(
            [*command, "--report-dir", str(tmp_path)],
            cwd=PROJECT,
            env=environment(OWN),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        own.wait_for("POST /api/instances")
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=60)
        assert everything(own) == before
    assert "Traceback" not in told
    assert process.returncode == 130, told[-2000:]
    assert "Verdict: conformant" not in told


# The second check is interrupted, after the first has passed.
_INTERRUPTING = """
import os, signal, sys, tck.cli
from tck.checks.support import attempts

run = attempts.run

def second(*given, **named):
    os.kill(os.getpid(), signal.SIGINT)
    return run(*given, **named)

def first(*given, **named):
    attempts.run = second
    return run(*given, **named)

attempts.run = first
sys.exit(tck.cli.main())
"""


def test_what_was_found_until_an_interrupt_is_reported(tmp_path: Path) -> None:
    options = ("run", "-k", "keys.py", "--report-dir", str(tmp_path))
    ended = together({"it": Start((*KIT[:1], "-c", _INTERRUPTING, *options))})["it"]
    assert ended.code == 130, ended.told
    assert "it was interrupted" in ended.out
    outcomes = [c["outcome"] for c in report(tmp_path)["checks"]]
    assert outcomes == ["passed"]


# ---------------------------------------------------------------- plan


def test_a_dry_run_only_reads_and_tells_what_a_run_creates(server: Served) -> None:
    before = everything(server)
    server.log.clear()
    how = ("--endpoint", server.url, "--dry-run", "-k", "keys or lifecycle")
    few = ("--max-live", "1", "--max-cost", "1")
    ways = {"": how, "live": (*how, *few[:2]), "cost": (*how, *few[2:])}
    ended = together({name: Start((*KIT, "run", *way), OWN) for name, way in ways.items()})
    assert [e.code for e in ended.values()] == [0, 0, 0], ended
    assert {line.split()[0] for line in server.log} == {"GET"}
    assert everything(server) == before
    assert re.search(r"creates .*\d+ instances, \d+ keys; .*: at most [23]", ended[""].out)
    assert "at once: at most 1" in ended["live"].out
    assert "ended early: more than 1 USD" in ended["cost"].out


def test_a_dry_run_knows_what_smoke_leaves_out(
    server: Served, runs: dict[str, tuple[Ended, Path]]
) -> None:
    [ended] = together(
        {"": Start((*KIT, "run", *FEW, "--endpoint", server.url, "--dry-run"), OWN)}
    ).values()
    planned = int(re.search(r"checks +(\d+)", ended.out)[1])  # type: ignore[index]
    outcomes = [c["outcome"] for c in report(runs["endpoint"][1])["checks"]]
    assert outcomes.count("passed") <= planned < len(outcomes)
