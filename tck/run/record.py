"""What a run has found out: in this process, and in workers that have sent their dump."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tck.checks.support.check import CheckSpec
from tck.endpoint.capabilities import Capabilities
from tck.report.ledger import Ledger
from tck.report.result import CheckOutcome
from tck.safety.budget import Meter, merge_usage

_MOST_CHANGES = 20  # lines of them in a report


class RunRecord:
    """Judgements, outcomes of checks, leaks, errors and what was used.

    `leaks`: what could not be removed, a line each; `left`: what of it an accepted deviation lets
    stay; `errors`: defects of the run itself, such as a lost worker. `begun`: an endpoint was
    contacted, so there is something to report. `unreadable`: why its entry point cannot be read.
    `others`: what was there before the run and is gone or changed, in words by collection/id;
    `made`: collection/id of what the run made; `cleaned`: journals of processes whose clean-up has
    ended.
    """

    def __init__(self, ledger: Ledger, meter: Meter) -> None:
        """`ledger` and `meter`: of this process."""
        self.ledger = ledger
        self.meter = meter
        self.capabilities: Capabilities | None = None
        self.checks: list[CheckOutcome] = []
        self.leaks: list[str] = []
        self.left: list[str] = []
        self.errors: list[str] = []
        self.others: dict[str, str] = {}
        self.made: set[str] = set()
        self.cleaned: list[str] = []
        self.begun = False
        self.unreadable = ""
        self._used_by_workers: list[dict[str, Any]] = []

    def dump(self) -> dict[str, Any]:
        """All of it as plain values, except `checks`: xdist sends their reports itself."""
        return {
            "ledger": self.ledger.dump(),
            "capabilities": self.capabilities and self.capabilities.dump(),
            "used": self.meter.to_json(),
            "leaks": self.leaks,
            "left": self.left,
            "errors": self.errors,
            "unreadable": self.unreadable,
            "others": self.others,
            "made": sorted(self.made),
            "cleaned": self.cleaned,
        }

    def merge(self, dump: Mapping[str, Any]) -> None:
        """Add what a worker dumped."""
        self.begun = True
        self.ledger.merge(dump["ledger"])
        if dump["capabilities"]:
            self.capabilities = Capabilities.from_dump(dump["capabilities"])
        self._used_by_workers.append(dump["used"])
        self.leaks += dump["leaks"]
        self.left += dump["left"]
        self.errors += dump["errors"]
        self.unreadable = self.unreadable or dump["unreadable"]
        self.others.update(dump["others"])
        self.made.update(dump["made"])
        self.cleaned += dump["cleaned"]

    def changes_to_others(self, run_id: str) -> list[str]:
        """What is gone or changed of what no process of the run made.

        One process may have seen what another made before its own first write.
        """
        mark = f"tck{run_id}"
        texts = [
            text
            for key, text in self.others.items()
            if key not in self.made and f"/{mark}" not in key and f"({mark}" not in text
        ]
        more = [f"and {len(texts) - _MOST_CHANGES} more"] if len(texts) > _MOST_CHANGES else []
        return texts[:_MOST_CHANGES] + more

    @property
    def budget(self) -> Mapping[str, Any]:
        """What all processes used, as `Meter.to_json` has it."""
        return merge_usage([self.meter.to_json(), *self._used_by_workers])


class CheckOutcomes:
    """A pytest plugin that adds the outcomes of checks to a record, those of workers, too."""

    def __init__(self, record: RunRecord) -> None:
        """`record`: of this process."""
        self._record = record

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A check was set up, run or torn down."""
        requirements = dict(report.user_properties).get("requirements")
        if requirements is not None and (report.when == "call" or report.outcome != "passed"):
            path, _, name = report.nodeid.partition("::")
            outcome = CheckOutcome(
                f"{Path(path).stem}.{name}",
                tuple(str(requirements).split(", ")),
                report.outcome,
                report.duration,
            )
            self._record.checks.append(outcome)


def report_skipped(item: pytest.Item, spec: CheckSpec, reason: str) -> None:
    """Report a check as pytest does, without having set anything up for it."""
    path, line, _ = item.location
    report = pytest.TestReport(
        item.nodeid,
        item.location,
        {},
        "skipped",
        (path, line or 0, f"Skipped: {reason}"),
        "setup",
        user_properties=[("requirements", ", ".join(spec.requirements))],
    )
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
