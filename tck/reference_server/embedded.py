"""The reference server inside the process that uses it, for the kit and for client tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tck.reference_server.app import create_app
from tck.reference_server.serving import Server


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
