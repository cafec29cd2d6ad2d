"""The whole proof: baselines, variants, faults, and a second hearing for idle judges."""

from __future__ import annotations

import logging
import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tck import requirements
from tck.checks.support.cases import cases
from tck.prove.altered.alteration import Alteration
from tck.prove.faults import Fault, faults
from tck.prove.plan import affected, order, touches
from tck.prove.trial import Seen, Trial, judge
from tck.prove.variants import Variant, variants
from tck.report.ledger import Ledger
from tck.rules import RULES

Progress = Callable[[str, int, int], None]
T = TypeVar("T")


@dataclass(slots=True)
class FaultOutcome:
    """What became of a fault: for each tied requirement, the judges that found it."""

    name: str
    tied: dict[str, list[str]]
    also: dict[str, list[str]]
    trial: Trial

    @property
    def fault(self) -> Fault:
        """The fault itself (it cannot be sent between processes)."""
        return faults()[self.name]

    @property
    def detected(self) -> bool:
        """True if every requirement that it violates was found violated."""
        return all(self.tied.values())


@dataclass(slots=True)
class VariantOutcome:
    """What became of a variant; `alarms` are findings that a right server must not cause."""

    name: str
    alarms: dict[str, str]
    warnings: dict[str, str]
    trial: Trial

    @property
    def variant(self) -> Variant:
        """The variant itself."""
        return variants()[self.name]


@dataclass(slots=True)
class Proof:
    """All outcomes."""

    faults: list[FaultOutcome] = field(default_factory=list)
    variants: list[VariantOutcome] = field(default_factory=list)
    heard: set[str] = field(default_factory=set)
    seconds: float = 0.0

    def convicting(self) -> set[str]:
        """Names of rules and checks that found a fault at a requirement it violates."""
        return self.heard | {
            by.partition("[")[0]
            for outcome in self.faults
            for judges in outcome.tied.values()
            for by in judges
        }


# ---------------------------------------------------------------- in the workers

_SEEN: dict[str, Mapping[str, Seen]] = {}


def _know(seen: dict[str, Mapping[str, Seen]]) -> None:
    _SEEN.update(seen)
    # Servers that are wrong on purpose may fail; their own log is no news.
    logging.getLogger("tck.reference_server").setLevel(logging.CRITICAL + 1)


def _baseline(persona: str) -> tuple[str, Mapping[str, Seen]]:
    return persona, judge(Alteration(persona, (), persona), cases(), watched=True).seen


def try_fault(name: str) -> FaultOutcome:
    """Judge a server with a fault until all that it violates was found, or all was tried."""
    fault = faults()[name]
    if fault.persona not in _SEEN:
        _know(dict([_baseline(fault.persona)]))
    wanted = set(fault.violates)

    def enough(ledger: Ledger) -> bool:
        return wanted <= {finding.requirement for finding in ledger.findings.values()}

    trial = judge(fault, order(fault, _SEEN[fault.persona]), enough)
    tied = {id_: sorted(set(trial.found.get(id_, ()))) for id_ in fault.violates}
    also = {id_: sorted(set(by)) for id_, by in trial.found.items() if id_ not in tied}
    return FaultOutcome(name, tied, also, trial)


def try_variant(name: str) -> VariantOutcome:
    """Judge a server that is right; whatever is found that was not expected is an alarm."""
    variant, catalogue = variants()[name], requirements.load()
    trial = judge(variant, affected(variant, _SEEN.get(variant.persona, {})))
    alarms, warnings = dict(trial.kit_errors), dict[str, str]()
    if trial.unfit:
        alarms["-"] = trial.unfit
    for id_, told in trial.evidence.items():
        expected = catalogue[id_].level != "MUST" and id_ in variant.warns
        (warnings if expected else alarms)[id_] = f"{', '.join(trial.found[id_][:3])}: {told}"
    return VariantOutcome(name, alarms, warnings, trial)


