"""Runs with `--wire`, over sockets: what they find, show and leave out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tck.prove.faults import faults
from tck.reference_server.app import create_app
from tck.reference_server.serving import Server

from .running import KIT, Ended, Start, run

OWN = {"DELTACLOUD_TCK_USER": "mockuser", "DELTACLOUD_TCK_PASSWORD": "canary-password"}
RIGHT = {"user": "mockuser", "password": OWN["DELTACLOUD_TCK_PASSWORD"]}


def judged(url: str, folder: Path, *more: str) -> Ended:
    command = (*KIT, "run", "--endpoint", url, "-k", "wire", "--report-dir", str(folder / "r"))
    return run(Start((*command, *more), OWN, folder))


def outcomes(folder: Path) -> dict[str, dict[str, str]]:
    value = json.loads((folder / "r" / "results.json").read_text("utf-8"))
    found = {r["id"]: r for r in value["requirements"]}
    return {f"DC-HTTP-{n:03}": found[f"DC-HTTP-{n:03}"] for n in range(53, 67)}


@pytest.mark.parametrize("more", [(), ("-n", "2"), ("--read-only",)], ids=["one", "two", "read"])
def test_a_right_endpoint_passes_all(more: tuple[str, ...], tmp_path: Path) -> None:
    with Server(create_app("mock", **RIGHT)) as server:
        ended = judged(server.url, tmp_path, "--wire", *more)
    assert ended.code == 0, ended.told[-3000:]
    assert {r["status"] for r in outcomes(tmp_path).values()} == {"pass"}
    transcript = tmp_path / "r" / "transcript.jsonl"
    lines = [json.loads(line) for line in transcript.read_text("utf-8").splitlines()]
    assert len([line for line in lines if "malformed" in line["request"]]) > 25
    again = run(Start((*KIT, "validate", str(transcript)), {}, tmp_path))
    assert again.code == 0, again.told[-3000:]


def test_without_it_nothing_malformed_is_sent(tmp_path: Path) -> None:
    with Server(create_app("mock", **RIGHT)) as server:
        ended = judged(server.url, tmp_path)
    assert ended.code in (0, 3), ended.told[-3000:]
    found = outcomes(tmp_path)
    assert {r["status"] for r in found.values()} == {"not-applicable"}
    assert {r["reason"] for r in found.values()} == {"the wire is examined with --wire"}
    assert "malformed" not in (tmp_path / "r" / "transcript.jsonl").read_text("utf-8")


def test_a_finding_comes_with_the_bytes_that_show_it(tmp_path: Path) -> None:
    with faults()["chunks-read-by-length"].server(**RIGHT) as server:
        ended = judged(server.url, tmp_path, "--wire")
    assert ended.code == 1, ended.told[-3000:]
    assert outcomes(tmp_path)["DC-HTTP-059"]["status"] == "fail"
    assert r"printf 'GET /api HTTP/1.1\r\nHost: 127.0.0.1:" in ended.told
    page = (tmp_path / "r" / "report.html").read_text("utf-8")
    assert "Content-Length: 4\nTransfer-Encoding: chunked" in page
    written = [path.read_text("utf-8") for path in (tmp_path / "r").iterdir()]
    assert [text for text in (*written, ended.told) if OWN["DELTACLOUD_TCK_PASSWORD"] in text] == []
