"""What running a check takes, whether pytest runs it or `tck.checks.support.cases.run_case`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Protocol

import hypothesis
from hypothesis import Phase

from tck.checks.support import private
from tck.checks.support.check import CheckSpec
from tck.checks.support.verify import UnshrunkViolation, Verify, Violation
from tck.endpoint.capabilities import Capabilities
from tck.endpoint.exchange import Exchange
from tck.requirements import Catalogue
from tck.rules.judgement import Judgement

# By profile: examples of a generated check, steps of a generated sequence of requests.
EXAMPLES = {"smoke": (1, 4), "standard": (12, 12), "thorough": (100, 40)}


class Recorder(Protocol):
    """Where a check's results go: `tck.report.ledger.Ledger`, which checks may not import."""

    @property
    def examined(self) -> Mapping[str, int]:
        """How often each requirement was examined, by id."""

    def statuses(self, operation: str) -> Collection[int]:
        """With which statuses an operation was answered so far."""

    def record(
        self,
        by: str,
        judgement: Judgement,
        x: Exchange | None = None,
        steps: Sequence[Exchange] = (),
    ) -> object:
        """Count a judgement; the accepted deviation that covers it, or None."""

    def inconclusive(self, requirement: str, reason: str) -> None:
        """Say why a requirement could not be examined."""

    def lacking(self, requirement: str, reason: str) -> None:
        """Say why a requirement does not apply to what the endpoint offers."""

    def kit_error(self, requirement: str, message: str) -> None:
        """Say that the kit itself failed while it examined a requirement."""


def configure_hypothesis(examples: int, steps: int, seed: int, *, shrink: bool = True) -> None:
    """Set how much Hypothesis generates, and from which seed.

    `examples`: per generated check; `steps`: requests of a generated sequence. Without `shrink`
    a failure is reported as it was found, which is enough for `prove`.
    """
    hypothesis.settings.register_profile(
        "tck",
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=False,  # which it is in CI by default: seeds would be ignored there
        database=None,
        print_blob=False,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=(Phase.explicit, Phase.generate, *((Phase.shrink,) if shrink else ())),
    )
    hypothesis.settings.load_profile("tck")
    private.seed_hypothesis(seed)
    private.keep_hypothesis_from_reading_sources()
    private.keep_hypothesis_from_writing()


def reason_to_skip(
    spec: CheckSpec,
    params: Mapping[str, object],
    capabilities: Capabilities,
    read_only: bool,
    two_accounts: bool = False,
    wire: bool = False,
) -> str | None:
    """Why a case does not apply to an endpoint, None if it does; `params`: of this case.

    `two_accounts`: there is a second user; `wire`: requests may be sent as bytes.
    """
    if spec.two_accounts and not two_accounts:
        return "no second user was given"
    if spec.wire and not wire:
        return "the wire is examined with --wire"
    if spec.writes and read_only:
        return "the run is read-only"
    collections = [*spec.collections, *(str(params[n]) for n in ("collection",) if n in params)]
    for collection in collections:
        if not capabilities.declares(collection):
            return f"the endpoint does not list {collection}"
    if spec.feature and not capabilities.declares(feature=spec.feature):
        return f"the endpoint does not announce {spec.feature}"
    return None


def verifier(name: str, spec: CheckSpec, catalogue: Catalogue, ledger: Recorder) -> Verify:
    """The `verify` of one run of a check. `name` is what findings are attributed to."""
    before = {id_: ledger.examined.get(id_, 0) for id_ in spec.requirements}

    def note(reason: str, only: Collection[str]) -> None:
        for id_ in only or spec.requirements:
            if ledger.examined.get(id_, 0) == before[id_]:
                ledger.inconclusive(id_, reason)

    def lack(reason: str, only: Collection[str]) -> None:
        for id_ in only or spec.requirements:
            ledger.lacking(id_, reason)

    return Verify(name, catalogue, ledger.record, note, lack, ledger.statuses)


def record_failure(
    name: str,
    spec: CheckSpec,
    error: BaseException,
    ledger: Recorder,
    steps_to: Callable[[Exchange | None], Sequence[Exchange]] = lambda _: (),
) -> list[object]:
    """Record the violations in `error`; an error without any is a defect of the kit.

    `steps_to` gives the exchanges that lead to one. Returns the accepted deviation,
    or None, of each violation.
    """
    found = list(_violations(error))
    if not found:
        for id_ in spec.requirements:
            ledger.kit_error(id_, f"{name}: {type(error).__name__}: {error}")
    return [ledger.record(name, v.judgement, v.exchange, steps_to(v.exchange)) for v in found]


def _violations(error: BaseException) -> Iterator[Violation]:
    """Violations in an exception; Hypothesis groups several."""
    if isinstance(error, Violation):
        yield error
    elif isinstance(error, UnshrunkViolation):
        yield error.violation
    elif isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _violations(inner)
