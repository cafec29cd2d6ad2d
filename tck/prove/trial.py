"""Judging one server in this process: the checks without pytest around them."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tck import requirements
from tck.checks.support import running
from tck.checks.support import session as sessions
from tck.checks.support.cloud import Cloud
from tck.checks.support.policy import RunPolicy
from tck.checks.support.session import BadEndpoint
from tck.endpoint.direct import Direct
from tck.endpoint.exchange import Exchange
from tck.endpoint.transport import Credentials, Limits, Transport
from tck.prove.altered.alteration import Alteration
from tck.prove.cases import Case
from tck.prove.remembering import Remembering
from tck.reference_server.embedded import Unserved
from tck.report.ledger import Ledger
from tck.safety.journal import Journal
from tck.safety.waiting import Patience

HOST = "http://endpoint.test"
KNOWN = Credentials("mockuser", "mockpassword")
SEED = 20120601
NOW = 1795355124.0  # in a proof time stands still
EXAMPLES, STEPS = 8, 8
# A server in this process is as fast as it gets: what takes longer never comes.
PATIENCE = Patience(deadline=0.15, first_pause=0.0005, longest_pause=0.02)


@dataclass(frozen=True, slots=True)
class Seen:
    """A case at work: requirements it had examined, operations it asked for, its seconds.

    An operation that was refused has a `!` before it, as in the places of changes.
    """

    examined: frozenset[str]
    asked: frozenset[str]
    seconds: float


@dataclass(slots=True)
class Trial:
    """What came of judging one server.

    `found`: requirement to the rules and checks that found it violated; `evidence`: to what
    was first found. `seen`: by case, if it was watched. `unfit`: why nothing could begin.
    """

    found: dict[str, list[str]] = field(default_factory=dict)
    examined: Counter[str] = field(default_factory=Counter)
    kit_errors: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)
    requests: int = 0
    seconds: float = 0.0
    unfit: str = ""


@contextmanager
def _transport(subject: Alteration) -> Iterator[Transport]:
    """To the subject: called directly, or over a socket if it shows only there."""
    if subject.needs_socket:
        with subject.server() as server:
            transport = Transport(subject.url(server), KNOWN, limits=Limits(seconds=2.0))
            yield transport
            transport.close()
    else:
        app = subject.app(clock=lambda: NOW, chance=random.Random(SEED).randbytes)
        yield Direct(f"{HOST}{subject.base}", KNOWN, Unserved(app, lambda: NOW))


def judge(
    subject: Alteration,
    order: Iterable[Case],
    enough: Callable[[Ledger], bool] = lambda _: False,
    *,
    watched: bool = False,
) -> Trial:
    """Run cases against a fresh server until it is `enough`; `watched`, tell what each saw."""
    running.seed_generators(EXAMPLES, STEPS, SEED, shrink=False)
    trial, ledger, began = Trial(), Remembering(), time.perf_counter()
    with _transport(subject) as transport:
        transport.observers.append(ledger.observe)
        try:
            capabilities = sessions.discover(transport)
        except BadEndpoint as error:
            trial.unfit = str(error)
        else:
            cloud = Cloud(transport, capabilities, Journal(), "p", RunPolicy(PATIENCE))
            for case in order:
                if enough(ledger):
                    break
                if watched:
                    trial.seen[case.name] = _watch(case, cloud, ledger)
                else:
                    _run(case, cloud, ledger)
    for finding in ledger.findings.values():
        trial.found.setdefault(finding.requirement, []).append(finding.by)
        told = f"{finding.place}: expected {finding.expected}, got {finding.got}"
        trial.evidence.setdefault(finding.requirement, told)
    trial.examined, trial.kit_errors = ledger.examined, ledger.kit_errors
    trial.requests, trial.seconds = ledger.requests, time.perf_counter() - began
    return trial


def _watch(case: Case, cloud: Cloud, ledger: Ledger) -> Seen:
    before, at, sent = ledger.examined.copy(), time.perf_counter(), list[Exchange]()
    cloud.transport.observers.append(sent.append)
    _run(case, cloud, ledger)
    cloud.transport.observers.pop()
    examined = frozenset((ledger.examined - before).keys())
    return Seen(examined, frozenset(map(_outcome, sent)), time.perf_counter() - at)


def _outcome(x: Exchange) -> str:
    return "!" * (x.status >= 400) + (x.operation.id if x.operation else "")


def _run(case: Case, cloud: Cloud, ledger: Ledger) -> None:
    """One case, if it applies; what it created is removed."""
    if running.not_here(case.spec, case.params, cloud.capabilities, read_only=False):
        return
    before = len(cloud.journal.live)
    run_case(case, cloud, ledger)
    cloud.cleaner.remove_all(since=before)


def run_case(case: Case, cloud: Cloud, ledger: Ledger) -> bool:
    """One case, as the plugin runs it: what it finds, and that it failed, goes into the ledger.

    True if it passed.
    """
    verify = running.verifier(case.name, case.spec, requirements.load(), ledger)
    cloud.trail.clear()
    known: dict[str, Any] = {"cloud": cloud, "verify": verify, **case.params}
    try:
        case.function(**known)
    except pytest.skip.Exception:
        pass
    except BaseException as error:
        violations = list(running.violations(error))
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        for violation in violations:
            ledger.record(case.name, violation.judgement, violation.exchange)
        if not violations:
            for id_ in case.spec.requirements:
                ledger.kit_error(id_, f"{case.name}: {type(error).__name__}: {error}")
    else:
        return True
    return False
