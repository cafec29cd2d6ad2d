"""A reference server whose faults, disturbances, time and objects change while it runs.

It is an application in whose place another is put: over the same objects where a fault is set,
over new ones where the state is reset. So connections and the URL stay, and what a fault changed in
a driver is gone with that driver.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TextIO

from tck.audit.injected import Disturbance
from tck.prove.altered import wire
from tck.prove.altered.alteration import Alteration
from tck.prove.altered.layer import Altered
from tck.reference_server.app import BLOB_LIMIT, create_app
from tck.reference_server.http1 import Limits, Wsgi
from tck.reference_server.serving import Server
from tck.reference_server.storage.store import Memory, MemoryStore
from tck.schemas.operations import API


class Clock:
    """The time of a server, in seconds since the epoch: it passes, or stands still."""

    def __init__(self, at: float | None = None) -> None:
        """It stands still at `at`, or is that of the machine."""
        self._at = at
        self._ahead = 0.0

    def __call__(self) -> float:
        """What time it is."""
        return time.time() + self._ahead if self._at is None else self._at

    @property
    def stands(self) -> bool:
        """Whether it stands still."""
        return self._at is not None

    def set(self, at: float) -> None:
        """Stand still at a time."""
        self._at = at

    def advance(self, seconds: float) -> None:
        """Let time pass, or go back."""
        if self._at is None:
            self._ahead += seconds
        else:
            self._at += seconds

    def run(self) -> None:
        """Be that of the machine."""
        self._at, self._ahead = None, 0.0


class _Lasting(Memory):
    """Stores in memory that outlive the application."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._stores: dict[str, MemoryStore] = {}

    def store(self, driver: str, /) -> MemoryStore:
        if driver not in self._stores:
            self._stores[driver] = super().store(driver)
        return self._stores[driver]


class _Placed:
    """A disturbance in its place among others: what it leaves alone goes on to the next."""

    def __init__(self, disturbance: Disturbance, after: Callable[[_Placed], Wsgi]) -> None:
        self.disturbance = disturbance

        def others(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
            return after(self)(environ, start)

        self.app = disturbance.layer()(others)


class Controlled:
    """A WSGI application (PEP 3333): the reference server, and what is changed of it.

    `clock` is its time, `base` the path of the API on it.
    """

    def __init__(
        self,
        persona: str | None = None,
        *alterations: str,
        clock: Clock | None = None,
        blob_limit: int | None = None,
        **options: Any,
    ) -> None:
        """`alterations`: names of faults and variants to begin with.

        `persona` is by default that of the last of them, else `mock`. `options` are those of
        `create_app`, but for `storage`. Raises LookupError, ValueError.
        """
        self.clock = clock or Clock()
        self._options = options
        self._limit = BLOB_LIMIT if blob_limit is None else blob_limit
        self._stores = _Lasting(self._limit)
        self._altered: tuple[Alteration, ...] = ()
        self._placed: tuple[_Placed, ...] = ()
        begun = [found(name) for name in alterations]
        self.persona = persona or (begun[-1].persona if begun else "mock")
        self._put(begun)

    def _put(self, alterations: Iterable[Alteration]) -> None:
        """Have another application answer, with these alterations."""
        altered = tuple(alterations)
        settings: dict[str, Any] = {"driver": self.persona}
        for alteration in altered:
            settings |= alteration.options
        settings |= self._options
        app = create_app(**settings, clock=self.clock, storage=self._stores)
        changes = [change for alteration in altered for change in alteration.changes]
        self._app: Wsgi = Altered(app, changes) if changes else app
        self._altered, self._changes = altered, changes

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer as the server does now."""
        placed = self._placed
        return (placed[0].app if placed else self._app)(environ, start_response)

    def _after(self, one: _Placed) -> Wsgi:
        """What answers what a disturbance leaves alone."""
        placed = self._placed
        rest = placed[placed.index(one) + 1 :] if one in placed else ()
        return rest[0].app if rest else self._app

    # ------------------------------------------------------------ what is changed

    @property
    def alterations(self) -> tuple[Alteration, ...]:
        """The faults and variants that are in force."""
        return self._altered

    @property
    def base(self) -> str:
        """The path of the API: some variants have another."""
        return next((a.base for a in self._altered if a.base != API.base), API.base)

    def give_base(self) -> str:
        """The base as it is then, for who looks at requests as they come."""
        return self.base

    def alter(self, *names: str) -> None:
        """Have these faults and variants, and no others. Raises LookupError."""
        self._put([found(name) for name in names])

    @property
    def disturbances(self) -> tuple[Disturbance, ...]:
        """The disturbances that are in force, used up or not."""
        return tuple(placed.disturbance for placed in self._placed)

    def disturb(self, given: str | Mapping[str, Any] | Disturbance) -> None:
        """Add a disturbance, after those that there are. Raises ValueError."""
        disturbance = given if isinstance(given, Disturbance) else Disturbance.of(given)
        self._placed = (*self._placed, _Placed(disturbance, self._after))

    def calm(self) -> None:
        """End all disturbances."""
        self._placed = ()

    def reset(self) -> None:
        """Have the objects that a new server has; alterations, disturbances and time stay."""
        self._stores = _Lasting(self._limit)
        self._put(self._altered)

    def server(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        log: Callable[[str], object] | TextIO | None = None,
        limits: Limits | None = None,
    ) -> Server:
        """A server of it on a port; the arguments are those of `Server`."""
        server = Server(self, host, port, log=log, limits=limits)
        return wire.install(server, lambda: self._changes)

    def url(self, server: Server) -> str:
        """The base URL of the API on it."""
        return server.url.removesuffix(API.base) + self.base


def found(name: str) -> Alteration:
    """The fault or variant of a name. Raises LookupError, which says what is close."""
    # only who alters a server loads all of them
    from tck.prove.faults import faults  # noqa: PLC0415
    from tck.prove.variants import variants  # noqa: PLC0415

    known: dict[str, Alteration] = {**variants(), **faults()}
    if name not in known:
        close = ", ".join(difflib.get_close_matches(name, known))
        hint = (
            f"did you mean {close}?" if close else "`deltacloud-tck serve --list-faults` lists them"
        )
        raise LookupError(f"no fault or variant {name!r}; {hint}")
    return known[name]
