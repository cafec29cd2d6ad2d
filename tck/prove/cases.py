"""The checks with their parameters, one case each, expanded as pytest does it."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

import tck.checks
from tck.checks.support.check import CheckSpec, spec_of

_ROW = type(pytest.param())


@dataclass(frozen=True)
class Case:
    """One call of a check: its name as pytest shows it, and its parameters."""

    name: str
    function: Callable[..., None]
    spec: CheckSpec
    params: Mapping[str, Any]

    @property
    def check(self) -> str:
        """The name without the parameters."""
        return self.name.partition("[")[0]


@cache
def cases() -> tuple[Case, ...]:
    """Every case of every check, in the order of the modules."""
    return tuple(
        case
        for module in sorted(pkgutil.iter_modules(tck.checks.__path__), key=lambda m: m.name)
        if not module.ispkg
        for case in _of(module.name)
    )


def _of(module: str) -> Iterator[Case]:
    for name, function in vars(importlib.import_module(f"tck.checks.{module}")).items():
        spec = spec_of(function)
        if spec is None:
            continue
        marks = [m for m in getattr(function, "pytestmark", ()) if m.name == "parametrize"]
        for chosen in itertools.product(*(list(_rows(mark)) for mark in reversed(marks))):
            ids = "-".join(id_ for id_, _ in reversed(chosen))
            params = {key: value for _, row in chosen for key, value in row.items()}
            yield Case(f"{module}.{name}" + (f"[{ids}]" if marks else ""), function, spec, params)


def _rows(mark: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """(id, parameters) of every row of a parametrize mark."""
    names, rows = mark.args[0], mark.args[1]
    keys = [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)
    ids: Sequence[str] = mark.kwargs.get("ids") or ()
    for number, row in enumerate(rows):
        if isinstance(row, _ROW):
            values: Sequence[Any] = row.values
        else:
            values = row if len(keys) > 1 else (row,)
        told = ids[number] if ids else "-".join(str(value) for value in values)
        yield told, dict(zip(keys, values, strict=True))
