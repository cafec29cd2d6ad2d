"""Several processes of one run: what they share, what comes back, and what a lost one costs."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tck import plugin
from tck.checks.support.session import Options
from tck.report.ledger import Ledger
from tck.rules.judgement import Judgement
from tck.run import of_pytest, workers
from tck.run.record import RunRecord
from tck.run.state import Run
from tck.safety.budget import Meter

ID = "DC-HTTP-003"


class Config:
    """As much of pytest's config as a run looks at."""

    def __init__(self, **attributes: Any) -> None:
        self.stash = pytest.Stash()
        self.args = [str(Path(__file__))]
        self.option = SimpleNamespace(keyword="")
        self.pluginmanager = SimpleNamespace(has_plugin=lambda _: False)
        self.__dict__.update(attributes)

    def getoption(self, _name: str, default: object = None) -> object:
        return default


def run_in(config: Config, options: Options | None = None) -> Run:
    worker = workers.worker_of(config)  # type: ignore[arg-type]
    return Run(config, options or Options(), worker)  # type: ignore[arg-type]


def worker_config(controller: Run) -> Config:
    node = SimpleNamespace(workerinput={"workerid": "gw1", "workercount": 2})
    workers.hand_out(node, controller.handout)
    return Config(workerinput=node.workerinput, workeroutput={})


def test_a_worker_has_the_identity_and_seed_of_the_run() -> None:
    controller = run_in(Config(), Options(user="u", password="p"))
    worker = run_in(worker_config(controller))
    assert worker.assignment.run_id == controller.assignment.run_id
    assert worker.assignment.seed == controller.assignment.seed
    assert worker.assignment.worker_id == "gw1"
    assert worker.assignment.process_name == f"{controller.assignment.run_id}1"
    assert worker.assignment.worker is not None
    assert worker.assignment.worker.shared.password == "p"


def test_two_runs_differ_in_identity() -> None:
    first, second = run_in(Config()), run_in(Config())
    assert first.assignment.run_id != second.assignment.run_id


def test_what_a_worker_sends_is_added() -> None:
    ours, theirs = (RunRecord(Ledger(), Meter()) for _ in range(2))
    for record, ok in ((ours, True), (theirs, True), (theirs, False)):
        record.ledger.record("keys.test_create", Judgement(ID, ok, "status", 200, 500))
    theirs.leaks.append("keys k1")
    theirs.errors.append("broken")
    theirs.meter.requests = 7
    config = Config(workeroutput={})
    workers.send_to_controller(config, theirs.dump())  # type: ignore[arg-type]
    dump = workers.received_from(config)
    assert dump is not None
    assert not ours.begun
    ours.merge(dump)
    assert ours.begun
    assert ours.ledger.examined[ID] == 3
    assert [finding.by for finding in ours.ledger.findings.values()] == ["keys.test_create"]
    assert (ours.leaks, ours.errors) == (["keys k1"], ["broken"])
    assert ours.budget["requests"] == 7


def test_what_the_run_itself_made_is_not_told_as_gone() -> None:
    """One process takes its inventory when another has created things already."""
    first, second = (RunRecord(Ledger(), Meter()) for _ in range(2))
    first.others = {
        "keys/theirs": "keys theirs is gone",
        "keys/tckrun1x001": "keys tckrun1x001 is gone",
        "instances/i1": "instances i1 (tckrun1x002, RUNNING) is gone",
        "addresses/a1": "addresses a1 is gone",
    }
    second.made = {"addresses/a1"}
    first.merge(second.dump())
    assert first.changes_to_others("run1") == ["keys theirs is gone"]
    first.others = {f"keys/{number}": f"keys {number} is gone" for number in range(100)}
    assert first.changes_to_others("run1")[19:] == ["keys 19 is gone", "and 80 more"]


@pytest.mark.parametrize("begun", [True, False])
def test_a_lost_worker_is_an_error_if_anything_was_judged(begun: bool) -> None:
    config = Config()
    run = config.stash[of_pytest._RUN] = run_in(config)
    run.record.begun = begun
    node = SimpleNamespace(config=config, gateway=SimpleNamespace(id="gw0"))
    plugin.pytest_testnodedown(node, "Not properly terminated")
    errors = ["worker gw0 was lost: Not properly terminated"]
    assert run.record.errors == (errors if begun else [])


def test_the_result_says_what_was_left_and_why_a_run_did_not_finish() -> None:
    run = run_in(Config())
    run.record.leaks.append("keys k1")
    result = run.conclude("it was interrupted")
    assert result is run.result
    assert result.leaks == ("keys k1",)
    assert result.unfinished == "it was interrupted"
    assert result.run_id == run.assignment.run_id
    assert result.seed == run.assignment.seed
