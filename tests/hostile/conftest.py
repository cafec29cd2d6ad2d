"""After the tests: the runs that cost most."""

from __future__ import annotations

import pytest

from .cost import Cost, worst


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [r for some in terminalreporter.stats.values() for r in some]
    told = [dict(getattr(report, "user_properties", ())) for report in reports]
    if costs := {Cost(*each["cost"]) for each in told if "cost" in each}:
        terminalreporter.section("hostile endpoints that cost most")
        for line in worst(costs, 5):
            terminalreporter.write_line(line)
