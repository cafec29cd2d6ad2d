"""What a run is doing while it takes long: the check, what it waits for, how much is done.

On a terminal that is one line below the last, written again each second and erased afterwards;
elsewhere, as in the log of CI, a line now and then: of a wait every 15 seconds, of the run every
30.
"""

from __future__ import annotations

from collections.abc import Callable

from tck.report.wording import visible

_WAIT_EVERY, _RUN_EVERY, _SHOWN_AFTER = 15.0, 30.0, 2.0
# To the line below, at its beginning, and there clear it; and back to where the cursor was. The
# first two make sure that there is a line below: at the bottom of the screen all moves up.
_BELOW, _BACK = "\x1bD\x1b[1A\x1b7\x1b[1B\r\x1b[K", "\x1b8"


class Progress:
    """Tells by `write`, when `tick` is called: about each second.

    `terminal`: rewrite one line, of `columns` characters at most. `alone`: False in a worker, which
    tells only what it waits for, under its `name`.
    """

    def __init__(
        self,
        write: Callable[[str], object],
        clock: Callable[[], float],
        *,
        terminal: bool = False,
        columns: int = 80,
        name: str = "",
    ) -> None:
        """`clock`: seconds; `name`: of a worker."""
        self._write, self._clock = write, clock
        self._terminal, self._columns, self._name = terminal, columns, name
        self._began = self._check_began = self._wait_began = self._told = clock()
        self._check = self._wait = ""
        self._drawn = False
        self.total = self.done = 0

    def start(self, check: str) -> None:
        """A check begins."""
        self._check, self._check_began = check, self._clock()

    def finish(self) -> None:
        """A check has ended."""
        self.done += 1
        self._check = self._wait = ""
        self._erase()

    def wait(self, text: str) -> None:
        """What is waited for now; empty if nothing is any more."""
        if not self._wait:
            self._wait_began = self._clock()
        self._wait = text

    def close(self) -> None:
        """Nothing is told any more."""
        self._erase()

    def tick(self) -> None:
        """Tell, if it is time."""
        now = self._clock()
        if self._terminal:
            if self._check and now - self._check_began >= _SHOWN_AFTER:
                self._drawn = True
                line = self._line(now, self._wait or self._check)
                self._write(f"{_BELOW}{visible(line)[: self._columns - 1]}{_BACK}")
            return
        waits = self._wait and now - max(self._wait_began, self._told) >= _WAIT_EVERY
        runs_long = self.total and not self._name and now - self._told >= _RUN_EVERY
        if waits or runs_long:
            self._tell(self._line(now, self._check, self._wait))

    def _line(self, now: float, *what: str) -> str:
        if self._name:
            return f"[{self._name}] {self._check}: {self._wait}"
        checks = f"{self.done} of {self.total} checks, {now - self._began:.0f} s" * bool(self.total)
        return ": ".join(filter(None, (checks, *what)))

    def _tell(self, line: str) -> None:
        self._told = self._clock()
        self._write(visible(line) + "\n")

    def _erase(self) -> None:
        if self._drawn:
            self._drawn = False
            self._write(_BELOW + _BACK)
