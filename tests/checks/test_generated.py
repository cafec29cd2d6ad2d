"""Generated sequences, and attempts at checks."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import hypothesis
import pytest
from commands.running import KIT, Start, run, served
from endpoint.exchanges import exchange
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition
from hypothesis.stateful import rule

from tck.checks.support import attempts
from tck.checks.support.cloud import Memo
from tck.checks.support.generated import Interleaved, explore, given
from tck.endpoint.disturbance import Disturbed
from tck.safety.journal import Journal
from tck.safety.waiting import ReadAfterWriteDelay

OWN = {"DELTACLOUD_TCK_USER": "mockuser", "DELTACLOUD_TCK_PASSWORD": "mockpassword"}


def test_a_wrong_sequence_is_reported_at_its_shortest(tmp_path: Path) -> None:
    with served("--persona", "full", "--fault", "start-ends-in-error") as server:
        command = (*KIT, "run", "--endpoint", server.url, "-k", "test_lives_of", "--seed", "5")
        ended = run(Start((*command, "--report-dir", str(tmp_path)), OWN))
    assert ended.code == 1, ended.told[-2000:]
    report = json.loads((tmp_path / "results.json").read_text("utf-8"))
    [finding] = [f for r in report["requirements"] for f in r["findings"]]
    posts = [step.partition(" | tee")[0] for step in finding["steps"] if "-X POST" in step]
    assert [post.rsplit("/", 1)[-1].strip('"') for post in posts] == ["instances", "stop", "start"]
    assert finding["steps"][-1].startswith("curl -i -u")  # the one that shows it


class Inconclusive(Exception):
    """A check ended without having examined anything."""


def attempted(*, alone: bool) -> list[int]:
    """Attempts at a check that cannot be generated, until it ends."""
    made: list[int] = []
    cloud: Any = SimpleNamespace(live=[], trail=[], once=Memo())
    cloud.delay = ReadAfterWriteDelay(0.0)
    cloud.remove_others = lambda before: None

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


def test_a_memo_is_read_again_once_cleared_and_keeps_nothing_empty() -> None:
    once = Memo()
    found = iter(("", "a", "b"))
    assert [once("x", lambda: next(found)) for _ in range(3)] == ["", "a", "a"]
    once.clear()
    assert once("x", lambda: next(found)) == "b"


def disturbed() -> Disturbed:
    """What a write raises that an endpoint answers with 503."""
    return Disturbed(exchange("/keys", "", method="POST", status=503))


def test_an_example_whose_write_was_disturbed_is_replaced_by_another() -> None:
    judged: list[int] = []
    seen: list[int] = []

    @given(st.integers(0, 1000))
    def example(number: int) -> None:
        seen.append(number)
        if len(seen) % 2:
            raise disturbed()
        judged.append(number)

    example()
    assert len(judged) == hypothesis.settings().max_examples
    assert len(seen) > len(judged)


def test_a_sequence_whose_write_was_disturbed_is_replaced_by_another() -> None:
    steps: list[int] = []

    class Machine(Interleaved):
        @rule()
        def write(self) -> None:
            steps.append(1)
            if len(steps) in (3, 7):
                raise disturbed()

    cloud: Any = SimpleNamespace(journal=Journal(), trail=[], remove_others=lambda before: None)
    explore(Machine, cloud=cloud, verify=None)
    assert len(steps) > 7
