"""The reference server inside the process that uses it, for the kit and for client tests."""

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
    """A running server: its base URL and the credentials that it knows."""

    url: str
    user: str
    password: str = field(repr=False)


@contextmanager
def embedded(
    *, user: str = "mockuser", password: str = "mockpassword", **options: Any
) -> Iterator[Embedded]:
    """A fresh server on a free port of this machine; `options` are those of `create_app`."""
    with Server(create_app(user=user, password=password, **options)) as server:
        yield Embedded(server.url, user, password)


def unserved(
    *, user: str = "mockuser", password: str = "mockpassword", **options: Any
) -> tuple[Embedded, Unserved]:
    """The same without a server: what to call, and the base URL that requests name."""
    app = Unserved(create_app(user=user, password=password, **options))
    return Embedded(f"http://deltacloud.test{API.base}", user, password), app


class Unserved:
    """An application that is called without a server: states the time of its answers itself."""

    def __init__(self, app: Wsgi, clock: Callable[[], float] = time.time) -> None:
        """`clock`: seconds since the epoch."""
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
