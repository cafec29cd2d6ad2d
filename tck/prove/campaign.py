"""The whole proof, in worker processes.

Theory of operation. The proof answers two questions: is every fault found by a judge (a rule or
check) that names a requirement the fault violates, and is no server blamed that is right? Trying
every check on every server would answer them, and take hours. So:

1. Every check runs once on the unchanged server of each persona that has faults, and a `Trace`
   of each case is kept: what it examined, and which operations it requested.
2. A variant is tried with the cases that requested an operation the variant answers differently
   (`plan.affected`). Any finding is an alarm, except a warning that the variant announces.
   Variants that differ in unrelated things, each at every case, are one server (`plan.together`).
3. A fault is tried with all cases, those first that are likely to find it (`plan.order`), and
   the trial ends once each of its requirements was found violated. A judge that comes later had
   no chance to show that it works.
4. So judges that found nothing get a retry: each is given up to eight faults that it should
   find, until it finds one. What is idle after that fails a whole proof.

5. The faults at which the kit waited longest are judged once more, by all cases, as an unchanged
   server is: what a fault costs in all is bounded (`Timing.within`).

Workers are forked: they inherit the collected cases, and the traces reach them as arguments of
their initializer. A fault or variant is a set of closures and cannot be pickled, so only names
travel to a worker, and outcomes hold a name, too. A worker that is alone (a test that calls
`try_fault`) makes the traces it needs itself.
"""

from __future__ import annotations

import logging
import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tck import requirements
from tck.checks.support.cases import cases
from tck.prove.altered.alteration import Alteration
from tck.prove.clients.campaign import ClientProof
from tck.prove.faults import Fault, faults
from tck.prove.plan import affected, order, together, touches, united
from tck.prove.precision import Blame, blame
from tck.prove.trial import PATIENCE, Trace, Trial, judge
from tck.prove.variants import Variant, variants
from tck.report.ledger import Ledger
from tck.rules import RULES
from tck.rules.agreement import Agreement

# Called with what is being tried, how many are done, and of how many.
Progress = Callable[[str, int, int], None]
Traces = Mapping[str, Trace]  # by name of the case
T = TypeVar("T")
_RULES = {rule.name: rule.requirements for rule in RULES.values()}
_RULES |= {Agreement.name: Agreement.requirements}
_CASES_FOR_A_RULE = 60  # in a retry; every exchange is judged by every rule
_FAULTS_FOR_A_RETRY = 8
_SLOWEST = 10


@dataclass(slots=True)
class FaultOutcome:
    """The judges that found a fault, by requirement.

    `tied`: requirements that the fault violates, with none where it was not found; `also`: others.
    """

    name: str
    tied: dict[str, list[str]]
    also: dict[str, list[str]]
    trial: Trial

    @property
    def fault(self) -> Fault:
        """The fault itself."""
        return faults()[self.name]

    @property
    def detected(self) -> bool:
        """True if it was found at every requirement that it violates."""
        return all(self.tied.values())


@dataclass(slots=True)
class VariantOutcome:
    """Findings at a server that is right, by requirement.

    `alarms` are the kit's mistakes; `warnings` are those that the variant announces.
    """

    name: str
    alarms: dict[str, str]
    warnings: dict[str, str]
    trial: Trial

    @property
    def variant(self) -> Variant:
        """The variant itself."""
        return variants()[self.name]


@dataclass(frozen=True, slots=True)
class Timing:
    """What it costs to judge a server with a fault by all cases, and the `unchanged` server."""

    name: str
    trial: Trial
    unchanged: Trial

    @property
    def within(self) -> bool:
        """Whether it is within twice the unchanged server's requests, and one wait.

        A wait in vain has shorter ones after it (`tck.safety.waiting`): a fifth is for them.
        """
        most = 2 * self.unchanged.requests
        return self.trial.requests <= most and self.trial.waited <= 1.2 * PATIENCE.deadline


@dataclass(slots=True)
class Proof:
    """All outcomes. `retried`: judges that found a fault only in a retry of their own.

    `slowest`: the faults at which was waited longest; `blames`: see tck.prove.precision;
    `clients`: the proof of the requirements on these, if it was made.
    """

    faults: list[FaultOutcome] = field(default_factory=list)
    variants: list[VariantOutcome] = field(default_factory=list)
    retried: set[str] = field(default_factory=set)
    slowest: list[Timing] = field(default_factory=list)
    blames: list[Blame] = field(default_factory=list)
    clients: ClientProof | None = None
    seconds: float = 0.0

    def count(self, prefix: str) -> int:
        """How many variants have names that begin so."""
        return sum(outcome.name.startswith(prefix) for outcome in self.variants)

    def effective_judges(self) -> set[str]:
        """Names of rules and checks that found a fault at a requirement that it violates."""
        return self.retried | {
            _without_id(by)
            for outcome in self.faults
            for judges in outcome.tied.values()
            for by in judges
        }


