"""Budgets stop a run where they say, and what was not examined is said."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .running import KIT, Ended, Served, Start, run, served
from .test_run import OWN, everything

LIVES = ("-k", "lifecycle or several")


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served("--persona", "full") as running:
        yield running


def judged(server: Served, folder: Path, *limits: str) -> tuple[Ended, dict[str, Any]]:
    """Run the kit within limits; how it ended, and results.json."""
    server.log.clear()
    command = (*KIT, "run", "--profile", "smoke", "--endpoint", server.url, *limits)
    before = everything(server)
    server.log.clear()
    ended = run(Start((*command, "--report-dir", str(folder)), OWN))
    sent = list(server.log)
    assert everything(server) == before
    server.log[:] = sent
    results: dict[str, Any] = json.loads((folder / "results.json").read_text("utf-8"))
    return ended, results


def most_alive(log: list[str]) -> int:
    """Instances at once, by what the server answered."""
    alive, most = 0, 0
    for line in filter(None, log):
        method, target, status = line.split()[:3]
        if (method, target.partition("?")[0], status) == ("POST", "/api/instances", "201"):
            alive += 1
        if method == "DELETE" and re.search(r"/instances/[^/]+$", target) and status == "204":
            alive -= 1
        most = max(most, alive)
    return most


@pytest.mark.parametrize("processes", [(), ("-n", "2")], ids=["one", "two"])
def test_max_requests(server: Served, tmp_path: Path, processes: tuple[str, ...]) -> None:
    ended, results = judged(server, tmp_path, "--max-requests", "200", *processes)
    assert (ended.code, results["summary"]["verdict"]) == (3, "inconclusive"), ended.told[-2000:]
    assert "(--max-requests)" in results["summary"]["unfinished"]
    assert "Not finished: " in ended.out
    first_contact, cleaning = 2, [line for line in server.log if line.startswith("DELETE")]
    assert 150 < len(server.log) <= 200 + first_contact + 60
    assert len(cleaning) < 60
    reasons = {r["reason"] for r in results["requirements"] if r["status"] == "inconclusive"}
    assert any("--max-requests" in reason for reason in reasons)


@pytest.mark.parametrize("processes", [(), ("-n", "2")], ids=["one", "two"])
def test_max_live(server: Served, tmp_path: Path, processes: tuple[str, ...]) -> None:
    _, results = judged(server, tmp_path, "--max-live", "1", *LIVES, *processes)
    assert most_alive(server.log) == 1
    assert results["run"]["budget"]["limits"]["live"] == 1
    examined = {r["id"] for r in results["requirements"] if r["status"] == "pass"}
    assert {"DC-INS-031", "DC-INS-034"} <= examined
    [several] = [r for r in results["requirements"] if r["id"] == "DC-INS-046"]
    assert several["status"] == "inconclusive"
    assert "(--max-live)" in several["reason"]


def test_max_cost(server: Served, tmp_path: Path) -> None:
    ended, results = judged(server, tmp_path, "--max-cost", "0.01", *LIVES)
    assert most_alive(server.log) == 0
    assert results["run"]["budget"]["cost"] <= 0.01
    assert "(--max-cost)" in results["summary"]["unfinished"]
    assert ended.code == 3


def test_rate(server: Served, tmp_path: Path) -> None:
    _, results = judged(server, tmp_path, "--rate", "40", "-k", "entry_point")
    sent = results["run"]["budget"]["requests"]
    assert sent > 10
    assert results["summary"]["seconds"] > (sent - 3) / 40
