"""One process of a run, from its first contact to its result: the parts, put together."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tck.checks.support import awaiting
from tck.checks.support.cloud import Cloud
from tck.checks.support.session import Options
from tck.checks.support.smoke import OneCaseEach
from tck.endpoint import disk
from tck.endpoint.disk import Unwritable
from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import GATE
from tck.endpoint.sequence import leading_to, needed_for
from tck.report import FILES, proof, transcript
from tck.report.ledger import Ledger
from tck.report.result import Result, conclude
from tck.report.transcript import Transcript, TranscriptPart
from tck.run.assignment import Assignment
from tck.run.contact import contact
from tck.run.ending import clean_up, left_behind
from tck.run.record import RunRecord
from tck.run.telling import Telling
from tck.run.workers import Handout, Worker
from tck.safety.budget import Meter
from tck.safety.shield import SHIELD
from tck.safety.slots import Slots


class Run:
    """A run in one process: alone, as the controller of workers, or as a worker.

    `assignment`: what to do; `record`: what was found out; `cloud`: the endpoint, once there was
    contact; `selector`: what a smoke run skips; `telling`: what it is doing; `result`: once the run
    is concluded.
    """

    def __init__(self, config: pytest.Config, options: Options, worker: Worker | None) -> None:
        """`worker`: this process, if it is a worker. Raises BadDeviations, Unwritable."""
        self.assignment = Assignment(config, options, worker)
        if options.report_dir and not worker:
            disk.prepare(options.report_dir, FILES)
            transcript.clear(options.report_dir)
        self.record = RunRecord(_ledger(self.assignment), _meter(options, worker))
        self.selector: OneCaseEach | None = None
        if options.profile == "smoke":
            self.selector = OneCaseEach(self.assignment.catalogue, self.record.ledger.examined)
        self.cloud: Cloud | None = None
        self.telling = Telling(config, self.assignment.worker_id)
        self.result: Result | None = None
        self._target = ExitStack()
        self._shared = None
        if config.pluginmanager.has_plugin("dsession"):
            self._shared = disk.temporary_folder(options.report_dir or Path(), "shared")

    @property
    def handout(self) -> Handout:
        """What the controller gives to each worker."""
        assignment, options = self.assignment, self.assignment.options
        folder = self._shared.name if self._shared else ""
        user, password = (
            (options.other.user, options.other.password) if options.other else (None, None)
        )
        return Handout(
            assignment.run_id,
            assignment.seed,
            options.user,
            options.password,
            user,
            password,
            folder,
        )

    def make_contact(self, checks: int) -> None:
        """Contact the endpoint for a number of checks, and set `cloud`. Raises BadEndpoint."""
        self.cloud = self._target.enter_context(contact(self.assignment, self.record))
        trail = self.cloud.trail
        self.record.ledger.steps_to = lambda x: needed_for(x, trail)
        for cloud in self._clouds:
            cloud.waiting.told = cloud.cleaner.told = self.telling.wait
        self.telling.begin(checks)

    def steps_to(self, last: Exchange | None) -> list[Exchange]:
        """The requests that lead to an exchange."""
        return [] if self.cloud is None or last is None else leading_to(last, self.cloud.trail)

    def clean_up(self) -> None:
        """Remove what this process created; what stays is recorded as a leak."""
        for cloud in self._clouds if not SHIELD.abandoned else ():
            clean_up(cloud, self.assignment, self.record)
            if failure := cloud.journal.failure:
                self.record.ledger.unwritten.append(failure)
        if self.cloud is not None and not SHIELD.abandoned:
            awaiting.judge_removals(self.cloud, self.record.ledger, "clean-up")

    @property
    def _clouds(self) -> list[Cloud]:
        """The endpoint as the second user sees it, if there is one, and as the first does."""
        return [c for c in (self.cloud and self.cloud.other, self.cloud) if c is not None]

    def close(self) -> None:
        """Stop the embedded server, and remove what processes shared, if there is any."""
        self._target.close()
        if self._shared:
            self._shared.cleanup()

    def conclude(self, unfinished: str = "") -> Result:
        """Set `result`. In the controller, once all processes have ended.

        `unfinished`: why checks are missing; if empty, the budget may say so.
        """
        assignment, record = self.assignment, self.record
        options, ledger, budget = assignment.options, record.ledger, record.budget
        joined = self._join_transcript()
        for cloud in self._clouds:
            cloud.journal.close(keep=True)  # unless clean-up has closed it
        self.result = Result(
            outcomes=conclude(
                assignment.catalogue,
                ledger,
                record.capabilities,
                assignment.scope,
                two_accounts=options.other is not None,
                wire=options.sends_bytes,
            ),
            scope=assignment.scope,
            capabilities=record.capabilities,
            deviations=assignment.deviations,
            requests=ledger.requests,
            seconds=assignment.seconds,
            subject=assignment.subject,
            started=assignment.started,
            checks=tuple(record.checks),
            options={
                "driver": options.driver,
                "provider": options.provider,
                "profile": options.profile,
                "read_only": options.read_only,
                "two_accounts": options.other is not None,
                "wire": options.sends_bytes,
            },
            leaks=(*record.leaks, *left_behind(assignment, record)),
            left=tuple(record.left),
            unwritten=tuple(ledger.unwritten),
            others=tuple(record.changes_to_others(assignment.run_id)),
            errors=tuple(record.errors),
            unfinished=unfinished or record.unreadable or budget["stopped"],
            run_id=assignment.run_id,
            seed=assignment.seed,
            traffic=ledger.traffic,
            coverage=ledger.coverage,
            transcript=joined,
            proof=proof.read(options.report_dir),
            retries=tuple(ledger.retries),
            unjudged=tuple(ledger.unjudged.lines()),
            budget=budget,
        )
        return self.result

    def _join_transcript(self) -> Transcript | None:
        folder = self.assignment.options.report_dir
        try:
            return transcript.join(folder) if folder else None
        except Unwritable as error:
            self.record.ledger.unwritten.append(str(error))
            return None


def _ledger(assignment: Assignment) -> Ledger:
    """A ledger that redacts, and writes a transcript if there is a report."""
    options = assignment.options
    written = None
    if options.report_dir and not options.quick:
        count = assignment.worker.count if assignment.worker else 1
        written = TranscriptPart(
            options.report_dir, assignment.worker_id, GATE, options.report_limits, count
        )
    return Ledger(assignment.deviations, GATE, written, options.report_limits)


def _meter(options: Options, worker: Worker | None) -> Meter:
    """A meter with this process's share of the budget."""
    budget, slots = options.budget, None
    if worker:
        budget = budget.share(worker.count, worker.number)
    if worker and budget.live is not None:
        slots = Slots(Path(worker.shared.folder), budget.live)
    return Meter(budget, options.prices, slots)
