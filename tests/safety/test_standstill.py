"""A run ends where every check gets the same failure, and goes on wherever anything is answered."""

from __future__ import annotations

import pytest
from endpoint.exchanges import exchange

from tck.endpoint.exchange import Exchange
from tck.safety.standstill import Standstill, failure_of


class Run:
    """Checks one after the other, each with its exchanges; `now` passes between them."""

    def __init__(self) -> None:
        self.now = 0.0
        self.standstill = Standstill(lambda: self.now)

    def check(self, *got: Exchange, seconds: float = 1.0) -> str:
        self.standstill.begin_check()
        for x in got:
            self.standstill.observe(x)
        self.now += seconds
        return self.standstill.end_check()


def failed(reason: str) -> Exchange:
    return Exchange("x1", exchange().request, None, "http://host/api", failure=reason)


REFUSED = failed("the connection broke: [Errno 111] Connection refused")
SLOW = failed("no complete answer within 60 s")
BROKEN, RIGHT = exchange(status=500), exchange()


@pytest.mark.parametrize("failure", [REFUSED, SLOW, BROKEN])
def test_twenty_checks_that_fail_alike_end_a_run(failure: Exchange) -> None:
    run = Run()
    reasons = [run.check(failure, failure) for _ in range(20)]
    assert reasons[:19] == [""] * 19
    assert reasons[19].startswith("the endpoint answers nothing any more: 20 checks in a row: ")


def test_three_that_take_long_are_enough() -> None:
    run = Run()
    assert [bool(run.check(SLOW, seconds=60.0)) for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize("status", [200, 401, 403, 404, 405, 412, 501])
def test_an_answer_ends_the_row(status: int) -> None:
    run = Run()
    for _ in range(5):
        assert not any(run.check(BROKEN) for _ in range(19))
        assert not run.check(BROKEN, exchange(status=status))


@pytest.mark.parametrize("status", [403, 405, 501])
def test_an_endpoint_that_refuses_everything_is_judged_to_the_end(status: int) -> None:
    run = Run()
    assert not any(run.check(exchange(status=status), seconds=60.0) for _ in range(100))


def test_another_failure_begins_another_row() -> None:
    run = Run()
    assert not any(run.check(failure) for _ in range(20) for failure in (REFUSED, SLOW))
    assert not any(run.check(REFUSED, SLOW) for _ in range(40))


def test_a_check_that_sends_nothing_says_nothing() -> None:
    run = Run()
    assert not any(run.check(BROKEN) or run.check() for _ in range(19))
    assert run.check(BROKEN)


def test_numbers_make_no_other_failure() -> None:
    one, other = (
        failed("the answer broke off after 10 bytes"),
        failed("the answer broke off after 11 bytes"),
    )
    assert failure_of(one) == failure_of(other) != ""
