"""Judging in a check: with most of the verbs of the rules, and with the name of the check."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NoReturn, Protocol, TypeVar

import pytest

from tck.checks.support.quota import limit_reached
from tck.endpoint.exchange import Exchange
from tck.requirements import Catalogue
from tck.rules import judgement as verbs
from tck.rules.judgement import Judgement

T = TypeVar("T")


class Violation(AssertionError):
    """A check found a MUST violated. The plugin records it; Hypothesis shrinks it."""

    def __init__(self, judgement: Judgement, exchange: Exchange) -> None:
        """`exchange`: the one that shows the violation."""
        super().__init__(
            f"{judgement.requirement}: expected {judgement.expected}, got {judgement.got}"
        )
        self.judgement = judgement
        self.exchange = exchange


class UnshrunkViolation(BaseException):
    """A violation that ends a check at once: not an Exception, so Hypothesis does not shrink it."""

    def __init__(self, violation: Violation) -> None:
        """`violation`: what was found."""
        super().__init__(str(violation))
        self.violation = violation


class Overdue(UnshrunkViolation):
    """What was waited for did not come. If the check cannot run again, that counts."""


# What an endpoint answers to an operation that it does not have, in a state or at all (stance 9).
NOT_OFFERED = (405, 412, 501)


class RecordJudgement(Protocol):
    """Where judgements go: the ledger."""

    def __call__(self, by: str, judgement: Judgement, x: Exchange) -> object:
        """Count a judgement."""


class Verify:
    """Judges for one check. A violated MUST ends the check, a violated SHOULD does not.

    Most of the verbs of `tck.rules.judgement` are here, and `x` is the exchange that shows what was
    got. Each raises Violation for a violated MUST, or UnshrunkViolation where `shrink` is False.

    `final`: whether this attempt counts; one that does not ends with any violation.
    """

    def __init__(
        self,
        name: str,
        catalogue: Catalogue,
        record: RecordJudgement,
        note_inconclusive: Callable[[str, Collection[str]], None],
        note_not_applicable: Callable[[str, Collection[str]], None],
        statuses: Callable[[str], Collection[int]],
    ) -> None:
        """Judge as `name`. Both `note` functions take a reason, and the requirements it is of.

        No requirements: the reason is that of all which the check declares. `statuses` gives
        those with which an operation, by its id, was answered in this run.
        """
        self._name = name
        self._catalogue = catalogue
        self._record = record
        self._note_inconclusive = note_inconclusive
        self._note_not_applicable = note_not_applicable
        self._statuses = statuses
        self.final = True
        self.shrink = True

    def _judge(self, judgement: Judgement, x: Exchange, *, allowed: bool = False) -> None:
        """`allowed`: the requirement itself names the status of the answer.

        Nothing is right about an operation that the endpoint has not been seen to have: then a step
        before it was judged.
        """
        if not allowed:
            self.need_offered(x)
        requirement = self._catalogue[judgement.requirement]
        if judgement.ok and requirement.operation and not self._has(requirement.operation):
            return
        is_must = requirement.level == "MUST"
        if not judgement.ok and (message := limit_reached(x)) and self._has_worked(x):
            self.inconclusive(f"no more is created where it worked before, {x.status}: {message}")
        if not judgement.ok and (is_must or not self.final):
            violation = Violation(judgement, x)
            raise violation if self.shrink else UnshrunkViolation(violation)
        self._record(self._name, judgement, x)

    def _has(self, operation: str) -> bool:
        """True if an operation was answered as one that is there, be it with a refusal."""
        return any(status not in (0, *NOT_OFFERED) for status in self._statuses(operation))

    def need_offered(self, x: Exchange) -> None:
        """End the check if the endpoint says that it lacks the operation that `x` asked for.

        That is evidence of nothing, unless the operation has worked: then it is there.
        """
        if x.status in NOT_OFFERED and x.operation and not self._has_worked(x):
            self.not_applicable(f"the endpoint refuses {x.operation.id} with {x.status}")

    def _has_worked(self, x: Exchange) -> bool:
        """True if the operation of `x` succeeded before."""
        answered = self._statuses(x.operation.id) if x.operation else ()
        return any(200 <= status < 400 for status in answered)

    def holds(
        self,
        requirement: str,
        place: str,
        expected: str,
        got: object,
        ok: bool,
        *,
        x: Exchange,
    ) -> None:
        """The check has decided (`ok`) whether `got` is right; use it where no other verb fits."""
        self._judge(verbs.holds(requirement, place, expected, got, ok), x)

    def equal(
        self, requirement: str, place: str, expected: object, got: object, *, x: Exchange
    ) -> None:
        """`got` equals the value `expected`."""
        self._judge(verbs.equal(requirement, place, expected, got), x)

    def one_of(
        self,
        requirement: str,
        place: str,
        expected: Collection[object],
        got: object,
        *,
        x: Exchange,
    ) -> None:
        """`got` is one of the values `expected`."""
        self._judge(verbs.one_of(requirement, place, expected, got), x)

    def contains(
        self,
        requirement: str,
        place: str,
        expected: object,
        got: Collection[object],
        *,
        x: Exchange,
    ) -> None:
        """The value `expected` is among those of `got`."""
        self._judge(verbs.contains(requirement, place, expected, got), x)

    def lacks(
        self,
        requirement: str,
        place: str,
        unwanted: object,
        got: Collection[object],
        *,
        x: Exchange,
    ) -> None:
        """The value `unwanted` is not among those of `got`."""
        self._judge(verbs.lacks(requirement, place, unwanted, got), x)

    def present(
        self, requirement: str, place: str, expected: str, got: object, *, x: Exchange
    ) -> None:
        """There is a `got`: neither None nor an empty text, list or mapping."""
        self._judge(verbs.present(requirement, place, expected, got), x)

    def absent(
        self, requirement: str, place: str, expected: str, got: object, *, x: Exchange
    ) -> None:
        """There is no `got`: it is None, or an empty text, list or mapping."""
        self._judge(verbs.absent(requirement, place, expected, got), x)

    def status(self, requirement: str, x: Exchange, *allowed: int, why: str = "") -> None:
        """The answer has one of the `allowed` statuses."""
        judgement = verbs.status(requirement, x, *allowed, why=why)
        self._judge(judgement, x, allowed=judgement.ok)

    def accepted(
        self, requirement: str, x: Exchange, why: str = "", *, declared: bool = False
    ) -> None:
        """The answer is a success; the rule `http.success_status` judges which status it has.

        `declared`: the endpoint said that the operation is there, so it may not say otherwise now.
        """
        self._judge(verbs.accepted(requirement, x, why=why), x, allowed=declared)

    def refused(self, requirement: str, x: Exchange, *also: int, why: str = "") -> None:
        """The answer is a refusal: 4xx, or one of the statuses `also`."""
        self._judge(verbs.refused(requirement, x, *also, why=why), x)

    def overdue(
        self, requirement: str, place: str, expected: str, got: object, *, x: Exchange
    ) -> NoReturn:
        """What was waited for did not come; ends the check at once, whatever the level.

        Generated examples are not shrunk for it: each would wait again.
        """
        try:
            self.holds(requirement, place, expected, got, False, x=x)
        except Violation as violation:
            raise Overdue(violation) from None
        except UnshrunkViolation as unshrunk:
            raise Overdue(unshrunk.violation) from None
        self.inconclusive("what was waited for did not come")

    def note(self, reason: str) -> None:
        """Give the reason why requirements of this check that were not examined will not be."""
        self._note_inconclusive(reason, ())

    def need(self, value: T | None, reason: str) -> T:
        """`value`, without which the check cannot go on; it is inconclusive if that is None."""
        return self.inconclusive(reason) if value is None else value

    def inconclusive(self, reason: str, *requirements: str) -> NoReturn:
        """End the check because nothing can be examined here; the report gives the reason.

        It is the reason of some requirements of the check, or of all that were not examined yet.
        """
        self._note_inconclusive(reason, requirements)
        pytest.skip(reason)

    def not_applicable(self, reason: str, *requirements: str) -> NoReturn:
        """End the check because the endpoint itself says that it has nothing of the kind.

        It says so by 405, 412 or 501 to the operation, by its state machine, or by a link that no
        object has. For that reason some requirements of the check do not apply, or all.
        """
        self._note_not_applicable(reason, requirements)
        pytest.skip(reason)
