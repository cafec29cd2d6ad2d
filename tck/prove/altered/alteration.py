"""A named set of changes: what faults and variants have in common."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeVar

from tck.prove.altered import wire
from tck.prove.altered.change import Change
from tck.prove.altered.layer import Altered
from tck.reference_server.app import create_app
from tck.reference_server.serving import Log, Server
from tck.schemas.operations import API


@dataclass(frozen=True)
class Alteration:
    """A way in which the server differs, on the persona under which it shows.

    `options` are those of `create_app` that belong to it; `base` is where the API is found.
    """

    name: str
    changes: tuple[Change, ...]
    persona: str = "full"
    options: Mapping[str, Any] = field(default_factory=dict)
    area: str = ""
    base: str = API.base

    @property
    def text(self) -> str:
        """What is different, in words, on one line."""
        return " ".join("; ".join(change.text for change in self.changes if change.text).split())

    @property
    def needs_socket(self) -> bool:
        """True if it shows only in the bytes on a connection."""
        return any(change.wire is not None for change in self.changes)

    def app(self, **options: Any) -> Altered:
        """The server with its changes; `options` of `create_app` win over its own."""
        return Altered(
            create_app(**{"driver": self.persona, **self.options, **options}), self.changes
        )

    def server(
        self, host: str = "127.0.0.1", port: int = 0, log: Log | None = None, **options: Any
    ) -> Server:
        """The same on a port."""
        served = Server(self.app(**options), host, port, log=log)
        return wire.take(served) if self.needs_socket else served

    def url(self, server: Server) -> str:
        """The base URL of the API on a bound server."""
        return server.url.removesuffix(API.base) + self.base


A = TypeVar("A", bound=Alteration)


def collect(package: ModuleType, attribute: str) -> list[tuple[str, Any]]:
    """(module, entry) of every entry in a list that the modules of a package each have."""
    found = []
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        entries = getattr(
            importlib.import_module(f"{package.__name__}.{module.name}"), attribute, ()
        )
        found += [(module.name, entry) for entry in entries]
    return found


def by_name(entries: list[A]) -> Mapping[str, A]:
    """Entries by their names, which must differ."""
    found: dict[str, A] = {}
    for entry in entries:
        if entry.name in found:
            raise ValueError(f"two alterations are named {entry.name}")
        found[entry.name] = entry
    return found
