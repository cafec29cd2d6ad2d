"""Histories of requests at once: who asks, what counts as an answer, and what explains them.

Two to four clients ask something of one object at the same time (`tck.endpoint.flight`). What they
were answered, and what the object shows in the end, must be what one client after the other could
have got, in some order (`linearizability`). An endpoint need not serve several at once: it may
answer one after the other, or refuse whoever comes while it is busy. What was lost or refused with
5xx may have happened or not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeVar

from tck.checks.support.awaiting import place_of, until
from tck.checks.support.client import Call
from tck.checks.support.cloud import Cloud
from tck.checks.support.linearizability import LOST, Model, Operation, some_order
from tck.checks.support.models import Asked
from tck.checks.support.verify import NOT_OFFERED, Verify
from tck.endpoint.exchange import Exchange
from tck.endpoint.flight import Landed
from tck.safety.resource import Resource

S = TypeVar("S", bound=Hashable)
History = list[Operation[Asked]]
_MOST_CLIENTS = 4
_SOME_ORDER = "what the requests lead to one after the other, in some order"


def histories(
    cloud: Cloud, verify: Verify, share: int = 1, most: int = _MOST_CLIENTS
) -> Iterator[tuple[int, int]]:
    """For each history that a check makes: its number, from 0, and how many clients it has.

    They are the same in every run. `share` divides how many the profile has; `most`: clients. What
    one history created is removed before the next. The check is inconclusive where nothing can be
    asked at once.
    """
    if not cloud.policy.histories:
        verify.inconclusive("in this profile nothing is asked at once")
    if cloud.meter.budget.rate:
        verify.inconclusive("requests are kept apart (--rate)")
    served = min(most, cloud.once("served at once", lambda: _served_at_once(cloud)))
    if served < 2:
        verify.inconclusive("the endpoint does not answer two requests at once")
    before = cloud.live
    for number in range(max(1, cloud.policy.histories // share)):
        if number:
            cloud.remove_others(before)
            cloud.trail.clear()
        yield number, 2 + number % (served - 1)


def _served_at_once(cloud: Cloud) -> int:
    """How many requests of several at once are answered, by asking for the entry point."""
    landed = cloud.at_once([Call("GET", "")] * _MOST_CLIENTS)
    return sum(one.exchange.ok and not one.exchange.disturbance for one in landed)


def answer_of(x: Exchange) -> object:
    """True for success, False for a refusal, else LOST."""
    if x.disturbance or not 200 <= x.status < 500:
        return LOST
    return x.status < 400


def operations(verify: Verify, asked: Sequence[Asked], landed: Sequence[Landed]) -> History:
    """What was asked at once, with the answers; the check ends if none was a success.

    None should be 500 (DC-CON-012).
    """
    answered = [one.exchange for one in landed]
    for x in answered:
        if x.status not in NOT_OFFERED:  # 405: its state was another by then
            verify.holds("DC-CON-012", "status", "not 500", x.status, x.status != 500, x=x)
    history = [
        Operation(what, answer_of(one.exchange), one.began, one.ended)
        for what, one in zip(asked, landed, strict=True)
    ]
    if all(operation.answer is not True for operation in history):
        for x in answered:
            if x.status in NOT_OFFERED:
                verify.need_offered(x)
        statuses = [x.status or x.failure for x in answered]
        verify.inconclusive(f"nothing that was asked at once succeeded: {statuses}")
    return history


def read(value: object, verb: str = "read") -> Operation[Asked]:
    """A value that is read now."""
    now = time.perf_counter()
    return Operation((verb,), value, now, now)


def told(history: History) -> str:
    """A history in words."""

    def answer(operation: Operation[Asked]) -> str:
        got = operation.answer
        if operation.asked[0] in ("read", "glance"):
            return str(sorted(got) if isinstance(got, frozenset) else got)
        return "lost" if got is LOST else "accepted" if got else "refused"

    return "; ".join(f"{' '.join(o.asked)}: {answer(o)}" for o in history)


def explained(
    verify: Verify,
    requirement: str,
    place: str,
    history: History,
    initial: S,
    model: Model[S, Asked],
    x: Exchange,
) -> None:
    """Some order of what was asked explains all answers; `x` shows the last."""
    ok = some_order(history, initial, model) is not None
    verify.holds(requirement, place, _SOME_ORDER, told(history), ok, x=x)


def until_explained(
    cloud: Cloud,
    verify: Verify,
    requirement: str,
    resource: Resource,
    history: History,
    initial: S,
    model: Model[S, Asked],
    value: Callable[[Exchange], object],
    action: str = "requests at once",
) -> Exchange:
    """The document of an object once its `value` is explained; it may take a while to show.

    `action`: what is known to take as long, or to have no effect at all.
    """

    def ended(x: Exchange) -> History:
        return [*history, read(value(x))]

    x = until(
        cloud,
        verify,
        requirement,
        resource,
        action,
        lambda x: some_order(ended(x), initial, model) is not None,
        lambda _: "come to what some order explains",
        place=place_of(resource),
        expected=_SOME_ORDER,
        got=lambda x: told(ended(x)),
    )
    explained(verify, requirement, place_of(resource), ended(x), initial, model, x)
    return x
