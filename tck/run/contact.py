"""The first contact with the endpoint, and the `Cloud` that checks get.

The requests of the contact itself are in `tck.checks.support.session`, which says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tck.checks.support import session as sessions
from tck.checks.support.cloud import Cloud
from tck.checks.support.other_user import OtherUser
from tck.checks.support.policy import HISTORIES, RunPolicy
from tck.checks.support.session import Options
from tck.endpoint.capabilities import Capabilities
from tck.endpoint.transport import Transport
from tck.run import target
from tck.run.assignment import Assignment
from tck.run.ending import accepting
from tck.run.record import RunRecord
from tck.safety.journal import Journal
from tck.safety.waiting import Patience

_LARGEST_BLOB = 2 * 1024 * 1024  # bytes; of a real provider
# Seconds for one change, by where it happens: in this process, on a mock, on machines.
_EMBEDDED, _MOCK, _REAL = 3.0, 15.0, 300.0
_SIMULATED = ("mock", "full")  # drivers that have no machines


@contextmanager
def contact(assignment: Assignment, record: RunRecord) -> Iterator[Cloud]:
    """Start the embedded server if there is no endpoint, and learn what the endpoint declares.

    Every exchange is judged from here on. Raises BadEndpoint.
    """
    name = assignment.process_name
    with target.open_target(assignment.options) as (base, options):
        transport = sessions.connect(options, base, assignment.worker_id or "x")
        transport.observers.append(record.ledger.observe)
        try:
            capabilities = record.capabilities = sessions.discover(transport)
        except sessions.BrokenEntryPoint as error:
            record.begun, record.unreadable = True, str(error)
            raise
        record.begun = True
        meter = record.meter
        if meter.budget.check_seconds is None:
            simulated = capabilities.driver in _SIMULATED
            meter.budget = replace(meter.budget, check_seconds=600.0 if simulated else 7200.0)
        other = _other_user(options, base, assignment, record)
        # the requests of the first contact count, too
        record.meter.requests = record.ledger.requests
        journal, policy = _journal(assignment, base), policy_for(options, capabilities)
        if assignment.worker and options.outlives_run:
            policy = replace(policy, shared=Path(assignment.worker.shared.folder))
        cloud = Cloud(transport, capabilities, journal, name, policy, record.meter)
        cloud.cleaner.may_stay = lambda resource, why: bool(
            accepting(record, resource, why.exchange)
        )
        if other is not None:
            second = OtherUser(cloud, *other, _journal(assignment, base, user="other"))
            second.cleaner.may_stay = cloud.cleaner.may_stay
        yield cloud


def _other_user(
    options: Options, base: str, assignment: Assignment, record: RunRecord
) -> tuple[Transport, Capabilities] | None:
    """Contact as the second user, if there is one. Raises BadEndpoint."""
    if options.other is None:
        return None
    transport = sessions.connect(options, base, assignment.worker_id or "x", other=True)
    transport.observers.append(record.ledger.observe)
    return transport, sessions.discover(transport)


def _journal(assignment: Assignment, base: str, user: str = "") -> Journal:
    """A journal on disk if something could outlive this process, otherwise in memory.

    `user`: "other" for that of the second user.
    """
    options = assignment.options
    if options.read_only or not options.outlives_run:
        return Journal()
    parts = ("journal", assignment.run_id, assignment.worker_id, user)
    path = assignment.folder / ("-".join(filter(None, parts)) + ".jsonl")
    return Journal(
        path,
        run=assignment.process_name,
        endpoint=base,
        driver=options.driver or "",
        provider=options.provider or "",
        cloud=options.cloud.name if options.cloud else "",
        user=user,
    )


def cleanup_seconds(options: Options, capabilities: Capabilities) -> float:
    """How long clean-up may wait in all: as the user says, else longer where machines are real."""
    return options.cleanup_seconds or (120.0 if capabilities.driver in _SIMULATED else 600.0)


def patience_for(options: Options, capabilities: Capabilities) -> Patience:
    """How long to wait for one change: as the user or clouds.toml says, else by where it is."""
    usual = _MOCK if capabilities.driver in _SIMULATED else _REAL
    if not options.outlives_run:
        usual = _EMBEDDED
    asked = options.transition or (options.cloud.transition if options.cloud else None)
    return Patience(asked or usual, first_pause=0.05 if options.outlives_run else 0.001)


def policy_for(options: Options, capabilities: Capabilities) -> RunPolicy:
    """What the run is allowed and told to do, from options and from clouds.toml."""
    policy = RunPolicy(
        patience_for(options, capabilities),
        options.read_only,
        one_of_each=options.profile == "smoke",
        histories=HISTORIES[options.profile],
        outlives_run=options.outlives_run,
        free=not options.outlives_run,
        cleanup_seconds=cleanup_seconds(options, capabilities),
        wire=options.sends_bytes,
    )
    if options.max_blob_size is not None:
        policy = replace(policy, largest_blob=options.max_blob_size)
    elif options.outlives_run and capabilities.driver != "mock":
        policy = replace(policy, largest_blob=_LARGEST_BLOB)
    delay = options.cloud.settles if options.cloud else 0.0
    return replace(policy, read_after_write_delay=delay, launch_defaults=options.launch)
