"""Judging in a check: the same judgements as the rules make, with the check's name."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NoReturn, Protocol

import pytest

from tck.endpoint.exchange import Exchange
from tck.requirements import Catalogue
from tck.rules.judgement import Judgement, shown


class Violation(AssertionError):
    """A check found a MUST violated. The plugin records it; Hypothesis shrinks it."""

    def __init__(self, judgement: Judgement, exchange: Exchange | None) -> None:
        """`exchange`: the one that shows it."""
        super().__init__(
            f"{judgement.requirement}: expected {judgement.expected}, got {judgement.got}"
        )
        self.judgement = judgement
        self.exchange = exchange


class Found(BaseException):
    """A violation that ends a check at once: Hypothesis tries nothing again for it."""

    def __init__(self, violation: Violation) -> None:
        """`violation`: what was found."""
        super().__init__(str(violation))
        self.violation = violation


class Record(Protocol):
    """Where judgements go: the ledger."""

    def __call__(self, by: str, judgement: Judgement, x: Exchange | None = None) -> object:
        """Count a judgement."""


class Verify:
    """Judges for one check. A violated MUST ends the check, a violated SHOULD does not.

    `final`: the attempt counts; one that does not ends with whatever is violated. `at_once`: what
    is violated is `Found`, and no shorter way to it is looked for.
    """

    def __init__(
        self,
        name: str,
        catalogue: Catalogue,
        record: Record,
        note: Callable[[str, Collection[str]], None],
        lack: Callable[[str, Collection[str]], None],
    ) -> None:
        """`note` and `lack` take reasons, and of which requirements they are one.

        `note`: why they stay inconclusive; `lack`: why they do not apply.
        """
        self._name = name
        self._catalogue = catalogue
        self._record = record
        self._note = note
        self._lack = lack
        self.final = True
        self.at_once = False

    def __call__(
        self,
        requirement: str,
        ok: bool,
        *,
        expected: str,
        got: object,
        x: Exchange | None = None,
        place: str = "",
    ) -> None:
        """Judge one thing. Raises Violation if it is a MUST and not `ok`."""
        judgement = Judgement(requirement, ok, place, expected, str(got))
        if not ok and (self._catalogue[requirement].level == "MUST" or not self.final):
            violation = Violation(judgement, x)
            raise Found(violation) if self.at_once else violation
        self._record(self._name, judgement, x)

    def status(self, requirement: str, x: Exchange, *allowed: int, why: str = "") -> None:
        """The answer has one of some statuses."""
        expected = " or ".join(map(str, allowed)) + (f": {why}" if why else "")
        self(requirement, x.status in allowed, expected=expected, got=x.status, x=x, place="status")

    def refused(self, requirement: str, x: Exchange, *also: int, why: str = "") -> None:
        """The answer is a refusal: 4xx, or one of `also`."""
        ok = 400 <= x.status < 500 or x.status in also
        expected = "a refusal (4xx)" + (f": {why}" if why else "")
        self(requirement, ok, expected=expected, got=x.status, x=x, place="status")

    def equal(
        self, requirement: str, expected: object, got: object, *, x: Exchange, place: str
    ) -> None:
        """Two values are equal."""
        ok = expected == got
        self(requirement, ok, expected=shown(expected), got=shown(got), x=x, place=place)

    def among(
        self,
        requirement: str,
        wanted: object,
        found: Collection[object],
        *,
        x: Exchange,
        place: str,
    ) -> None:
        """A value is in a collection."""
        ok = wanted in found
        self(
            requirement,
            ok,
            expected=f"{shown(wanted)} among them",
            got=shown(found),
            x=x,
            place=place,
        )

    def inconclusive(self, reason: str, *requirements: str) -> NoReturn:
        """Nothing can be examined here: end the check, and say why in the report.

        It is the reason of all requirements of the check, or of some.
        """
        self._note(reason, requirements)
        pytest.skip(reason)

    def lacking(self, reason: str, *requirements: str) -> NoReturn:
        """The endpoint itself says that it has nothing of the kind: end the check.

        It says so by 405, 412 or 501 to the operation, by its state machine, or by a link that
        no object has. Of the check's requirements, or of some, that is why they do not apply.
        """
        self._lack(reason, requirements)
        pytest.skip(reason)
