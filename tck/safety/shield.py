"""Sections in which a run is not interrupted: a create, until its outcome is journalled; clean-up.

Python runs a signal handler between any two instructions of the main thread, and the handlers of
a run raise: KeyboardInterrupt, or a skip of the check. Raised between the answer to a create and
its journal entry, that would lose the resource's href, and clean-up would have to search for it. So
such a section holds the action of the first signal back until it ends. It does not hold back the
second: if the endpoint does not answer, the user must be able to end the run, and the journal
still has the intent. Blocking the signals themselves could not tell the first from the second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Shield:
    """Holds the action of an interruption back while a section is running.

    `abandoned`: clean-up was given up; nothing more is to be removed.
    """

    def __init__(self) -> None:
        """Nothing is held back yet."""
        self.abandoned = False
        self._depth = 0
        self._held: Callable[[], None] | None = None

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """A section; sections may be nested. What was held back happens when the outer one ends."""
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
        """Call `act`, from a signal handler: now, or at the end of the running section.

        A second interruption during the same section acts at once.
        """
        if self._depth and self._held is None:
            self._held = act
        else:
            act()


SHIELD = Shield()  # signals belong to the process, so there is one for the process
