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
    "requirements",
    "prove",
    "compare",
    "sign",
    "verify",
    "docs",
)


def commands(wanted: str | None = None) -> Iterator[ModuleType]:
    """The module of the command that is wanted, or of all: a server need not load the checks."""
    for name in (wanted,) if wanted in NAMES else NAMES:
        yield import_module(f"tck.commands.{name}")
