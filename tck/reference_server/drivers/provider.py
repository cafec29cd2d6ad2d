"""What drivers to real providers share: where the provider is, connections, and retries.

A request brings the provider's credentials (HTTP Basic). They are not stored: the driver keeps the
connection that it opened with them, for a while, under a hash of credentials and provider. So a
connection must not be reused for anybody else, and a key that the provider has withdrawn works
until the provider itself refuses it.
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
    """Where a driver's provider is: at `url`, and there in `region`; None: the driver's default.

    The URL is that given when the server was started. A request may name another region, but not
    another URL: it could make the server send credentials anywhere.
    """

    url: str | None = None
    region: str | None = None

    @classmethod
    def parse(cls, text: str | None) -> Endpoint:
        """From `URL`, `REGION`, `URL#REGION` or nothing."""
        url, _, region = (text or "").partition("#")
        if "://" not in url:
            url, region = "", url
        return cls(url or None, region or None)

    def region_for(self, provider: str | None) -> str | None:
        """The region that a request names as its provider, else this one's.

        ProviderError if it names another URL.
        """
        requested = Endpoint.parse(provider)
        if requested.url not in (None, self.url):
            raise ProviderError("This server asks another provider than the one named.")
        return requested.region or self.region


class Connections(Generic[T]):
    """Connections of the type T by caller, for a while. Threads may share it."""

    def __init__(
        self,
        seconds: float = 300.0,
        most: int = 32,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep each for `seconds` of `clock`, and at most `most`: the oldest go first."""
        self._seconds, self._most, self._clock = seconds, most, clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()

    def get(self, caller: Caller, connect: Callable[[Caller], T]) -> T:
        """The caller's connection, opened by `connect` if there is none.

        Raises what `connect` raises; nothing is kept then.
        """
        identity = "\0".join((caller.user, caller.password, caller.provider or ""))
        key = hashlib.sha256(identity.encode()).digest()
        now = self._clock()
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and now - kept[0] < self._seconds:
                return kept[1]
        connection = connect(caller)
        with self._lock:
            self._kept[key] = now, connection
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return connection


class Throttled(ProviderError):
    """The provider refused a request, because there are too many; it did nothing."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Repeats requests to a provider, with pauses from `first` to `longest` seconds.

    It ends after `budget` seconds, before clients give up waiting for the answer.
    """

    budget: float = 20.0
    first: float = 0.2
    longest: float = 5.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def retry(self, ask: Callable[[], T]) -> T:
        """What `ask` returns; again while it raises Throttled, which is raised in the end."""
        end, pause = self.clock() + self.budget, self.first
        while True:
            try:
                return ask()
            except Throttled:
                if self.clock() + pause > end:
                    raise
                self.sleep(pause)
                pause = min(2 * pause, self.longest)

    def wait_for(self, read: Callable[[], T], arrived: Callable[[T], bool]) -> T:
        """Read until `arrived`: a provider may show a little later what was written to it.

        The last value that was read, if it arrived or not.
        """
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
        credentials: tuple[str, str] = ("", ""),
        backoff: Backoff | None = None,
    ) -> None:
        """`credentials`: the server's own user and password, for a provider that asks for none.

        ValueError if the provider cannot be reached and the driver needs it to start.
        """
        super().__init__(shape)
        self.endpoint, self.credentials = endpoint, credentials
        self.backoff = backoff or Backoff()
        self._connections: Connections[T] = Connections()

    def connect(self, caller: Caller) -> T:
        """Open a connection as the caller; AuthenticationError if the provider refuses.

        Subclasses implement it. ProviderError if the caller names another provider.
        """
        raise NotImplementedError

    def connection(self, caller: Caller) -> T:
        """The caller's connection, a new one or one kept; errors as of `connect`."""
        if not caller.user or not caller.password:
            raise AuthenticationError
        return self._connections.get(caller, self.connect)

    def authenticate(self, caller: Caller) -> None:
        """Credentials are good if a connection can be opened with them."""
        self.connection(caller)


def refusal(kind: type[ApiError], message: str) -> ApiError:
    """An error of the class `kind` with the provider's own message, on one line."""
    return kind(" ".join(message.split()) or None)
