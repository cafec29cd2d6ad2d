"""Moments in which a run is not interrupted: a create, until it is known what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Shield:
    """Holds an interruption back; whoever interrupts twice is heard at once."""

    def __init__(self) -> None:
        """Nothing is held back."""
        self._depth = 0
        self._held: Callable[[], None] | None = None

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Such a moment; it ends with what was held back."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            held = self._held
            if held and not self._depth:
                self._held = None
                held()

    def interrupt(self, act: Callable[[], None]) -> None:
        """Act now, or when the moment is over."""
        if self._depth and self._held is None:
            self._held = act
        else:
            act()


SHIELD = Shield()  # signals know no context: there is one for the process
