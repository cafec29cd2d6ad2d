"""Requests that are under way at the same time, each in a thread of its own.

So that they overlap for certain, and not only if threads happen to run at once, each is held where
the endpoint knows of it and cannot act on it yet: after its head, and before its content. A request
without content is held before the last byte of its head. Once all are held, they are released.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import requests

from tck.endpoint.exchange import Exchange

Hold = Callable[[], None]
Exchanging = Callable[[requests.PreparedRequest, Hold], Exchange]


class Landed(NamedTuple):
    """A request that was sent at the same time as others; by `time.perf_counter`."""

    exchange: Exchange
    began: float
    ended: float


class Flight:
    """One of several requests at once.

    `arrived`: it is held, or over; `released`: it may go on.
    """

    def __init__(
        self, prepared: requests.PreparedRequest, exchanging: Exchanging, seconds: float
    ) -> None:
        """`exchanging` sends a request, and holds it; nothing is held longer than `seconds`."""
        self.prepared = prepared
        self.arrived, self.released = threading.Event(), threading.Event()
        self._began = self._ended = 0.0
        self._exchanging = exchanging
        self._seconds = seconds
        self._exchange: Exchange | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True, name="flight")

    def landed(self) -> Landed:
        """What came of it, once it has landed. Raises what sending it raised."""
        if self._exchange is None:
            raise self._error or RuntimeError("it has not landed yet")
        return Landed(self._exchange, self._began, self._ended)

    def start(self) -> None:
        """Send the request, and return when it is held."""
        self._thread.start()
        self.arrived.wait(self._seconds)

    def land(self) -> None:
        """Release the request, and return when it is answered."""
        self.released.set()
        self._thread.join()

    def hold(self) -> None:
        """Wait for the release. Called in the thread of the request."""
        if not self.arrived.is_set():
            self.arrived.set()
            self.released.wait(self._seconds)

    def _run(self) -> None:
        self._began = time.perf_counter()
        try:
            self._exchange = self._exchanging(self.prepared, self.hold)
        except BaseException as error:  # noqa: BLE001 - raised in the thread that asks for it
            self._error = error
        finally:
            self._ended = time.perf_counter()
            self.arrived.set()
