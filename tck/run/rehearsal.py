"""What a run would do to an endpoint, found out by doing it to a model of it.

The checks run in this process against the mock driver, which declares what the endpoint does.
Nothing is sent to the endpoint itself but what reads its entry point. What the real one answers
otherwise, the plan does not know: it is an estimate.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tck import requirements
from tck.checks.support import running
from tck.checks.support import session as sessions
from tck.checks.support.cloud import Cloud
from tck.checks.support.policy import RunPolicy
from tck.checks.support.session import Options
from tck.endpoint.capabilities import Capabilities
from tck.endpoint.direct import Direct
from tck.endpoint.exchange import Exchange
from tck.endpoint.transport import Transport
from tck.prove.cases import cases
from tck.prove.trial import KNOWN, PATIENCE, run_case
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
    """What a run would send and create; `stopped`: the limit that would end it, if any."""

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
        """For people."""
        made = ", ".join(f"{n} {name}" for name, n in sorted(self.creates.items()))
        yield f"checks      {self.checks}"
        yield f"requests    about {self.requests}"
        yield f"creates     {made or 'nothing'}; instances at once: at most {self.at_once}"
        yield (
            f"takes       {self.seconds:.0f} s at the pace in which the endpoint just answered, "
            f"and {self.creates['instances']} times the time of a launch and a stop"
        )
        yield f"costs       at most {self.cost:.2f} {self.currency} (prices of {self.prices})"
        if self.stopped:
            yield f"it would be ended early: {self.stopped}"


def plan(
    wanted: Options, declared: Capabilities, pace: float, chosen: Callable[[str], bool]
) -> Plan:
    """Rehearse the checks that are chosen by name; `pace` is seconds for one answer."""
    running.seed_generators(*running.EXAMPLES[wanted.profile], seed=0, shrink=False)
    meter = Meter(replace(wanted.budget, rate=None, seconds=None), wanted.prices)
    app = create_app(MockDriver(_shape(declared), MemoryStore(), Conditions()))
    transport = Direct(_BASE, KNOWN, Unserved(app))
    ledger, done, order, sparing = Ledger(), 0, cases(), None
    if wanted.profile == "smoke":
        # what it leaves out depends on what was examined; else the model need not be judged
        transport.observers.append(ledger.observe)
        sparing = running.OneCaseEach(requirements.load(), ledger.examined)
        order = tuple(sorted(order, key=lambda c: sparing.turn(c.name.split(".")[0], c.params)))
    policy = RunPolicy(PATIENCE, wanted.read_only, one_of_each=wanted.profile == "smoke")
    cloud = Cloud(transport, sessions.discover(transport), Journal(), "p", policy, meter)
    for case in order:
        params, declares = case.params, cloud.capabilities
        if not chosen(case.name) or running.not_here(case.spec, params, declares, wanted.read_only):
            continue
        if sparing and sparing.without(case.function, case.spec, params):
            continue
        done += 1
        before = len(cloud.journal.live)
        if run_case(case, cloud, ledger) and sparing:
            sparing.passed(case.function)
        cloud.remove_since(before)
        if meter.stop_reason:
            break
    rate = wanted.budget.rate
    return Plan(
        done,
        meter.requests,
        meter.creates,
        meter.peak_live,
        meter.cost,
        wanted.prices.currency if wanted.prices else "",
        wanted.prices.date if wanted.prices else "",
        meter.stop_reason,
        meter.requests * max(pace, 1 / rate if rate else 0.0),
    )


def pace(transport: Transport) -> float:
    """Seconds that the endpoint takes for an answer: the median of a few."""
    answers: list[Exchange] = [transport.send("GET", "") for _ in range(5)]
    return statistics.median(x.ms for x in answers) / 1000


def _shape(declared: Capabilities) -> Shape:
    """A mock that declares what the endpoint does."""
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