def hear(judge_name: str, names: Sequence[str]) -> str | None:
    """Let one rule or check try faults that it should find; its name if it finds one."""
    for name in names:
        fault = faults()[name]
        found: list[str] = []

        def enough(ledger: Ledger, fault: Fault = fault, found: list[str] = found) -> bool:
            found[:] = [f.by for f in ledger.findings.values() if f.requirement in fault.violates]
            return judge_name in {by.partition("[")[0] for by in found}

        ranked = order(fault, _SEEN.get(fault.persona, {}))
        if judge_name in RULES:
            tried = ranked[:60]
        else:
            tried = [case for case in ranked if case.check == judge_name]
        trial = judge(fault, tried, enough)
        convicted = [by for id_ in fault.violates for by in trial.found.get(id_, ())]
        if judge_name in {by.partition("[")[0] for by in convicted}:
            return judge_name
    return None


# ---------------------------------------------------------------- in the controller


def prove(
    fault_names: Sequence[str],
    variant_names: Sequence[str],
    processes: int,
    progress: Progress = lambda _what, _done, _all: None,
    *,
    hearing: bool = True,
) -> Proof:
    """Try faults and variants in several processes."""
    began, proof = time.perf_counter(), Proof()
    context = multiprocessing.get_context("fork")

    def pool(seen: dict[str, Mapping[str, Seen]]) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(processes, context, initializer=_know, initargs=(seen,))

    personas = sorted({faults()[name].persona for name in fault_names})
    with pool({}) as first:
        seen = dict(first.map(_baseline, personas))
    with pool(seen) as second:
        for outcome in _spread(second, try_variant, variant_names, "variants", progress):
            proof.variants.append(outcome)
        for found in _spread(second, try_fault, fault_names, "faults", progress):
            proof.faults.append(found)
        if hearing:
            causes = list(_causes(proof, seen))
            heard = _spread(second, _hear, causes, "second hearings", progress)
            proof.heard = {name for name in heard if name is not None}
    place = {name: number for number, name in enumerate((*fault_names, *variant_names))}
    proof.faults.sort(key=lambda outcome: place[outcome.name])
    proof.variants.sort(key=lambda outcome: place[outcome.name])
    proof.seconds = time.perf_counter() - began
    return proof


def _hear(cause: tuple[str, list[str]]) -> str | None:
    return hear(*cause)


def _spread(
    pool: ProcessPoolExecutor,
    work: Callable[[Any], T],
    subjects: Sequence[Any],
    what: str,
    progress: Progress,
) -> Iterator[T]:
    waiting = [pool.submit(work, subject) for subject in subjects]
    for done, future in enumerate(as_completed(waiting), 1):
        yield future.result()
        progress(what, done, len(waiting))


def judges() -> dict[str, tuple[str, ...]]:
    """Every rule and check with the requirements that it names."""
    return {
        **{rule.name: rule.requirements for rule in RULES.values()},
        **{case.check: case.spec.requirements for case in cases()},
    }


def _causes(
    proof: Proof, seen: Mapping[str, Mapping[str, Seen]]
) -> Iterator[tuple[str, list[str]]]:
    """Judges that found nothing so far, each with faults that they might find.

    A trial ends with the first judge that finds the fault, so another may have had no turn.
    """
    idle = judges().keys() - proof.convicting()
    asked: dict[tuple[str, str], frozenset[str]] = {}
    for persona, by_case in seen.items():
        for case in cases():
            if (one := by_case.get(case.name)) is not None:
                key = persona, case.check
                asked[key] = asked.get(key, frozenset()) | one.asked
    for name in sorted(idle):
        fitting = [
            outcome.name
            for outcome in proof.faults
            if set(judges()[name]) & set(outcome.fault.violates)
            and (
                name in RULES
                or touches(outcome.fault, asked.get((outcome.fault.persona, name), frozenset()))
            )
        ]
        if fitting:
            yield name, sorted(fitting, key=_breadth)[:8]


def _breadth(name: str) -> int:
    """How many operations a fault shows at; one that shows at few is seen by few."""
    patterns = {p for change in faults()[name].changes for p in change.where.split()}
    return sum(100 if p.strip("!") == "*" else 10 if "*" in p else 1 for p in patterns)
