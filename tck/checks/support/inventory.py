"""All checks, read from their modules without running them."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache

import tck.checks
from tck.checks.support.check import CheckSpec, spec_of


@dataclass(frozen=True, slots=True)
class Check:
    """A check: `module.function`, what it declares, and the first line of its docstring."""

    name: str
    spec: CheckSpec
    doc: str


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
                    doc = (function.__doc__ or "").strip().splitlines()
                    inventory.append(Check(f"{module.name}.{name}", spec, doc[0] if doc else ""))
    return tuple(inventory)


@cache
def checks_by_requirement() -> dict[str, list[Check]]:
    """Checks by the id of each requirement that they declare."""
    by_requirement: dict[str, list[Check]] = {}
    for check in checks():
        for id_ in check.spec.requirements:
            by_requirement.setdefault(id_, []).append(check)
    return by_requirement
