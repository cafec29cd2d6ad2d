"""What stays at the end of a run is reported, with the command that removes it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tck.report.ledger import Ledger
from tck.run.ending import clean_up
from tck.run.record import RunRecord
from tck.safety.budget import Meter
from tck.safety.obstacle import Obstacle
from tck.safety.resource import Resource

KEY = Resource("keys", "k1", "http://cloud.test/api/keys/k1")
ASSIGNMENT: Any = SimpleNamespace(
    options=SimpleNamespace(cloud=SimpleNamespace(name="nightly", exclusive=False)), worker=None
)


class Closed:
    """A journal or a transport that is closed at the end."""

    path: Path | None = None
    kept: bool | None = None

    def may_be_anothers(self, _: Resource) -> bool:
        return False

    def close(self, keep: bool = False) -> None:
        self.kept = keep


def cloud(remaining: list[Resource] | BaseException) -> Any:
    def remove_all(*, final: bool) -> list[Resource]:
        assert final
        if isinstance(remaining, BaseException):
            raise remaining
        return remaining

    return SimpleNamespace(
        cleaner=SimpleNamespace(
            remove_all=remove_all,
            obstacles={KEY.href: Obstacle("refused: it said no")},
        ),
        journal=Closed(),
        transport=Closed(),
        resources=SimpleNamespace(unproven=[]),
    )


@pytest.mark.parametrize(("there", "was_own"), [(True, True), (False, True), (False, False)])
def test_what_cannot_be_proven_the_runs_own_is_told(there: bool, was_own: bool) -> None:
    """Unless it was once proven, and is not there any more."""
    subject = cloud([])
    subject.resources.unproven = [(KEY, "it does not show the name n")]
    subject.custody = SimpleNamespace(was_own=lambda *_: was_own)
    subject.request_for_cleanup = lambda _method, _href: SimpleNamespace(ok=there)
    record = RunRecord(Ledger(), Meter())
    clean_up(subject, ASSIGNMENT, record)
    credentials = '"$DELTACLOUD_TCK_USER:$DELTACLOUD_TCK_PASSWORD"'
    line = f"keys k1: {KEY.href} (perhaps: it does not show the name n); to remove it by hand: "
    assert record.leaks == [f"{line}curl -X DELETE -u {credentials} {KEY.href}"] * (
        there or not was_own
    )


def test_nothing_stays() -> None:
    record = RunRecord(Ledger(), Meter())
    subject = cloud([])
    clean_up(subject, ASSIGNMENT, record)
    assert record.leaks == []
    assert subject.journal.kept is False
    assert subject.transport.kept is False


def test_what_stays_is_a_leak_and_the_journal_is_kept() -> None:
    record = RunRecord(Ledger(), Meter())
    subject = cloud([KEY])
    clean_up(subject, ASSIGNMENT, record)
    command = "deltacloud-tck cleanup --cloud nightly"
    assert record.leaks == [f"keys k1: {KEY.href}; refused: it said no; to remove it: {command}"]
    assert subject.journal.kept is True


def test_what_may_be_somebody_elses_by_now_is_told_and_no_longer_in_the_journal() -> None:
    """An address that was released, and given to the next who asked."""
    subject = cloud([KEY])
    subject.journal.may_be_anothers = lambda _: True
    subject.custody = SimpleNamespace(was_own=lambda *_: True)
    subject.request_for_cleanup = lambda _method, _href: SimpleNamespace(ok=True)
    gone: list[Resource] = []
    subject.journal.gone = gone.append
    record = RunRecord(Ledger(), Meter())
    clean_up(subject, ASSIGNMENT, record)
    assert gone == [KEY]
    assert "to remove it by hand: curl" in record.leaks[0]
