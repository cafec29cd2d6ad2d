"""Judging one server in this process, without pytest.

Theory of operation. A trial starts a fresh server, contacts it as a run does, and calls the check
functions one after the other; rules judge every exchange on the way. What makes over a thousand
trials affordable and repeatable:

- The server is a WSGI application that is called directly (`Direct`), unless what is altered
  shows only on a socket (`Alteration.needs_socket`).
- Time does not pass: the server's clock always says `NOW`, its random bytes and Hypothesis start
  from `SEED`. So two trials of one server find the same, and servers that differ in one thing
  answer mostly with the same bytes, which `Remembering` judges only once.
- Waiting takes no time: the clock by which the kit waits passes only while it sleeps. So it waits
  as long as at a mock behind a socket (`PATIENCE`), and what that takes is known (`waited`).
- `judge` is told when it is `enough`: a trial of a fault ends when the fault has been found.

Cases share the server, as in a run: each removes what it created, but a wrong server may keep it.
So a case may find something because of the cases before it, and their order matters (plan.py).
"""

from __future__ import annotations

import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from tck.checks.support import awaiting, running
from tck.checks.support import session as sessions
from tck.checks.support.cases import MOCK_CREDENTIALS, Case, run_case
from tck.checks.support.cloud import Cloud
from tck.checks.support.other_user import OtherUser
from tck.checks.support.policy import RunPolicy
from tck.checks.support.session import OTHER_OF_THE_MOCK, BadEndpoint
from tck.endpoint.direct import Direct
from tck.endpoint.exchange import Exchange
from tck.endpoint.limits import Limits
from tck.endpoint.transport import Transport
from tck.prove.altered.alteration import Alteration
from tck.prove.remembering import Remembering
from tck.reference_server.embedded import Unserved
from tck.report.ledger import Ledger
from tck.safety.journal import Journal
from tck.safety.waiting import Patience

HOST = "http://endpoint.test"
SEED = 20120601
NOW = 1795355124.0  # seconds since 1970
EXAMPLES, STEPS = 8, 8
PATIENCE = Patience(deadline=15.0)


