"""The run that belongs to a process of pytest, for the plugin and its fixtures."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tck.checks.support import private
from tck.checks.support.session import BadEndpoint
from tck.endpoint.disk import BadPlace, Unwritable
from tck.endpoint.redaction import GATE, WEAK
from tck.report.deviations import BadDeviations
from tck.run import workers
from tck.run.interruption import Interruption
from tck.run.options import Skipped, build, own_name
from tck.run.outlets import Outlets, redact
from tck.run.record import CheckOutcomes
from tck.run.state import Run

_RUN = pytest.StashKey[Run]()
_INTERRUPTION = pytest.StashKey[Interruption]()


def begun_run(config: pytest.Config) -> Run | None:
    """The run of this process, if there is one."""
    return config.stash.get(_RUN, None)


def begun_interruption(config: pytest.Config) -> Interruption | None:
    """How this process handles signals, if there is a run."""
    return config.stash.get(_INTERRUPTION, None)


def run_of(config: pytest.Config) -> Run:
    """The run of this process; made at first use."""
    run = config.stash.get(_RUN, None)
    if run is None:
        worker = workers.worker_of(config)
        config.pluginmanager.register(Outlets(config))
        config.stash[_INTERRUPTION] = Interruption(in_worker=worker is not None)
        with exit_on_bad_input():
            secrets = worker.shared.secrets if worker else None
            options = build(lambda name: config.getoption(own_name(name)), secrets)
            run = config.stash[_RUN] = Run(config, options, worker)
        config.pluginmanager.register(CheckOutcomes(run.record))
        config.pluginmanager.register(run.telling)
        if folder := config.getoption("allure_report_dir", None):
            from tck.report import allure_results  # noqa: PLC0415 - takes long to load

            allure_results.guard(config, Path(folder), run.record.ledger.unwritten, redact)
        if GATE.weak and not worker:
            private.say(config, f"warning: {WEAK}")
    return run


def interruption_of(config: pytest.Config) -> Interruption:
    """How this process handles signals; there once `run_of` was called."""
    return config.stash[_INTERRUPTION]


@contextlib.contextmanager
def exit_on_bad_input() -> Iterator[None]:
    """End pytest with one line if the input or the endpoint does not allow a run."""
    try:
        yield
    except BadEndpoint as error:
        pytest.exit(str(error), returncode=error.code)
    except (BadDeviations, BadPlace) as error:
        pytest.exit(str(error), returncode=2)
    except Unwritable as error:
        pytest.exit(str(error), returncode=4)
    except Skipped as skipped:
        pytest.exit(str(skipped), returncode=0)
