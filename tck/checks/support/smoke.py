"""Which cases a smoke run leaves out.

Theory of operation. Most checks have many cases: a parameter for each collection, format or
wrong value. A smoke run is a first look, so it stops running cases of a check once they can
examine nothing for the first time. It has no list of cases to run: which case examines what
depends on the endpoint. Instead, before each case, it asks what has been examined so far:

1. Has a case of the same check passed? One that failed, was skipped or was inconclusive shows
   nothing, so the next case gets its turn.
2. Has everything that the next case could examine been examined? That is what the check itself
   declares, and, for a case about a collection, what the rules judge of that collection, because
   rules judge every exchange that the case causes.

If both hold, the case is skipped. It might have examined more than that, through an exchange
with another collection, but that is what the checks of the other collection are for.

The order of cases decides how many can be skipped. Cases that go through all collections come
last, because by then the checks of the collections have examined most of what they could add
(`sort_key`). With several worker processes each one decides from what it examined itself, so
together they run a few cases more.
"""

from __future__ import annotations

from collections.abc import Mapping

from tck.checks.support.check import CheckSpec
from tck.requirements import Catalogue
from tck.rules import RULES


class OneCaseEach:
    """Decides, case by case, what a smoke run skips."""

    def __init__(self, catalogue: Catalogue, examined: Mapping[str, int]) -> None:
        """`examined`: the ledger's counts by requirement, which grow during the run."""
        self._examined = examined
        self._passed: set[object] = set()
        judged = {id_ for rule in RULES.values() for id_ in rule.requirements}
        self._judged_by_rules: dict[str, list[str]] = {}
        for r in catalogue.values():
            if r.id in judged and not r.if_any:
                self._judged_by_rules.setdefault(r.collection or "", []).append(r.id)

    @staticmethod
    def sort_key(module: str, params: Mapping[str, object]) -> tuple[bool, bool]:
        """Orders cases: those about one of all collections last, of these `documents` first.

        `documents` reads every collection as others do, so it lets more of them be skipped.
        """
        return "collection" in params, module != "documents"

    def passed(self, function: object) -> None:
        """Note that a case of the check `function` has passed."""
        self._passed.add(function)

    def can_skip(self, function: object, spec: CheckSpec, params: Mapping[str, object]) -> bool:
        """True if a case of the check has passed and this one would examine nothing new."""
        if function not in self._passed:
            return False
        by_rules = self._judged_by_rules.get(str(params.get("collection")), ())
        return all(self._examined.get(id_) for id_ in (*spec.requirements, *by_rules))
