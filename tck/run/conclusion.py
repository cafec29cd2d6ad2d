"""The result of a run, written in every form that was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tck.endpoint.disk import Unwritable
from tck.report.result import Result
from tck.run.outlets import redact
from tck.run.state import Run


def conclude(run: Run, unfinished: str, allure_folder: str | None) -> Result:
    """Set the run's result, once all processes have ended, and write it.

    `unfinished`: why checks are missing, empty if none are.
    """
    result = run.conclude(unfinished)
    failures = list(_write(run, result, allure_folder))
    run.result = replace(result, unwritten=(*result.unwritten, *failures))
    return run.result


def _write(run: Run, result: Result, allure_folder: str | None) -> Iterator[str]:
    """Write the report, and the results for Allure; yield what could not be written."""
    options = run.assignment.options
    if options.report_dir:
        from tck.report import write  # noqa: PLC0415 - takes long to load

        try:
            write.write(result, options.report_dir, options.report_limits)
        except Unwritable as error:
            yield str(error)
    if allure_folder:
        from tck.report import allure_results  # noqa: PLC0415 - takes long to load

        try:
            allure_results.write(result, Path(allure_folder), redact)
        except Unwritable as error:
            yield str(error)
