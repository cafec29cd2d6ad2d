"""Running one check, whoever runs it: the pytest plugin and `prove` share these."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

import hypothesis
from hypothesis import Phase
from hypothesis.internal.conjecture import providers

from tck.checks.support.check import CheckSpec
from tck.checks.support.verify import Record, Verify, Violation
from tck.endpoint.capabilities import Capabilities
from tck.requirements import Catalogue
from tck.rules import RULES

# examples of a generated check, steps of a generated sequence, by profile
EXAMPLES = {"smoke": (1, 4), "standard": (12, 12), "thorough": (100, 40)}


class Book(Protocol):
    """What a check writes into: the ledger."""

    @property
    def examined(self) -> Mapping[str, int]:
        """How often each requirement was examined."""

    @property
    def record(self) -> Record:
        """Counts a judgement."""

    def inconclusive(self, requirement: str, reason: str) -> None:
        """Say why a requirement could not be examined."""

    def lacking(self, requirement: str, reason: str) -> None:
        """Say why a requirement does not apply to what the endpoint offers."""


def seed_generators(examples: int, steps: int, seed: int, *, shrink: bool = True) -> None:
    """Set Hypothesis up: how much it generates, and from which seed.

    Without `shrink` a failure is reported as it was found, which is all that `prove` needs.
    """
    hypothesis.settings.register_profile(
        "tck",
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=(Phase.explicit, Phase.generate, *((Phase.shrink,) if shrink else ())),
    )
    hypothesis.settings.load_profile("tck")
    hypothesis.core.global_force_seed = seed  # type: ignore[assignment]
    # or it would read the sources of an editable installation for constants to try out, and
    # leave what it found in the working directory
    providers.is_local_module_file = lambda _: False  # type: ignore[attr-defined, assignment]


def not_here(
    spec: CheckSpec, params: Mapping[str, object], capabilities: Capabilities, read_only: bool
) -> str | None:
    """Why a check does not apply to an endpoint, None if it does; `params`: of this case."""
    if spec.writes and read_only:
        return "the run is read-only"
    wanted = [*spec.collections, *(str(params[n]) for n in ("collection",) if n in params)]
    for collection in wanted:
        if not capabilities.declares(collection):
            return f"the endpoint does not list {collection}"
    if spec.feature and not capabilities.declares(feature=spec.feature):
        return f"the endpoint does not announce {spec.feature}"
    return None


class OneCaseEach:
    """What a smoke run leaves out: cases that can examine nothing for the first time.

    That is told by what was examined so far, so it holds for every endpoint without a list.
    """

    def __init__(self, catalogue: Catalogue, examined: Mapping[str, int]) -> None:
        """`examined`: how often each requirement was; the ledger goes on counting there."""
        self._examined = examined
        self._passed: set[object] = set()
        judged = {id_ for rule in RULES.values() for id_ in rule.requirements}
        self._by_collection: dict[str, list[str]] = {}
        for r in catalogue.values():
            if r.id in judged and not r.if_any:
                self._by_collection.setdefault(r.collection or "", []).append(r.id)

    @staticmethod
    def turn(module: str, params: Mapping[str, object]) -> tuple[bool, bool]:
        """When a case has its turn: those that go through all collections are the last.

        By then most is examined. Of them documents are first: others ask for the same.
        """
        return "collection" in params, module != "documents"

    def passed(self, function: object) -> None:
        """A case of a check has passed."""
        self._passed.add(function)

    def without(self, function: object, spec: CheckSpec, params: Mapping[str, object]) -> bool:
        """True if a case has passed, and all that another may examine has been examined.

        Its requests bear on the check's requirements, and on those that rules judge of the
        `collection` in `params`.
        """
        if function not in self._passed:
            return False
        others = self._by_collection.get(str(params.get("collection")), ())
        return all(self._examined.get(id_) for id_ in (*spec.requirements, *others))


def verifier(name: str, spec: CheckSpec, catalogue: Catalogue, ledger: Book) -> Verify:
    """Judges for one run of a check, from now on."""
    before = {id_: ledger.examined.get(id_, 0) for id_ in spec.requirements}

    def note(reason: str, only: Collection[str]) -> None:
        for id_ in only or spec.requirements:
            if ledger.examined.get(id_, 0) == before[id_]:
                ledger.inconclusive(id_, reason)

    def lack(reason: str, only: Collection[str]) -> None:
        for id_ in only or spec.requirements:
            ledger.lacking(id_, reason)

    return Verify(name, catalogue, ledger.record, note, lack)


def violations(error: BaseException) -> Iterator[Violation]:
    """Violations in an exception; Hypothesis groups several."""
    if isinstance(error, Violation):
        yield error
    elif isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from violations(inner)
