"""Ending a run against an endpoint that answers nothing any more.

A run has hundreds of checks. If all that one after the other gets is the same failure (no
connection, no answer in time, 500), the next will get it, too, and each costs its time-outs. So the
run ends after a number of checks in a row whose every exchange failed in one and the same way, or
after fewer if they took long. What was not examined is inconclusive, with that reason.

Refusals never count: an endpoint may refuse all that writes, with 4xx or 501.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tck.endpoint.exchange import Exchange

_MOST_CHECKS = 20
_FEW_CHECKS, _MOST_SECONDS = 3, 120.0


class Standstill:
    """Watches the exchanges of one process of a run, check by check."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock`: seconds."""
        self._clock = clock
        self._began = self._since = clock()
        self._in_check: set[str] = set()
        self._failure = ""
        self._checks = 0

    def observe(self, x: Exchange) -> None:
        """An exchange came to its end."""
        self._in_check.add("" if x.request.malformed else failure_of(x))

    def begin_check(self) -> None:
        """A check begins; what was sent since the last one is no part of it."""
        self._in_check.clear()
        self._began = self._clock()

    def end_check(self) -> str:
        """A check has ended; why the run should end, empty if it should go on."""
        if not self._in_check:
            return ""  # it sent nothing
        failure = next(iter(self._in_check)) if len(self._in_check) == 1 else ""
        if not failure or failure != self._failure:
            self._checks, self._since = 0, self._began
        self._failure = failure
        self._checks += bool(failure)
        long = self._checks >= _FEW_CHECKS and self._clock() - self._since >= _MOST_SECONDS
        if long or self._checks >= _MOST_CHECKS:
            return (
                f"the endpoint answers nothing any more: {self._checks} checks in a row: {failure}"
            )
        return ""


def failure_of(x: Exchange) -> str:
    """What went wrong with an exchange, alike if it is the same again; empty if it was answered."""
    if x.failure:
        return re.sub(r"[0-9]+", "N", x.failure[:80])
    return f"status {x.status}" if x.status >= 500 and x.status != 501 else ""
