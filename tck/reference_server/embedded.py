"""The reference server inside the process that uses it: for the kit, and for tests of clients."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tck.reference_server.app import create_app
from tck.reference_server.http1 import Wsgi, date_of
from tck.reference_server.serving import Server
from tck.schemas.operations import API


@dataclass(frozen=True, slots=True)
class Embedded:
    """How to reach a server: its base URL, and the credentials that it accepts.

    `other`: those of another account, if it has one.
    """

    url: str
    user: str
    password: str = field(repr=False)
    other: tuple[str, str] | None = field(default=None, repr=False)


@contextmanager
def embedded(
    *,
    user: str = "mockuser",
    password: str = "mockpassword",
    other: tuple[str, str] | None = None,
    **options: Any,
) -> Iterator[Embedded]:
    """A new server on a free port of 127.0.0.1, stopped when the block ends.

    `options` are those of `create_app`, whose errors it raises.
    """
    with Server(create_app(user=user, password=password, other=other, **options)) as server:
        yield Embedded(server.url, user, password, other)


def unserved(
    *,
    user: str = "mockuser",
    password: str = "mockpassword",
    other: tuple[str, str] | None = None,
    **options: Any,
) -> tuple[Embedded, Unserved]:
    """A new server that is not on any port: a base URL to use in requests, and what to call.

    `options` are those of `create_app`, whose errors it raises.
    """
    app = Unserved(create_app(user=user, password=password, other=other, **options))
    return Embedded(f"http://deltacloud.test{API.base}", user, password, other), app


class Unserved:
    """A WSGI application without an HTTP server: adds Date, which that server would add."""

    def __init__(self, app: Wsgi, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since the epoch."""
        self._app = app
        self._clock = clock

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer as the application does (PEP 3333)."""

        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            if "date" not in [name.lower() for name, _ in headers]:
                headers = [*headers, ("Date", date_of(int(self._clock())))]
            return start_response(status, headers, *rest)

        return self._app(environ, started)
