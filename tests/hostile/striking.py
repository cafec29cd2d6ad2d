"""Signals at an exact moment of a run, by what its endpoint has seen: requests, not seconds."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from tck.reference_server.http1 import Wsgi
from tck.reference_server.serving import Server
from tck.schemas.operations import API

from .account import Account
from .endpoint import Act, Call, hostile

Place = Literal["arrived", "done", "answered"]
_IDLE = 10.0  # seconds until a request that has begun is given up


@dataclass(frozen=True)
class Moment:
    """A moment at which a create is in flight, or shortly after.

    `create`: which of the run's creates, from 1. The moment is in the request that comes `later`
    requests after it (0: in the create itself): when it has "arrived" and has no effect yet, when
    it is "done" and not answered, or when it is "answered".
    """

    create: int
    place: Place
    later: int = 0

    def __str__(self) -> str:
        after = f" + {self.later} requests" if self.later else ""
        return f"create {self.create}{after} {self.place}"


class Watch:
    """Calls `strike` at a moment and, if `again` is not None, again that many requests later.

    With 0, the second comes right after the first. `requests`, `creates`: how many arrived.
    `struck`: how often. An endpoint says with `at` how far each request is.
    """

    def __init__(self, moment: Moment, strike: Callable[[], None], again: int | None) -> None:
        self._moment = moment
        self._strike = strike
        self._again = again
        self._lock = threading.Condition()
        self._open = 0
        self._first: int | None = None  # the number of the create, then of each moment
        self._second: int | None = None
        self.requests = 0
        self.creates = 0
        self.struck = 0

    def arrives(self, operation: str) -> int:
        """A request has arrived; its number."""
        with self._lock:
            self.requests += 1
            self._open += 1
            number = self.requests
            self.creates += operation.endswith(".create") or operation == "blobs.put"
            if self._first is None and self.creates == self._moment.create:
                self._first = number + self._moment.later
            second = self._second is not None and number >= self._second and self.struck == 1
            self.struck += second
        if second:
            self._strike()
        self.at("arrived", number)
        return number

    def at(self, place: Place, number: int) -> None:
        """The request of that number has come so far; it goes on when the signal is sent."""
        with self._lock:
            if place == "done":
                self._open -= 1
                self._lock.notify_all()
            if self.struck or number != self._first or place != self._moment.place:
                return
            times = 2 if self._again == 0 else 1
            self.struck = times
            self._second = self.requests + self._again if self._again else None
        for _ in range(times):
            self._strike()

    def wait_until_idle(self) -> None:
        """Until each request that arrived has had its effect."""
        with self._lock:
            self._lock.wait_for(lambda: not self._open, timeout=_IDLE)


@contextlib.contextmanager
def watched(act: Act, account: Account, watch: Watch) -> Iterator[tuple[str, list[bytes]]]:
    """A hostile endpoint; its URL, and what its trap catches."""
    numbers = threading.local()

    def watched_act(call: Call) -> None:
        numbers.mine = watch.arrives(call.asked.operation)
        try:
            act(call)
            call.answer  # noqa: B018 - it has its effect now
        finally:
            watch.at("done", numbers.mine)

    with hostile(watched_act, account) as endpoint:
        endpoint.on_answer = lambda _: watch.at("answered", numbers.mine)
        yield endpoint.url, endpoint.trap.caught
    if endpoint.failures:
        raise RuntimeError(endpoint.failures[0])


@contextlib.contextmanager
def watched_server(account: Account, watch: Watch) -> Iterator[tuple[str, list[bytes]]]:
    """The reference server by its own HTTP server; its URL, and no trap."""
    with Server(_Watched(account.app, watch)) as server:
        yield server.url, []


class _Watched:
    """A WSGI application around another, that tells how far each request is."""

    def __init__(self, app: Wsgi, watch: Watch) -> None:
        self._app = app
        self._watch = watch

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"].removeprefix(API.base).rstrip("/")
        found = API.match(environ["REQUEST_METHOD"], path)
        number = self._watch.arrives(found[0].id if found else "")
        try:
            parts = [*self._app(environ, start)]
        finally:
            self._watch.at("done", number)
        return _Told(parts, lambda: self._watch.at("answered", number))


class _Told(list[bytes]):
    """The parts of a body; `close` is called when they are sent (PEP 3333)."""

    def __init__(self, parts: Iterable[bytes], close: Callable[[], None]) -> None:
        super().__init__(parts)
        self.close = close