def _without_id(judge_name: str) -> str:
    """`keys.test_create` of `keys.test_create[xml]`."""
    return judge_name.partition("[")[0]


# ---------------------------------------------------------------- in the workers

_TRACES: dict[str, Traces] = {}  # by persona


def _begin_worker(traces: Mapping[str, Traces]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what Ctrl-C means is up to the process above
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _start_worker(traces)


def _start_worker(traces: Mapping[str, Traces]) -> None:
    _TRACES.update(traces)
    # servers that are wrong on purpose may fail: that is not worth a line in the log
    logging.getLogger("tck.reference_server").setLevel(logging.CRITICAL + 1)


def _trace(persona: str) -> tuple[str, Traces]:
    return persona, judge(Alteration(persona, (), persona), cases(), traced=True).traces


def try_fault(name: str) -> FaultOutcome:
    """Judge a server with a fault until all that it violates was found, or all was tried."""
    fault = faults()[name]
    if fault.persona not in _TRACES:
        _start_worker(dict([_trace(fault.persona)]))
    violated = set(fault.violates)

    def enough(ledger: Ledger) -> bool:
        return violated <= {finding.requirement for finding in ledger.findings.values()}

    trial = judge(fault, order(fault, _TRACES[fault.persona]), enough)
    tied = {id_: sorted(set(trial.found_by.get(id_, ()))) for id_ in fault.violates}
    also = {id_: sorted(set(by)) for id_, by in trial.found_by.items() if id_ not in tied}
    return FaultOutcome(name, tied, also, trial)


def try_variants(names: Sequence[str]) -> list[VariantOutcome]:
    """Judge variants as one server; each alone if that is blamed, so that it is known which is.

    A recommendation that one of them is known not to follow is not judged of the others then.
    """
    if len(names) == 1:
        return [try_variant(names[0])]
    members, catalogue = [variants()[name] for name in names], requirements.load()
    trial = judge(united(members), cases())
    announced = {i for m in members for i in m.warns if catalogue[i].level != "MUST"}
    if trial.found_by.keys() - announced or trial.kit_errors or trial.unfit:
        return list(map(try_variant, names))
    warned = ({i: trial.evidence[i] for i in m.warns if i in trial.evidence} for m in members)
    return [
        VariantOutcome(m.name, {}, found, trial) for m, found in zip(members, warned, strict=True)
    ]


def try_variant(name: str) -> VariantOutcome:
    """Judge a server that is right."""
    variant, catalogue = variants()[name], requirements.load()
    if variant.seen_at and variant.persona not in _TRACES:
        _start_worker(dict([_trace(variant.persona)]))
    trial = judge(variant, affected(variant, _TRACES.get(variant.persona, {})))
    alarms, warnings = dict(trial.kit_errors), dict[str, str]()
    if trial.unfit:
        alarms["-"] = trial.unfit
    for id_, evidence in trial.evidence.items():
        known = variant.deviates if catalogue[id_].level == "MUST" else variant.warns
        announced = id_ in known
        message = f"{', '.join(trial.found_by[id_][:3])}: {evidence}"
        (warnings if announced else alarms)[id_] = message
    for id_ in variant.lacks:
        if trial.examined[id_] and id_ not in trial.found_by:
            alarms[id_] = "passed, though the server has nothing that it is about"
    return VariantOutcome(name, alarms, warnings, trial)


def retry_judge(judge_name: str, fault_names: Sequence[str]) -> str | None:
    """Let one rule or check try faults that it should find; its name if it finds one."""
    for name in fault_names:
        fault = faults()[name]

        def found(ledger: Ledger, fault: Fault = fault) -> bool:
            return judge_name in {
                _without_id(finding.by)
                for finding in ledger.findings.values()
                if finding.requirement in fault.violates
            }

        ordered = order(fault, _TRACES.get(fault.persona, {}))
        if judge_name in _RULES:
            chosen = ordered[:_CASES_FOR_A_RULE]
        else:
            chosen = [case for case in ordered if case.check == judge_name]
        trial = judge(fault, chosen, found)
        found_by = {by for id_ in fault.violates for by in trial.found_by.get(id_, ())}
        if judge_name in map(_without_id, found_by):
            return judge_name
    return None


def _judge_whole(name: str) -> tuple[str, Trial]:
    """The name, and the trial, by all cases, of a fault or of the unchanged server of a persona."""
    return name, judge(faults().get(name) or Alteration(name, (), name), cases(), examples=1)


# ---------------------------------------------------------------- in the controller


def prove(
    fault_names: Sequence[str],
    variant_names: Sequence[str],
    processes: int,
    progress: Progress = lambda _what, _done, _all: None,
    *,
    retry_idle: bool = True,
) -> Proof:
    """Try faults and variants; outcomes come in the order of the names."""
    began, proof = time.perf_counter(), Proof()
    traced = [v for v in map(variants().__getitem__, variant_names) if v.seen_at]
    personas = {faults()[name].persona for name in fault_names} | {v.persona for v in traced}
    with _pool(processes, {}) as tracers:
        traces = dict(tracers.map(_trace, sorted(personas)))
    with _pool(processes, traces) as workers:
        groups = together(variant_names)
        for outcomes in _map(workers, try_variants, groups, "right servers", progress):
            proof.variants += outcomes
        proof.faults += _map(workers, try_fault, fault_names, "faults", progress)
        proof.slowest += _slowest(proof.faults, workers, progress)
        if retry_idle:
            retries = list(_retries(proof, traces))
            effective = _map(workers, _retry, retries, "retries", progress)
            proof.retried = {name for name in effective if name is not None}
    place = {name: number for number, name in enumerate((*fault_names, *variant_names))}
    proof.faults.sort(key=lambda outcome: place[outcome.name])
    proof.variants.sort(key=lambda outcome: place[outcome.name])
    proof.seconds = time.perf_counter() - began
    return proof


def precision(
    fault_names: Sequence[str],
    processes: int,
    progress: Progress = lambda _what, _done, _all: None,
) -> Proof:
    """A proof of what is blamed for faults, with nothing else in it; in the order of the names."""
    began = time.perf_counter()
    with _pool(processes, {}) as workers:
        blames = list(_map(workers, blame, fault_names, "faults", progress))
    blames.sort(key=lambda one: fault_names.index(one.name))
    return Proof(blames=blames, seconds=time.perf_counter() - began)


@contextmanager
def _pool(processes: int, traces: Mapping[str, Traces]) -> Iterator[ProcessPoolExecutor]:
    context = multiprocessing.get_context("fork")
    cases()  # collected before the fork, for all workers
    initial: dict[str, Any] = {"initializer": _begin_worker, "initargs": (traces,)}
    with ProcessPoolExecutor(processes, context, **initial) as workers:
        try:
            yield workers
        except KeyboardInterrupt:  # nobody waits for what they are doing
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _slowest(
    outcomes: Sequence[FaultOutcome], workers: ProcessPoolExecutor, progress: Progress
) -> Iterator[Timing]:
    """The faults at which was waited longest, the longest first."""
    longest = sorted(outcomes, key=lambda outcome: -outcome.trial.waited)[:_SLOWEST]
    waited = {o.name: o.fault.persona for o in longest if o.trial.waited}
    names = [*waited, *sorted(set(waited.values()))]
    trials = dict(_map(workers, _judge_whole, names, "times", progress))
    timings = [Timing(name, trials[name], trials[persona]) for name, persona in waited.items()]
    yield from sorted(timings, key=lambda timing: -timing.trial.waited - timing.trial.seconds)


def _retry(judge_and_faults: tuple[str, list[str]]) -> str | None:
    return retry_judge(*judge_and_faults)


def _map(
    pool: ProcessPoolExecutor,
    function: Callable[[Any], T],
    arguments: Sequence[Any],
    what: str,
    progress: Progress,
) -> Iterator[T]:
    """Results as they come, with progress."""
    futures = [pool.submit(function, argument) for argument in arguments]
    for done, future in enumerate(as_completed(futures), 1):
        yield future.result()
        progress(what, done, len(futures))


def judges() -> dict[str, tuple[str, ...]]:
    """Every rule and check with the requirements that it names."""
    return {
        **_RULES,
        **{case.check: case.spec.requirements for case in cases()},
    }


def _retries(proof: Proof, traces: Mapping[str, Traces]) -> Iterator[tuple[str, list[str]]]:
    """Judges that found nothing so far, each with the faults that it should find."""
    operations: dict[tuple[str, str], frozenset[str]] = {}  # by persona and check
    for persona, by_case in traces.items():
        for case in cases():
            if (trace := by_case.get(case.name)) is not None:
                key = persona, case.check
                operations[key] = operations.get(key, frozenset()) | trace.operations
    named = judges()
    for name in sorted(named.keys() - proof.effective_judges()):
        candidates = [
            outcome.name
            for outcome in proof.faults
            if set(named[name]) & set(outcome.fault.violates)
            and (
                name in _RULES
                or touches(
                    outcome.fault, operations.get((outcome.fault.persona, name), frozenset())
                )
            )
        ]
        if candidates:
            yield name, sorted(candidates, key=_breadth)[:_FAULTS_FOR_A_RETRY]


def _breadth(fault_name: str) -> int:
    """How many operations a fault changes; one that changes few is likely seen by few judges."""
    patterns = {p for change in faults()[fault_name].changes for p in change.where.split()}
    return sum(100 if p.strip("!") == "*" else 10 if "*" in p else 1 for p in patterns)
