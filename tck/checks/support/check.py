"""Declaring a check: which requirements it judges, and when it can run at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """What a check declares; the plugin gates it by that."""

    requirements: tuple[str, ...]
    collections: tuple[str, ...] = ()
    feature: str | None = None
    writes: bool = False


def check(
    *requirements: str,
    needs: str | tuple[str, ...] = (),
    feature: str | None = None,
    writes: bool = False,
) -> Callable[[F], F]:
    """Mark a test function as a check of requirements.

    `needs`: collections without which it does not apply; `feature` likewise
    (`instances.user_name`); `writes`: it changes something, so a read-only run leaves it out.
    """
    collections = (needs,) if isinstance(needs, str) else needs

    def mark(function: F) -> F:
        function.tck = CheckSpec(requirements, collections, feature, writes)  # type: ignore[attr-defined]
        return function

    return mark


def spec_of(function: object) -> CheckSpec | None:
    """The declaration of a test function, None if it is no check."""
    found = getattr(function, "tck", None)
    return found if isinstance(found, CheckSpec) else None
