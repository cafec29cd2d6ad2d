"""Generated sequences, and attempts at checks."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from commands.running import KIT, Start, run, served
from hypothesis.errors import FlakyStrategyDefinition

from tck.checks.support import attempts
from tck.checks.support.cloud import Cloud
from tck.safety.journal import Journal
from tck.safety.waiting import Settling

OWN = {"DELTACLOUD_TCK_USER": "mockuser", "DELTACLOUD_TCK_PASSWORD": "mockpassword"}


def test_a_wrong_life_is_told_at_its_shortest(tmp_path: Path) -> None:
    with served("--persona", "full", "--fault", "start-does-nothing") as server:
        command = (*KIT, "run", "--endpoint", server.url, "-k", "test_lives_of", "--seed", "5")
        ended = run(Start((*command, "--report-dir", str(tmp_path)), OWN))
    assert ended.code == 1, ended.told[-2000:]
    report = json.loads((tmp_path / "results.json").read_text("utf-8"))
    [finding] = [f for r in report["requirements"] for f in r["findings"]]
    writes = [step.rsplit("/", 1)[-1] for step in finding["steps"] if "-X POST" in step]
    assert writes == ["instances", "stop", "start"]
    assert finding["steps"][-1].startswith("curl -i -u")  # the one that shows it


class Inconclusive(Exception):
    """A check ended without having examined anything."""


def attempted(*, alone: bool) -> list[int]:
    """Attempts at a check that cannot be generated, until it ends."""
    made: list[int] = []
    cloud: Any = SimpleNamespace(journal=Journal(), trail=[], known={}, settling=Settling(0.0))
    cloud.tidy = lambda before: None

    def check() -> None:
        made.append(1)
        raise FlakyStrategyDefinition("drew something else")

    def inconclusive(reason: str) -> None:
        raise Inconclusive(reason)

    verify: Any = SimpleNamespace(final=True, inconclusive=inconclusive)
    with pytest.raises(FlakyStrategyDefinition if alone else Inconclusive):
        attempts.run(check, cloud, verify, alone=alone)
    return made


def test_an_endpoint_that_does_something_else_each_time_is_tried_again() -> None:
    assert len(attempted(alone=False)) > 1


def test_an_embedded_server_does_the_same_each_time() -> None:
    assert attempted(alone=True) == [1]


def test_what_was_known_is_read_again_after_an_attempt_that_did_not_count() -> None:
    cloud = Cloud.__new__(Cloud)
    cloud.known = {}
    found = iter(("", "a", "b"))
    assert [cloud.once("x", lambda: next(found)) for _ in range(3)] == ["", "a", "a"]
    cloud.known.clear()
    assert cloud.once("x", lambda: next(found)) == "b"