class _SleepingClock:
    """A clock that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += max(seconds, 1e-6)  # less might be lost in rounding, and time stand still


@dataclass(frozen=True, slots=True)
class Trace:
    """What a case did at a server: ids of requirements and operations, and how many requests.

    `operations` has a `!` before one that was refused, as in `Change.where`; `asked` are those of
    the case itself, without what removed its resources.
    """

    examined: frozenset[str]
    operations: frozenset[str]
    asked: frozenset[str]
    requests: int


@dataclass(slots=True)
class Trial:
    """The outcome of judging one server.

    `found_by`: violated requirements, each with the rules and checks that found it; `evidence`:
    the first finding of each in words. `traces`: by name of the case, if asked for. `unfit`: why
    no check could run at all, or empty. `seconds` that it took, without those that it `waited`.
    """

    found_by: dict[str, list[str]] = field(default_factory=dict)
    examined: Counter[str] = field(default_factory=Counter)
    kit_errors: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)
    traces: dict[str, Trace] = field(default_factory=dict)
    requests: int = 0
    seconds: float = 0.0
    waited: float = 0.0
    unfit: str = ""


def judge(
    subject: Alteration,
    order: Iterable[Case],
    enough: Callable[[Ledger], bool] = lambda _: False,
    *,
    traced: bool = False,
    examples: int = EXAMPLES,
    ledger: Remembering | None = None,
) -> Trial:
    """Run cases in `order` against a fresh `subject` until it is `enough`, or all have run.

    `ledger`: an empty one, for who wants to know more than a `Trial` tells.
    """
    running.configure_hypothesis(examples, STEPS, SEED, shrink=False)
    trial, ledger, began = Trial(), ledger or Remembering(), time.perf_counter()
    with _transports(subject) as (transport, second):
        transport.observers.append(ledger.observe)
        try:
            capabilities = sessions.discover(transport)
        except BadEndpoint as error:
            trial.unfit = str(error)
        else:
            clock = _SleepingClock()
            policy = RunPolicy(replace(PATIENCE, clock=clock), free=True, wire=subject.needs_socket)
            cloud = Cloud(transport, capabilities, Journal(), "p", policy)
            _add_other(cloud, second, ledger)
            for case in order:
                if enough(ledger):
                    break
                if traced:
                    trial.traces[case.name] = _run_traced(case, cloud, ledger)
                else:
                    _run(case, cloud, ledger)
            trial.waited = clock.seconds
    for finding in ledger.findings.values():
        trial.found_by.setdefault(finding.requirement, []).append(finding.by)
        evidence = f"{finding.place}: expected {finding.expected}, got {finding.got}"
        trial.evidence.setdefault(finding.requirement, evidence)
    trial.examined, trial.kit_errors = ledger.examined, ledger.kit_errors
    trial.requests, trial.seconds = ledger.requests, time.perf_counter() - began
    return trial


@contextmanager
def _transports(subject: Alteration) -> Iterator[tuple[Transport, Transport]]:
    """That of the first user, and that of the second."""
    accounts: dict[str, Any] = {"other": (OTHER_OF_THE_MOCK.user, OTHER_OF_THE_MOCK.password)}
    accounts |= subject.options
    if subject.needs_socket:
        with subject.server(**accounts) as server:
            limits, url = Limits(seconds=2.0), subject.url(server)
            first = Transport(url, MOCK_CREDENTIALS, limits=limits)
            second = Transport(url, OTHER_OF_THE_MOCK, limits=limits, prefix="o")
            yield first, second
            first.close()
            second.close()
    else:
        app = subject.app(**accounts, clock=lambda: NOW, chance=random.Random(SEED).randbytes)
        served, url = Unserved(app, lambda: NOW), f"{HOST}{subject.base}"
        yield (
            Direct(url, MOCK_CREDENTIALS, served),
            Direct(url, OTHER_OF_THE_MOCK, served, prefix="o"),
        )


def _add_other(cloud: Cloud, transport: Transport, ledger: Ledger) -> None:
    """Let the second user in, unless the server knows only one."""
    transport.is_other = True
    transport.observers.append(ledger.observe)
    with contextlib.suppress(BadEndpoint):
        OtherUser(cloud, transport, sessions.discover(transport), Journal())


def _run(
    case: Case, cloud: Cloud, ledger: Ledger, has_run: Callable[[], object] = lambda: None
) -> None:
    """Run a case if it applies, and remove what it created."""
    two, declared = cloud.other is not None, cloud.capabilities
    wire = cloud.policy.wire
    if running.reason_to_skip(case.spec, case.params, declared, False, two, wire):
        return
    if cloud.why_not_run(writes=case.spec.writes):
        return
    before = cloud.live
    run_case(case, cloud, ledger)
    has_run()
    cloud.cleaner.remove_all(keep=before)
    if cloud.other:
        cloud.other.cleaner.remove_all(keep=before)
    awaiting.judge_removals(cloud, ledger, case.name)


def _run_traced(case: Case, cloud: Cloud, ledger: Ledger) -> Trace:
    before, sent = ledger.examined.copy(), list[Exchange]()
    asked: list[Exchange] = []
    transports = [one.transport for one in (cloud, cloud.other) if one is not None]
    for transport in transports:
        transport.observers.append(sent.append)
    _run(case, cloud, ledger, lambda: asked.extend(sent))
    for transport in transports:
        transport.observers.pop()
    examined = frozenset((ledger.examined - before).keys())
    operations, own = (frozenset(map(_operation, xs)) for xs in (sent, asked))
    return Trace(examined, operations, own, len(sent))


def _operation(x: Exchange) -> str:
    return "!" * (x.status >= 400) + (x.operation.id if x.operation else "")
