"""A dry run: what a run would do to an endpoint, found out by doing it to a model of it.

The checks run in this process against a mock driver that declares the endpoint's capabilities.
The endpoint itself only gets requests that read its entry point. Where it would answer otherwise
than the mock, the plan is wrong: it is an estimate.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tck import requirements
from tck.checks.support import running
from tck.checks.support import session as sessions
from tck.checks.support.cases import IN_PROCESS_PATIENCE, MOCK_CREDENTIALS, cases, run_case
from tck.checks.support.cloud import Cloud
from tck.checks.support.other_user import OtherUser
from tck.checks.support.policy import HISTORIES, RunPolicy
from tck.checks.support.session import OTHER_OF_THE_MOCK, Options
from tck.checks.support.smoke import OneCaseEach
from tck.endpoint.capabilities import Capabilities
from tck.endpoint.direct import Direct
from tck.endpoint.exchange import Exchange
from tck.endpoint.transport import Transport
from tck.reference_server.app import create_app
from tck.reference_server.drivers import registry
from tck.reference_server.drivers.mock import MockDriver
from tck.reference_server.drivers.mock.backend import Conditions
from tck.reference_server.drivers.shape import Shape
from tck.reference_server.embedded import Unserved
from tck.reference_server.storage.store import MemoryStore
from tck.report.ledger import Ledger
from tck.safety.budget import Meter
from tck.safety.journal import Journal
from tck.schemas.operations import API

_BASE = "http://model.test/api"


@dataclass(frozen=True, slots=True)
class Plan:
    """The result of a dry run: what a run would send and create.

    `creates`: by collection; `at_once`: most instances at the same time; `seconds` without those
    for state changes; `stopped`: the limit that would end the run, or empty.
    """

    checks: int
    requests: int
    creates: Counter[str]
    at_once: int
    cost: float
    currency: str
    prices: str
    stopped: str
    seconds: float

    def lines(self) -> Iterator[str]:
        """The plan as text, line by line."""
        created = ", ".join(f"{n} {name}" for name, n in sorted(self.creates.items()))
        yield f"checks      {self.checks}"
        yield f"requests    about {self.requests}"
        yield f"creates     {created or 'nothing'}; instances at once: at most {self.at_once}"
        yield (
            f"takes       {self.seconds:.0f} s at the pace at which the endpoint just answered, "
            f"and {self.creates['instances']} times the time of a launch and a stop"
        )
        yield f"costs       at most {self.cost:.2f} {self.currency} (prices of {self.prices})"
        if self.stopped:
            yield f"it would be ended early: {self.stopped}"


def plan(options: Options, declared: Capabilities, pace: float, keyword: str = "") -> Plan:
    """Make a dry run against a model of an endpoint that has `declared` its capabilities.

    `pace`: seconds that the endpoint takes for an answer; `keyword`: as for `pytest -k`.
    """
    running.configure_hypothesis(*running.EXAMPLES[options.profile], seed=0, shrink=False)
    meter = Meter(replace(options.budget, rate=None, seconds=None), options.prices)
    second = OTHER_OF_THE_MOCK if options.other else None
    conditions = Conditions(other=(second.user, second.password) if second else None)
    driver = MockDriver(_shape(declared), MemoryStore(), conditions, MemoryStore())
    app = Unserved(create_app(driver))
    transport = Direct(_BASE, MOCK_CREDENTIALS, app)
    ledger, order, selector = Ledger(), cases(keyword), None
    if options.profile == "smoke":
        # what smoke skips depends on what was examined; other profiles need no judgement here
        transport.observers.append(ledger.observe)
        selector = OneCaseEach(requirements.load(), ledger.examined)
        order = tuple(sorted(order, key=lambda case: selector.sort_key(case.module, case.params)))
    policy = RunPolicy(
        IN_PROCESS_PATIENCE,
        options.read_only,
        one_of_each=options.profile == "smoke",
        histories=HISTORIES[options.profile],
    )
    cloud = Cloud(transport, sessions.discover(transport), Journal(), "dryrun", policy, meter)
    if second:
        OtherUser(cloud, Direct(_BASE, second, app), cloud.capabilities, Journal())
    two, checks = second is not None, 0
    for case in order:
        spec, params = case.spec, case.params
        read_only, declares = options.read_only, cloud.capabilities
        if running.reason_to_skip(spec, params, declares, read_only, two):
            continue
        if selector and selector.can_skip(case.function, spec, params):
            continue
        checks += 1
        before = cloud.live
        if run_case(case, cloud, ledger) and selector:
            selector.passed(case.function)
        cloud.remove_others(before)
        if meter.stop_reason:
            break
    rate = options.budget.rate
    return Plan(
        checks,
        meter.requests,
        meter.creates,
        meter.peak_live,
        meter.cost,
        options.prices.currency if options.prices else "",
        options.prices.date if options.prices else "",
        meter.stop_reason,
        meter.requests * max(pace, 1 / rate if rate else 0.0),
    )


def pace(transport: Transport) -> float:
    """Seconds that the endpoint takes for an answer: the median of five."""
    answers: list[Exchange] = [transport.send("GET", "") for _ in range(5)]
    return statistics.median(x.ms for x in answers) / 1000


def _shape(declared: Capabilities) -> Shape:
    """The shape of a mock that declares what the endpoint declares."""
    full = registry.shape("full")
    listed = {
        operation.capability
        for operation in API.operations.values()
        if operation.collection
        and (API.collections[operation.collection].parent or operation.collection)
        in declared.collections
    }
    return replace(
        full,
        id="model",
        capabilities=frozenset(full.capabilities & listed),
        features=tuple(
            (feature, constraints)
            for feature, constraints in full.features
            if declared.declares(feature=f"{feature.collection}.{feature.name}")
        ),
    )
