"""State of a run in one process, from its first contact to its result."""

from __future__ import annotations

import datetime
import secrets
import time
from pathlib import Path

import pytest

import tck.checks
from tck import requirements
from tck.checks.support.cloud import Cloud
from tck.checks.support.session import Options
from tck.endpoint.capabilities import Capabilities
from tck.endpoint.redaction import Redactor
from tck.report import proof, transcript
from tck.report.deviations import Deviations, load
from tck.report.ledger import Ledger
from tck.report.result import CheckOutcome, Result, Scope, conclude
from tck.report.transcript import Transcript, TranscriptPart

CHECKS = Path(tck.checks.__path__[0])


class Run:
    """State of a run in one process (each xdist worker has its own)."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        """`options`: what the user asked for."""
        worker = getattr(config, "workerinput", None)
        self.options = options
        self.scope = scope_of(config, options)
        self.catalogue = requirements.load()
        self.deviations = load(options.deviations) if options.deviations else Deviations()
        redactor = Redactor([options.password] if options.password else [])
        self.id = worker["tck_run_id"] if worker else secrets.token_hex(2)
        self.worker = worker["workerid"] if worker else ""
        written = options.report_dir and TranscriptPart(options.report_dir, self.worker, redactor)
        self.ledger = Ledger(self.deviations, redactor, written or None)
        self.transcript: Transcript | None = None
        if options.report_dir and not worker:
            transcript.clear(options.report_dir)
        self.started = datetime.datetime.now(datetime.UTC)
        self.began = time.perf_counter()
        self.capabilities: Capabilities | None = None
        self.subject = (
            options.endpoint or f"the embedded reference server, persona {options.persona}"
        )
        self.cloud: Cloud | None = None
        self.checks: list[CheckOutcome] = []
        self.leaks: list[str] = []
        self.errors: list[str] = []
        self.used = False

    def join_transcript(self) -> None:
        """Every process of the run has ended: make one transcript of theirs."""
        if self.options.report_dir:
            self.transcript = transcript.join(self.options.report_dir)

    def result(self) -> Result:
        """The result as far as it is known."""
        wanted = self.options
        return Result(
            outcomes=conclude(self.catalogue, self.ledger, self.capabilities, self.scope),
            scope=self.scope,
            capabilities=self.capabilities,
            deviations=self.deviations,
            requests=self.ledger.requests,
            seconds=time.perf_counter() - self.began,
            subject=self.subject,
            started=self.started,
            checks=tuple(self.checks),
            options={
                "driver": wanted.driver,
                "provider": wanted.provider,
                "profile": wanted.profile,
                "read_only": wanted.read_only,
            },
            leaks=tuple(self.leaks),
            errors=tuple(self.errors),
            run_id=self.id,
            traffic=self.ledger.traffic,
            transcript=self.transcript,
            proof=proof.read(wanted.report_dir),
        )


def scope_of(config: pytest.Config, options: Options) -> Scope:
    """How much a run sets out to examine."""
    if options.read_only:
        return Scope.READ_ONLY
    paths = {str(Path(str(arg).split("::")[0]).resolve()) for arg in config.args}
    narrowed = any("::" in str(arg) for arg in config.args) or any(
        CHECKS in Path(path).parents for path in paths
    )
    return Scope.SELECTION if narrowed or config.option.keyword else Scope.WHOLE


class CheckOutcomes:
    """Remembers how checks went (in the controller, those of all workers)."""

    def __init__(self, run: Run) -> None:
        """`run`: to which they are added."""
        self._run = run

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A check was set up, run or torn down."""
        named = dict(report.user_properties).get("requirements")
        if named is not None and (report.when == "call" or report.outcome != "passed"):
            stem, _, name = report.nodeid.partition("::")
            outcome = CheckOutcome(
                f"{Path(stem).stem}.{name}",
                tuple(str(named).split(", ")),
                report.outcome,
                report.duration,
            )
            self._run.checks.append(outcome)
