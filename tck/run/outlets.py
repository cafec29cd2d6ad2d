"""What pytest, Allure and the log are told passes the gate, too.

They write reports of their own (`--junitxml`, `--alluredir`, `--log-file`, the terminal), of
tracebacks, values of variables, captured output and messages of exceptions. So reports of tests are
redacted as soon as they are made, before any plugin sees them; results for Allure, which repeat
what exceptions say, before they are written (`allure_results.Guard`); records of the log when they
are made; and the terminal is an outlet.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Generator
from contextlib import ExitStack
from typing import Any

import pytest

from tck.checks.support import private
from tck.endpoint.console import redacted_console
from tck.endpoint.redaction import GATE

# pytest shortens what it shows of a value in the middle, which may be within a secret.
_CUT = re.compile(r".{0,80}\.\.\..{0,80}", re.DOTALL)
_SHORTENED = ("ReprLocals", "ReprFuncArgs")
_MODELS = ("_pytest.", "allure_commons.")


def redact(value: Any) -> Any:
    """A report of pytest, or a result for Allure, redacted in place; texts are returned."""
    if isinstance(value, str):
        return GATE.text(value)
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        value[:] = GATE.text("\n".join(value)).split("\n")  # a key has several lines
    elif isinstance(value, list):
        value[:] = map(redact, value)
    elif isinstance(value, tuple):
        return tuple(map(redact, value))
    elif isinstance(value, dict):
        value.update({name: redact(member) for name, member in value.items()})
    elif type(value).__module__.startswith(_MODELS):
        if type(value).__name__ in _SHORTENED:
            _drop_cuts(value)
        for name, member in vars(value).items():
            setattr(value, name, redact(member))
    return value


def _drop_cuts(shown: Any) -> None:
    """Leave out what stands around each place where pytest left out something."""
    if hasattr(shown, "lines"):
        shown.lines = [_CUT.sub("...", line) for line in shown.lines]
    if hasattr(shown, "args"):
        shown.args = [(name, _CUT.sub("...", str(value))) for name, value in shown.args]


class Outlets:
    """A pytest plugin that redacts what pytest and its plugins tell."""

    def __init__(self, config: pytest.Config) -> None:
        """Redact the terminal and the log."""
        private.redact_terminal(config)
        if config.getoption("capture") == "no":
            console = ExitStack()
            console.enter_context(redacted_console())
            config.add_cleanup(console.close)
        make = logging.getLogRecordFactory()
        logging.setLogRecordFactory(lambda *args, **more: _redacted(make(*args, **more)))
        config.add_cleanup(lambda: logging.setLogRecordFactory(make))

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Redact a report before others see it: `trylast` makes this the innermost wrapper."""
        report = yield
        report.longrepr = redact(report.longrepr)
        report.sections = redact(report.sections)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excrepr: object) -> None:
        """Redact what pytest is about to tell of an error of its own, or of the kit."""
        redact(excrepr)


def _redacted(record: logging.LogRecord) -> logging.LogRecord:
    record.msg, record.args = GATE.text(record.getMessage()), ()
    if record.exc_info:
        record.exc_text = GATE.text(logging.Formatter().formatException(record.exc_info))
    return record
