"""What a run has found out: in this process, and in workers that have sent their dump."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tck.endpoint.capabilities import Capabilities
from tck.report.ledger import Ledger
from tck.report.result import CheckOutcome
from tck.safety.budget import Meter, merge_usage


class RunRecord:
    """Judgements, outcomes of checks, leaks, errors and what was used.

    `leaks`: what could not be removed, a line each; `errors`: defects of the run itself, such as
    a lost worker. `begun`: an endpoint was contacted, so there is something to report.
    """

    def __init__(self, ledger: Ledger, meter: Meter) -> None:
        """`ledger` and `meter`: of this process."""
        self.ledger = ledger
        self.meter = meter
        self.capabilities: Capabilities | None = None
        self.checks: list[CheckOutcome] = []
        self.leaks: list[str] = []
        self.errors: list[str] = []
        self.begun = False
        self._used_by_workers: list[dict[str, Any]] = []

    def dump(self) -> dict[str, Any]:
        """All of it as plain values, except `checks`: xdist sends their reports itself."""
        return {
            "ledger": self.ledger.dump(),
            "capabilities": self.capabilities and self.capabilities.dump(),
            "used": self.meter.to_json(),
            "leaks": self.leaks,
            "errors": self.errors,
        }

    def merge(self, dump: Mapping[str, Any]) -> None:
        """Add what a worker dumped."""
        self.begun = True
        self.ledger.merge(dump["ledger"])
        if dump["capabilities"]:
            self.capabilities = Capabilities.from_dump(dump["capabilities"])
        self._used_by_workers.append(dump["used"])
        self.leaks += dump["leaks"]
        self.errors += dump["errors"]

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
