"""Answers that say "not now", as a cloud under load gives them: asked for again, not judged.

A disturbance is 429 or 503 (RFC 6585 4, RFC 9110 15.6.4), a page in HTML with 502 or 504, which is
the gateway's and not the endpoint's, or a connection that breaks. After it a request with a safe
method is sent again; any other request is never sent twice, because it may have taken effect: it
raises `Disturbed`, and the check that sent it starts again. After a number of disturbances in a
row the answer counts, so that an operation that always says 503 is judged, unless the entry point
is disturbed as well: then the endpoint is away (a deploy, a failover). It is waited for, and if it
does not come back, `Away` ends the check as inconclusive; so does any further disturbance until
something is answered.
"""

from __future__ import annotations

import datetime
import time
from collections import Counter
from email.utils import parsedate_to_datetime

from tck.endpoint.exchange import Exchange
from tck.endpoint.limits import Limits

# How a disturbance begins that only the connection explains (transport.py).
ON_KEPT = "only on a connection that was used before"
SAFE = ("GET", "HEAD", "OPTIONS")
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 15.0
# seconds waited in all without an undisturbed answer: then the endpoint does not recover
_LONGEST_WAIT = 300.0


class Disturbed(Exception):
    """An unsafe request met a disturbance; it is not known whether it took effect."""

    def __init__(self, x: Exchange) -> None:
        """`x`: the request with the answer or failure; `disturbance` is set."""
        super().__init__(f"{x.request.method} {x.request.path}: {x.disturbance}")
        self.exchange = x


class Away(Disturbed):
    """Nothing of the endpoint answered any more, for as long as one waits for that."""

    def __init__(self, x: Exchange, since: float) -> None:
        """`since`: when it began, in seconds since the epoch."""
        super().__init__(x)
        first, last = (time.strftime("%H:%M:%S", time.gmtime(t)) for t in (since, time.time()))
        self.args = (f"the endpoint was away from {first} to {last} UTC ({x.disturbance})",)


def disturbance(x: Exchange) -> str:
    """What disturbed an exchange (`503, Retry-After: 5`); empty if nothing did."""
    if x.status in (429, 503):
        after = x.headers.get("Retry-After")
        return f"{x.status}" + (f", Retry-After: {after}" if after else "")
    if x.status in (502, 504) and x.media_type == "text/html" and not _asks_for_html(x):
        return f"{x.status} in HTML, as a gateway answers"
    return (x.failure or "") if x.broke else ""


def is_whole(x: Exchange) -> bool:
    """Whether it was answered, and not with "later"."""
    return x.failure is None and not disturbance(x)


def _asks_for_html(x: Exchange) -> bool:
    return "html" in x.request.headers.get("Accept") or "format=html" in x.request.url


class Retries:
    """Decides whether to ask again after a disturbed answer, and how long to wait before."""

    def __init__(self, most: int, outage: float = Limits().outage) -> None:
        """`most`: tries in a row for one method and collection; with 0 every answer counts.

        `outage`: seconds waited for an endpoint whose entry point is disturbed as well. `seen`:
        something was answered undisturbed; `away_since`: when that ended, seconds since the epoch.
        """
        self._most = most
        self._outage = outage
        self._in_a_row: Counter[tuple[str, str]] = Counter()
        self._waited = 0.0
        self.away_since: float | None = None
        self.seen = False

    @property
    def enabled(self) -> bool:
        """True if disturbed answers are asked for again at all."""
        return self._most > 0

    def pause(self, x: Exchange) -> float | None:
        """Seconds to wait before the next try; None if the answer counts."""
        kind = x.request.method, (x.api_path or "").strip("/").partition("/")[0]
        if not disturbance(x):
            self._in_a_row[kind], self._waited, self.away_since = 0, 0.0, None
            self.seen = True
            return None
        if self.away_since is None:
            self.away_since = x.started or time.time()
        if self._in_a_row[kind] >= self._most or self._waited >= _LONGEST_WAIT:
            return None
        seconds = _retry_after(x) or _FIRST_PAUSE * 2 ** self._in_a_row[kind]
        seconds = min(seconds, _LONGEST_PAUSE)
        self._in_a_row[kind] += 1
        self._waited += seconds
        return seconds

    def pause_of_outage(self) -> float | None:
        """Seconds to wait before the next try while the entry point is disturbed, too.

        None if that has been waited for long enough.
        """
        if self._waited >= self._outage:
            return None
        seconds = min(max(self._waited, _FIRST_PAUSE), _LONGEST_PAUSE)  # doubles the wait so far
        self._waited += seconds
        return seconds


def _retry_after(x: Exchange) -> float:
    """Seconds that Retry-After asks for (RFC 9110 10.2.3); 0 if it says nothing usable."""
    value = x.headers.get("Retry-After").strip()
    if value.isdecimal():
        return float(value[:6])
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # no date, or one beyond the calendar
        return 0.0
    if then.tzinfo is None:
        then = then.replace(tzinfo=datetime.UTC)
    return max(then.timestamp() - time.time(), 0.0)
