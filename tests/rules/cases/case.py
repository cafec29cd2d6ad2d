"""One wrong exchange: a right one with one thing changed, and what must then fail."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..change import Change


@dataclass(frozen=True)
class Case:
    """`also`: what fails with the requirement because the same thing violates it, too."""

    requirement: str
    base: str
    change: Change
    also: frozenset[str] = field(default=frozenset())

    def __str__(self) -> str:
        return f"{self.requirement} {self.base}"


def case(requirement: str, base: str, change: Change, *also: str) -> Case:
    return Case(requirement, base, change, frozenset(also))
