"""The commands of `deltacloud-tck`: each module has NAME, HELP, EXAMPLES, arguments and run."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

NAMES = (
    "run",
    "cleanup",
    "serve",
    "validate",
    "client",
    "replay",
    "proxy",
    "requirements",
    "prove",
    "compare",
    "sign",
    "verify",
    "docs",
    "vectors",
)


def commands(name: str | None = None) -> Iterator[ModuleType]:
    """The module of the command `name`, or all: one command need not load what others need."""
    for command in (name,) if name in NAMES else NAMES:
        yield import_module(f"tck.commands.{command}")
