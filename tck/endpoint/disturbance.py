"""Answers that say "not now": what a cloud under load gives, and nothing to judge it by.

429 and 503 (RFC 6585 4, RFC 9110 15.6.4) and connections that break are asked again if the
method is safe; an unsafe request is never sent twice, it ends what it was sent for. An
endpoint that goes on like that is taken at its word: after some in a row the answer counts.
"""

from __future__ import annotations

import datetime
import time
from collections import Counter
from email.utils import parsedate_to_datetime

from tck.endpoint.exchange import Exchange

SAFE = ("GET", "HEAD", "OPTIONS")
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 15.0
# without one undisturbed answer in between: then the endpoint does not answer at all
_LONGEST_WAIT = 300.0


class Disturbed(Exception):
    """An unsafe request met a disturbance: whether it took effect is not known."""

    def __init__(self, x: Exchange) -> None:
        """`x`: the request and what came."""
        super().__init__(f"{x.request.method} {x.request.path}: {x.disturbance}")
        self.exchange = x


def disturbance(x: Exchange) -> str:
    """What was not as usual, empty if the answer is one."""
    if x.status in (429, 503):
        after = x.headers.get("Retry-After")
        return f"{x.status}" + (f", Retry-After: {after}" if after else "")
    return (x.failure or "") if x.broke else ""


class Retries:
    """Which disturbed answers are worth another try, and after which pause."""

    def __init__(self, most: int) -> None:
        """`most`: in a row, of one kind of request; 0 takes every answer at its word."""
        self._most = most
        self._row: Counter[tuple[str, str]] = Counter()
        self._waited = 0.0

    @property
    def enabled(self) -> bool:
        """False if every answer counts."""
        return self._most > 0

    def pause(self, x: Exchange) -> float | None:
        """Seconds to wait before the next try, None if the answer counts."""
        kind = x.request.method, (x.api_path or "").strip("/").partition("/")[0]
        if not disturbance(x):
            self._row[kind], self._waited = 0, 0.0
            return None
        if self._row[kind] >= self._most or self._waited >= _LONGEST_WAIT:
            return None
        seconds = _retry_after(x) or _FIRST_PAUSE * 2 ** self._row[kind]
        seconds = min(seconds, _LONGEST_PAUSE)
        self._row[kind] += 1
        self._waited += seconds
        return seconds


def _retry_after(x: Exchange) -> float:
    """Seconds that Retry-After asks for (RFC 9110 10.2.3), 0 if it says nothing."""
    value = x.headers.get("Retry-After").strip()
    if value.isdecimal():
        return float(value[:6])
    try:
        then = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    if then.tzinfo is None:
        then = then.replace(tzinfo=datetime.UTC)
    return max(then.timestamp() - time.time(), 0.0)
