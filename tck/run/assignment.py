"""What a process of a run sets out to do. Nothing of this changes during the run."""

from __future__ import annotations

import datetime
import random
import time
from pathlib import Path

import pytest

from tck import requirements
from tck.checks.support.cases import CHECKS
from tck.checks.support.session import Options
from tck.report.deviations import Deviations, load
from tck.report.result import Scope
from tck.run.workers import Worker
from tck.safety import naming


class Assignment:
    """Options, scope, identity and seed of a run.

    `run_id`: 13 random letters and digits; `subject`: the endpoint, for reports.
    """

    def __init__(self, config: pytest.Config, options: Options, worker: Worker | None) -> None:
        """`worker`: this process, if it is a worker. Raises BadDeviations."""
        self.options = options
        self.worker = worker
        self.run_id = worker.shared.run_id if worker else naming.new_run_id()
        self.seed = worker.shared.seed if worker else _seed(config)
        self.scope = scope_of(config, options)
        self.catalogue = requirements.load()
        self.deviations = load(options.deviations) if options.deviations else Deviations()
        self.subject = (
            options.endpoint or f"the embedded reference server, persona {options.persona}"
        )
        self.started = datetime.datetime.now(datetime.UTC)
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self._began

    @property
    def folder(self) -> Path:
        """Where journals are."""
        return self.options.report_dir or Path()

    @property
    def worker_id(self) -> str:
        """`gw0`; empty if this process is not a worker."""
        return self.worker.id if self.worker else ""

    @property
    def process_name(self) -> str:
        """Part of the names of what this process creates: the run's id, and the worker's."""
        return naming.of_process(self.run_id, self.worker_id)


def _seed(config: pytest.Config) -> int:
    """The seed that the user asked for, or a random one."""
    seed = config.getoption("--hypothesis-seed", None)
    return random.randrange(1 << 32) if seed in (None, "random") else int(seed)


def scope_of(config: pytest.Config, options: Options) -> Scope:
    """How much a run sets out to examine."""
    if options.read_only:
        return Scope.READ_ONLY
    paths = [Path(str(arg)).resolve() for arg in config.args]
    narrowed = not any(path in (CHECKS, *CHECKS.parents) for path in paths)
    return Scope.SELECTION if narrowed or config.option.keyword else Scope.WHOLE
