"""The cases of all checks, and how to run one without pytest around it.

`deltacloud-tck prove` and a dry run call check functions directly, thousands of times; pytest
only says which calls there are (`parametrize`) and what they are named.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import tck.checks
from tck import requirements
from tck.checks.support import running
from tck.checks.support.check import CheckSpec, spec_of
from tck.checks.support.cloud import Cloud
from tck.endpoint.sequence import leading_to
from tck.endpoint.transport import Credentials
from tck.safety.waiting import Patience

CHECKS = Path(tck.checks.__path__[0])
# What the mock driver accepts.
MOCK_CREDENTIALS = Credentials("mockuser", "mockpassword")
# In this process a change of state is immediate, so a short wait is enough.
IN_PROCESS_PATIENCE = Patience(deadline=0.15, first_pause=0.0005, longest_pause=0.02)


@dataclass(frozen=True)
class Case:
    """One call of a check: `module.function[id]`, and the arguments from `parametrize`."""

    name: str
    function: Callable[..., None]
    spec: CheckSpec
    params: Mapping[str, Any]

    @property
    def check(self) -> str:
        """The name without the id: `keys.test_create`."""
        return self.name.partition("[")[0]

    @property
    def module(self) -> str:
        """The module's name: `keys`."""
        return self.name.partition(".")[0]


@cache
def cases(keyword: str = "") -> tuple[Case, ...]:
    """Every case that pytest collects, in its order; with `keyword` those of `pytest -k`.

    Collecting takes about half a second and works inside a run of pytest, too: the inner pytest
    loads no plugins, reads no configuration and leaves the terminal alone.
    """
    collector = _Collector()
    modules = sorted(str(path) for path in CHECKS.glob("[!_]*.py"))
    switched_off = ("terminal", "cacheprovider", "faulthandler")
    arguments = [
        *("--collect-only", "--capture=no", "--assert=plain"),
        *("-c", os.devnull, f"--rootdir={CHECKS}", "--noconftest", "--disable-plugin-autoload"),
        *(f"-pno:{name}" for name in switched_off),
        *(["-k", keyword] if keyword else []),
    ]
    # options and plugins that the user adds to pytest are for the run, not for this listing
    added = {name: os.environ.pop(name, None) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")}
    try:
        status = pytest.main([*arguments, *modules], plugins=[collector])
    finally:
        os.environ.update({name: value for name, value in added.items() if value is not None})
    if status == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise RuntimeError(f"the checks cannot be collected: pytest ended with {status!r}")
    return tuple(collector.cases)


class _Collector:
    """A pytest plugin that keeps the collected cases."""

    def __init__(self) -> None:
        self.cases: list[Case] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            function = getattr(item, "function", None)
            spec = spec_of(function)
            if function is not None and spec is not None:
                self.cases.append(Case(case_name(item), function, spec, params_of(item)))


def case_name(item: pytest.Item) -> str:
    """Module and function with the id: `instances.test_launch[xml]`."""
    return f"{item.path.stem}.{item.name}"


def params_of(item: pytest.Item) -> Mapping[str, Any]:
    """The arguments of a parametrised case: `{"collection": "keys"}`."""
    callspec = getattr(item, "callspec", None)
    return callspec.params if callspec else {}


def run_case(case: Case, cloud: Cloud, ledger: running.Recorder) -> bool:
    """Run a case as the pytest plugin does; True if it passed.

    Violations and defects of the kit go into `ledger`; what the case created stays.
    """
    verify = running.verifier(case.name, case.spec, requirements.load(), ledger)
    cloud.trail.clear()
    cloud.say_purpose(case.name)
    try:
        case.function(**{"cloud": cloud, "verify": verify, **case.params})
    except pytest.skip.Exception:
        return False
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - recorded, as pytest does
        running.record_failure(
            case.name,
            case.spec,
            error,
            ledger,
            lambda last: [] if last is None else leading_to(last, cloud.trail),
        )
        return False
    return True
