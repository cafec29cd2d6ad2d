"""State of a run in one process, from its first contact to its result."""

from __future__ import annotations

import contextlib
import datetime
import secrets
import shlex
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import tck.checks
from tck import requirements
from tck.checks.support import session as sessions
from tck.checks.support.cloud import Cloud
from tck.checks.support.policy import RunPolicy
from tck.checks.support.session import Options
from tck.checks.support.smoke import OneCaseEach
from tck.endpoint.capabilities import Capabilities
from tck.endpoint.redaction import Redactor
from tck.report import proof, transcript
from tck.report.deviations import Deviations, load
from tck.report.ledger import Ledger
from tck.report.result import CheckOutcome, Result, Scope, conclude
from tck.report.transcript import Transcript, TranscriptPart
from tck.run import target
from tck.safety import leftovers
from tck.safety.budget import Meter, merge_usage
from tck.safety.journal import Journal
from tck.safety.slots import Slots
from tck.safety.waiting import Patience

CHECKS = Path(tck.checks.__path__[0])
_LARGEST_BLOB = 2 * 1024 * 1024  # bytes; of a real provider
_EMBEDDED = Patience(deadline=10.0, first_pause=0.001)


class Run:
    """State of a run in one process (each xdist worker has its own)."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        """`options`: what the user asked for."""
        worker = getattr(config, "workerinput", None)
        self.options = options
        self.scope = scope_of(config, options)
        self.catalogue = requirements.load()
        self.deviations = load(options.deviations) if options.deviations else Deviations()
        pair = f"{options.user}:{options.password}"  # an endpoint may echo Authorization
        redactor = Redactor([options.password, pair] if options.password else [])
        self.id = worker["tck_run_id"] if worker else secrets.token_hex(3)
        self.seed: int | None = None
        self.worker = worker["workerid"] if worker else ""
        written = None
        if options.report_dir and not options.quick:
            written = TranscriptPart(options.report_dir, self.worker, redactor)
        self.ledger = Ledger(self.deviations, redactor, written)
        self.sparing: OneCaseEach | None = None
        if options.profile == "smoke":
            self.sparing = OneCaseEach(self.catalogue, self.ledger.examined)
        self.transcript: Transcript | None = None
        if options.report_dir and not worker:
            transcript.clear(options.report_dir)
        self.meter = _meter(options, worker)
        self.started = datetime.datetime.now(datetime.UTC)
        self.began = time.perf_counter()
        self.capabilities: Capabilities | None = None
        self.subject = (
            options.endpoint or f"the embedded reference server, persona {options.persona}"
        )
        self.cloud: Cloud | None = None
        self._server = contextlib.ExitStack()
        self.checks: list[CheckOutcome] = []
        self.leaks: list[str] = []
        self.errors: list[str] = []
        self.unfinished = ""
        self.concluded: Result | None = None
        self.used = False
        self.slots = tempfile.TemporaryDirectory(prefix="tck-slots-") if not worker else None
        self.used_elsewhere: list[dict[str, Any]] = []

    def reach(self) -> None:
        """Contact the endpoint and learn what it declares. Raises BadEndpoint."""
        base, self.options = self._server.enter_context(target.reached(self.options))
        transport = sessions.connect(self.options, base, self.worker or "x")
        transport.observers.append(self.ledger.observe)
        self.capabilities = sessions.discover(transport)
        self.used = True
        self.meter.requests = self.ledger.requests
        name = self.id + (f"w{self.worker.removeprefix('gw')}x" if self.worker else "")
        journal = self._journal(base, name)
        self.cloud = Cloud(transport, self.capabilities, journal, name, self._policy(), self.meter)

    def dump(self) -> dict[str, Any]:
        """What this process found out, as plain values that can be sent to another."""
        return {
            "ledger": self.ledger.dump(),
            "capabilities": self.capabilities and self.capabilities.dump(),
            "used": self.meter.to_json(),
            "leaks": self.leaks,
            "errors": self.errors,
        }

    def merge(self, dump: Mapping[str, Any]) -> None:
        """Add what another process dumped."""
        self.used = True
        self.ledger.merge(dump["ledger"])
        if dump["capabilities"]:
            self.capabilities = Capabilities.from_dump(dump["capabilities"])
        self.used_elsewhere.append(dump["used"])
        self.leaks += dump["leaks"]
        self.errors += dump["errors"]

    def leave(self) -> None:
        """The embedded server, if there is one, is not needed any more."""
        self._server.close()

    def _journal(self, base: str, run: str) -> Journal:
        """On disk if something could outlive this process."""
        wanted = self.options
        if wanted.read_only or not wanted.lasting:
            return Journal()
        name = "-".join(filter(None, ("journal", self.id, self.worker))) + ".jsonl"
        told = {"run": run, "endpoint": base, "driver": wanted.driver or ""}
        cloud = wanted.cloud.name if wanted.cloud else ""
        path = (wanted.report_dir or Path()) / name
        return Journal(path, **told, provider=wanted.provider or "", cloud=cloud)

    def _policy(self) -> RunPolicy:
        wanted, profile = self.options, self.options.cloud
        policy = RunPolicy(
            Patience() if wanted.lasting else _EMBEDDED,
            wanted.read_only,
            one_of_each=wanted.profile == "smoke",
            outlives_run=wanted.lasting,
        )
        if wanted.max_blob_size is not None:
            policy = replace(policy, largest_blob=wanted.max_blob_size)
        elif wanted.lasting and self.capabilities and self.capabilities.driver != "mock":
            policy = replace(policy, largest_blob=_LARGEST_BLOB)
        if profile is None:
            return policy
        preferred = {
            "image_id": profile.image,
            "hwp_id": profile.profile,
            "realm_id": profile.realm,
        }
        return replace(
            policy,
            patience=Patience(deadline=profile.transition),
            read_after_write_delay=profile.settles,
            launch_defaults={name: value for name, value in preferred.items() if value},
        )

    def clean(self) -> None:
        """Remove what the run created, and what else bears its names; note what stays."""
        if (found := self.cloud) is None:
            return
        try:
            self._sweep(found)
        except KeyboardInterrupt:
            self.leaks.append(f"clean-up was interrupted; to go on: {self._remedy(found, False)}")
            raise

    def _sweep(self, found: Cloud) -> None:
        left, unsure = found.cleaner.remove_all(wait=True), []
        if found.journal.path is not None:
            with found.meter.exempt():
                declared = found.capabilities.collections
                # other processes of the run create things, too
                alone = bool(
                    self.options.cloud and self.options.cloud.exclusive and not self.worker
                )
                unsure = leftovers.adopt(
                    found.journal, found.run_id, declared, found.get, exclusive=alone
                )
            left = found.cleaner.remove_all(wait=True)
        doubtful = [leftover.resource for leftover in unsure]
        for resource in (*left, *doubtful):
            doubt = " (perhaps: it appeared while this run created one)" * (resource in doubtful)
            told = f"{resource.collection} {resource.id}: {resource.href}{doubt}"
            self.leaks.append(f"{told}; to remove it: {self._remedy(found, bool(doubt))}")
        found.journal.close(keep=bool(left or unsure))
        found.transport.close()

    def _remedy(self, found: Cloud, unnamed: bool) -> str:
        where = ["--cloud", self.options.cloud.name] if self.options.cloud else []
        journal = ["--journal", str(found.journal.path)] if found.journal.path else []
        return shlex.join(
            ["deltacloud-tck", "cleanup", *where, *journal, *(["--unnamed"] if unnamed else [])]
        )

    def join_transcript(self) -> None:
        """Every process of the run has ended: make one transcript of theirs."""
        if self.options.report_dir:
            self.transcript = transcript.join(self.options.report_dir)

    def result(self) -> Result:
        """The result as far as it is known."""
        wanted = self.options
        budget = merge_usage([self.meter.to_json(), *self.used_elsewhere])
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
            unfinished=self.unfinished or budget["stopped"],
            run_id=self.id,
            seed=self.seed,
            traffic=self.ledger.traffic,
            transcript=self.transcript,
            proof=proof.read(wanted.report_dir),
            retries=tuple(self.ledger.retries),
            budget=budget,
        )


def _meter(options: Options, worker: Mapping[str, Any] | None) -> Meter:
    processes = int(worker["workercount"]) if worker else 1
    budget, slots = options.budget.share(processes), None
    if worker and budget.live is not None:
        slots = Slots(Path(worker["tck_slots"]), budget.live)
    return Meter(budget, options.prices, slots)


def scope_of(config: pytest.Config, options: Options) -> Scope:
    """How much a run sets out to examine."""
    if options.read_only:
        return Scope.READ_ONLY
    paths = [Path(str(arg)).resolve() for arg in config.args]
    narrowed = not any(path in (CHECKS, *CHECKS.parents) for path in paths)
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
