"""Named sets of changes to the server: what faults and variants have in common."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any, Generic, TypeVar

from tck.prove.altered import wire
from tck.prove.altered.change import Change
from tck.prove.altered.layer import Altered
from tck.reference_server.app import create_app
from tck.reference_server.serving import Log, Server
from tck.schemas.operations import API


@dataclass(frozen=True)
class Alteration:
    """A way in which the server differs, and the persona under which this can be seen.

    `options` are arguments of `create_app`; `base` is the path of the API; `area` is the module
    that it is written in (set by `collect`). `text` says in one line what the server does.
    """

    name: str
    changes: tuple[Change, ...]
    persona: str = "full"
    options: Mapping[str, Any] = field(default_factory=dict)
    area: str = ""
    base: str = API.base
    text: str = ""

    def __post_init__(self) -> None:
        """Without a text of its own, it has those of its changes."""
        text = self.text or "; ".join(change.text for change in self.changes)
        object.__setattr__(self, "text", " ".join(text.split()))

    @property
    def needs_socket(self) -> bool:
        """True if it can only be seen in the bytes on a connection."""
        return any(change.on_socket for change in self.changes)

    def app(self, **options: Any) -> Altered:
        """The server with its changes; `options` of `create_app` override its own."""
        return Altered(
            create_app(**{"driver": self.persona, **self.options, **options}), self.changes
        )

    def server(
        self, host: str = "127.0.0.1", port: int = 0, log: Log | None = None, **options: Any
    ) -> Server:
        """The same, bound to a port."""
        server = Server(self.app(**options), host, port, log=log)
        return wire.install(server, lambda: self.changes) if self.needs_socket else server

    def url(self, server: Server) -> str:
        """The base URL of the API on a bound server."""
        return server.url.removesuffix(API.base) + self.base


A = TypeVar("A", bound=Alteration)
F = TypeVar("F", bound=Callable[..., Any])


class Alterations(list[A], Generic[A]):
    """The alterations of one module, in the order in which they are written there."""

    def __call__(self, name: str, basis: str, *changes: Change, **options: Any) -> None:
        """Add one; `basis` is what it violates (a fault) or what permits it (a variant).

        `text` (optional for one change, better for several) says what the server does.
        """
        raise NotImplementedError

    def does(
        self, basis: str, build: Callable[..., Change], where: str, *more: Any, **options: Any
    ) -> Callable[[F], F]:
        """Decorate the function that makes the difference.

        The alteration has the function's name (dashes for underscores; `name=` gives another)
        and its docstring as text. The change is `build(where, text, *more, function)`; other
        `options` are as for a call.
        """

        def add(act: F) -> F:
            text = " ".join((act.__doc__ or "").split()).rstrip(".")
            name = options.pop("name", act.__name__.replace("_", "-"))
            if not text[1:2].isupper():  # it does not begin with an acronym
                text = text[:1].lower() + text[1:]
            self(name, basis, build(where, text, *more, act), **options)
            return act

        return add


def collect(package: ModuleType, attribute: str) -> Mapping[str, Any]:
    """Every entry of the list `attribute` in the modules of a package, by its name."""
    found: dict[str, Any] = {}
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        path = f"{package.__name__}.{module.name}"
        for entry in getattr(importlib.import_module(path), attribute, ()):
            if entry.name in found:
                raise ValueError(f"two alterations are named {entry.name}")
            found[entry.name] = replace(entry, area=module.name.replace("_", " "))
    return found
