"""What all bridges share: where the provider is, who asks, and patience with the provider.

Credentials are those of the request (HTTP Basic). They are kept nowhere: what is remembered
for a short while is the connection that was opened with them, under a hash.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tck.reference_server.drivers.base import Caller, Driver
from tck.reference_server.drivers.shape import Shape
from tck.reference_server.errors import ApiError, AuthenticationError, ProviderError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server's bridge leads: `URL`, `REGION`, `URL#REGION` or nothing (the default).

    Only whoever starts the server chooses the URL: a request that could would make the
    server send its credentials anywhere. A request may name another region.
    """

    url: str | None = None
    region: str | None = None

    @classmethod
    def parse(cls, text: str | None) -> Endpoint:
        url, _, region = (text or "").partition("#")
        if "://" not in url:
            url, region = "", url
        return cls(url or None, region or None)

    def region_for(self, provider: str | None) -> str | None:
        """The region that a request names; the server's own if it names none."""
        asked = Endpoint.parse(provider)
        if asked.url not in (None, self.url):
            raise ProviderError("This server leads to another provider than the one named.")
        return asked.region or self.region


class Connections(Generic[T]):
    """Connections by caller, forgotten after a while or when there are too many."""

    def __init__(
        self,
        seconds: float = 300.0,
        most: int = 32,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()

    def get(self, caller: Caller, connect: Callable[[Caller], T]) -> T:
        """The caller's connection, made by `connect` if there is none; it refuses bad ones."""
        told = "\0".join((caller.user, caller.password, caller.provider or ""))
        key = hashlib.sha256(told.encode()).digest()
        now = self._clock()
        with self._lock:
            known = self._kept.get(key)
            if known is not None and now - known[0] < self._seconds:
                return known[1]
        made = connect(caller)
        with self._lock:
            self._kept[key] = now, made
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


class Throttled(ProviderError):
    """The provider wants fewer requests; it did nothing, so asking again does no harm."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Back-off inside a budget of seconds, so that a client hears of it before it gives up."""

    budget: float = 20.0
    first: float = 0.2
    longest: float = 5.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def insist(self, ask: Callable[[], T]) -> T:
        """Ask until the provider does not throttle, or the budget is spent."""
        end, pause = self.clock() + self.budget, self.first
        while True:
            try:
                return ask()
            except Throttled:
                if self.clock() + pause > end:
                    raise
                self.sleep(pause)
                pause = min(2 * pause, self.longest)

    def until(self, read: Callable[[], T], arrived: Callable[[T], bool]) -> T:
        """Read until what was written shows (read-after-write); the last value either way."""
        end, pause = self.clock() + self.budget, self.first / 2
        while True:
            value = read()
            if arrived(value) or self.clock() + pause > end:
                return value
            self.sleep(pause)
            pause = min(2 * pause, self.longest)


class ProviderDriver(Driver, Generic[T]):
    """A driver that asks a provider over connections of the type T."""

    def __init__(
        self,
        shape: Shape,
        endpoint: Endpoint,
        known: tuple[str, str] = ("", ""),
        patience: Patience | None = None,
    ) -> None:
        super().__init__(shape)
        self.endpoint, self.known = endpoint, known
        self.patience = patience or Patience()
        self._connections: Connections[T] = Connections()

    def connect(self, caller: Caller) -> T:
        """Open a connection with credentials that the provider accepts, or AuthenticationError."""
        raise NotImplementedError

    def connection(self, caller: Caller) -> T:
        if not caller.user or not caller.password:
            raise AuthenticationError
        return self._connections.get(caller, self.connect)

    def authenticate(self, caller: Caller) -> None:
        self.connection(caller)


def refusal(kind: type[ApiError], message: str) -> ApiError:
    """A refusal with the provider's own message, on one line."""
    return kind(" ".join(message.split()) or None)
