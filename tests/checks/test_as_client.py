"""The kit is a client: over a whole run it is right by its own rules, where it does not say so."""

from __future__ import annotations

from collections.abc import Iterator

from tck.checks.support import purposes
from tck.checks.support.cases import Case, cases
from tck.endpoint.exchange import Exchange
from tck.prove.altered.alteration import Alteration
from tck.prove.remembering import Remembering
from tck.prove.trial import judge
from tck.rules.clients import ON_PURPOSE, ClientJudge


class Watching(Remembering):
    """A ledger that also judges who asked, and what was wrong on purpose."""

    def __init__(self) -> None:
        super().__init__()
        self.clients = ClientJudge()
        self.check = "contact"
        self.found: set[tuple[str, str]] = set()
        self.examined_of_clients: set[str] = set()

    def observe(self, x: Exchange) -> None:
        assert x.request.headers.get(ON_PURPOSE) in ("", purposes.of(self.check))
        for _, judgement in self.clients.judge(x):
            self.examined_of_clients.add(judgement.requirement)
            if not judgement.ok:
                self.found.add((self.check, judgement.requirement))
        super().observe(x)

    def ordered(self) -> Iterator[Case]:
        for case in cases():
            self.check = case.check
            yield case


def test_the_kit_is_a_right_client() -> None:
    ledger = Watching()
    judge(Alteration("full", (), "full"), ledger.ordered(), ledger=ledger, examples=1)
    assert ledger.found == set()
    assert len(ledger.examined_of_clients) >= 35


def test_what_says_that_it_is_wrong_on_purpose_exists() -> None:
    assert {check for check, _ in purposes.all_purposes()} <= {case.check for case in cases()}
    assert purposes.FIELD == ON_PURPOSE
