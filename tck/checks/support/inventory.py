"""All checks, read from their modules without running them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import dataclass
from functools import cache

import tck.checks
from tck.checks.support.check import CheckSpec, spec_of


@dataclass(frozen=True, slots=True)
class Check:
    """A check: `module.function`, what it declares, and the first line of its docstring.

    `line`: where its decorators begin in `tck/checks/module.py`.
    """

    name: str
    spec: CheckSpec
    doc: str
    line: int

    @property
    def place(self) -> str:
        """`tck/checks/keys.py:31 test_create`."""
        module, _, function = self.name.partition(".")
        return f"tck/checks/{module}.py:{self.line} {function}"


@cache
def checks() -> tuple[Check, ...]:
    """Every check of the kit."""
    inventory = []
    for module in pkgutil.iter_modules(tck.checks.__path__):
        if not module.ispkg:
            members = vars(importlib.import_module(f"tck.checks.{module.name}"))
            for name, function in members.items():
                spec = spec_of(function)
                if spec is not None:
                    doc = (function.__doc__ or "").strip().partition("\n")[0]
                    _, line = inspect.getsourcelines(function)
                    inventory.append(Check(f"{module.name}.{name}", spec, doc, line))
    return tuple(inventory)


@cache
def checks_by_requirement() -> dict[str, list[Check]]:
    """Checks by the id of each requirement that they declare."""
    by_requirement: dict[str, list[Check]] = {}
    for check in checks():
        for id_ in check.spec.requirements:
            by_requirement.setdefault(id_, []).append(check)
    return by_requirement
