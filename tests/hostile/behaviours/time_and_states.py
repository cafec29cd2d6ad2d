"""Endpoints that keep a run waiting, fail all the time, or ignore what they are asked."""

from __future__ import annotations

import re
import time
from email.utils import formatdate
from typing import Any

from ..behaviour import Behaviours
from ..endpoint import Call

BEHAVIOURS = behaviour = Behaviours()

_LIFE = "lifecycle or instances or launch_features"
_SHORT = ("--limit", "outage=2")  # seconds that an endpoint that is away is waited for


@behaviour(checks=_LIFE, account={"transition_time": 1e9}, codes=(1, 3, 5), left="told", seconds=40)
def everything_stays_pending(call: Call) -> None:
    """Launched instances stay in PENDING for ever, and can be neither stopped nor destroyed."""


@behaviour("instances.stop", checks=_LIFE, codes=(1, 3, 5), left="told", seconds=40)
def stop_is_ignored(call: Call) -> None:
    """Stop is accepted (202) and does nothing."""
    id_ = call.asked.path.split("/")[2]
    call.answer = call.account.show(call.asked, f"/instances/{id_}")
    call.answer.status = 202


@behaviour("instances.destroy", checks=_LIFE, codes=(1, 3, 5), left="told", seconds=40)
def destroy_is_ignored(call: Call) -> None:
    """DELETE of an instance is answered 204 and does nothing."""
    call.refuse(204)


@behaviour(
    "*.destroy",
    checks="keys or buckets or storage",
    codes=(1, 5),
    left="told",
    seconds=40,
)
def every_delete_is_ignored(call: Call) -> None:
    """Every DELETE is answered 204 and does nothing."""
    call.refuse(204)


def _refusing(status: int) -> None:
    @behaviour(
        "*.destroy",
        name=f"every-delete-is-refused-with-{status}",
        checks="keys or buckets or storage_volumes",
        codes=(1, 3, 5),
        left="told",
        seconds=40,
    )
    def refused(call: Call) -> None:
        """Every DELETE is refused and does nothing."""
        call.refuse(status)


for _status in (403, 409, 500, 503):
    _refusing(_status)


@behaviour("*.destroy", checks="keys or buckets or storage or lifecycle", codes=(1,))
def delete_fails_after_the_deed(call: Call) -> None:
    """Every DELETE works and is answered 500."""
    if call.answer.ok:
        call.refuse(500)


@behaviour("*.destroy", checks="keys or buckets", codes=(1, 3), seconds=40)
def delete_is_never_answered(call: Call) -> None:
    """Every DELETE works and is never answered."""
    if call.answer.ok:
        call.pause(60)


@behaviour(
    "addresses.disassociate storage_volumes.detach",
    checks="addresses or storage_volumes",
    codes=(1, 3, 5),
    left="told",
    seconds=40,
)
def what_is_attached_stays(call: Call) -> None:
    """Disassociating an address and detaching a volume are accepted and do nothing."""
    id_ = call.asked.path.split("/")[2]
    call.answer = call.account.show(call.asked, f"/{call.asked.collection}/{id_}")
    call.answer.status = 202


@behaviour(
    "instances.show instances.index",
    checks=_LIFE,
    codes=(1, 3, 5),
    left="told",
    seconds=40,
)
def states_change_with_every_look(call: Call) -> None:
    """An instance is in another state each time it is shown."""
    states = (b"RUNNING", b"STOPPED", b"PENDING", b"STOPPING", b"FINISH", b"ERROR", b"running", b"")
    state = b"<state>" + states[call.number % 8]
    call.answer.body = re.sub(rb"<state>[A-Z]+", state, call.answer.body)


@behaviour(
    "instances.show instances.index",
    checks=_LIFE,
    codes=(1, 3, 5),
    left="told",
    seconds=40,
)
def claims_to_be_finished(call: Call) -> None:
    """Instances that run are shown as FINISH."""
    call.answer.body = re.sub(rb"<state>[A-Z]+", b"<state>FINISH", call.answer.body)


@behaviour(checks="keys or realms", codes=(3,), seconds=45)
def answers_slowly(call: Call) -> None:
    """Every answer takes a second."""
    call.answer  # noqa: B018 - it has its effect at once
    call.pause(1)


@behaviour(codes=(1, 3), seconds=30)
def fails_everywhere(call: Call) -> None:
    """After the first contact, every answer is 500."""
    if call.number > 3:
        call.refuse(500)


def _busy(status: int, **more: Any) -> None:
    @behaviour(
        name=f"answers-{status}-for-ever",
        codes=(3,),
        says=("the endpoint was away",),
        report=False,
        **more,
    )
    def busy(call: Call) -> None:
        """After the first contact, every answer says "not now", and to come back in no time."""
        if call.number > 3:
            call.refuse(status, ("Retry-After", "0"))


_busy(429, options=_SHORT)
_busy(503, seconds=110)  # the default: a minute


@behaviour(checks="keys or realms", codes=(0, 1, 3), seconds=40)
def come_back_in_a_thousand_years(call: Call) -> None:
    """Every ninth answer is 503 with a Retry-After that is absurd: 10^9, -1, no date."""
    absurd = (
        "1000000000",
        "-1",
        "Fri, 31 Dec 99999 23:59:59 GMT",
        "9" * 5000,
        "²",
        "Thu, 01 Jan 0000 00:00:00 GMT",
    )
    if call.number > 3 and call.number % 9 == 0:
        call.refuse(503, ("Retry-After", absurd[call.number // 9 % 6]))


@behaviour(codes=(1, 3, 5), left="told", cleanup=(3,), checks="keys or lifecycle", options=_SHORT)
def goes_away(call: Call) -> None:
    """After 80 requests, connections are refused."""
    if call.number >= 80:
        call.endpoint.refuse()
        call.hang_up()


@behaviour(codes=(1, 3, 5), left="told", cleanup=(3,), checks="keys or lifecycle", seconds=40)
def stalls(call: Call) -> None:
    """After 80 requests, nothing is answered any more."""
    if call.number >= 80:
        call.pause(60)


@behaviour(codes=(0, 1, 3), checks="keys or realms", seconds=30)
def clock_runs_wild(call: Call) -> None:
    """The field Date is in the year 1, 9999 or no date, and Last-Modified is in the future."""
    dates = ("Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "x", "9" * 10_000)
    call.answer.set("Date", dates[call.number % 4])
    call.answer.set("Last-Modified", formatdate(time.time() + 1e9, usegmt=True))
