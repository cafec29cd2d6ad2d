"""Declaring a check: which requirements it judges, and when it can run at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """What a check declares: requirement ids, and what an endpoint must have for it to apply."""

    requirements: tuple[str, ...]
    collections: tuple[str, ...] = ()
    feature: str | None = None
    writes: bool = False
    two_accounts: bool = False
    wire: bool = False


def check(
    *requirements: str,
    needs: str | tuple[str, ...] = (),
    feature: str | None = None,
    writes: bool = False,
    two_accounts: bool = False,
    wire: bool = False,
) -> Callable[[F], F]:
    """Mark a test function as a check of requirements: those that it judges itself.

    Helpers may judge others, e.g. that what the check needs can be created; those are not declared.

    `needs`: collections, and `feature`: the feature (`instances.user_name`), without which it does
    not apply; `writes`: it changes something, so a read-only run skips it; `two_accounts`: it needs
    a second user; `wire`: it sends requests as bytes.
    """
    collections = (needs,) if isinstance(needs, str) else needs

    def mark(function: F) -> F:
        spec = CheckSpec(requirements, collections, feature, writes, two_accounts, wire)
        function.tck = spec  # type: ignore[attr-defined]
        return function

    return mark


def spec_of(function: object) -> CheckSpec | None:
    """The declaration of a test function, None if it is not a check."""
    spec = getattr(function, "tck", None)
    return spec if isinstance(spec, CheckSpec) else None
