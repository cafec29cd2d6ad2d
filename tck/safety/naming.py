"""Names that a run gives to what it creates: its marks, by which custody knows it again.

A mark is `tck`, the id of the run (13 characters, 67 random bits), one character for the process
and three for a number (more after 46,655 names): 20 characters, lower-case letters and digits
only, which is what the narrowest clouds take (gogrid: 20; buckets: no capitals). Nobody who does
not see the run's names can give one.
"""

from __future__ import annotations

import re
import secrets

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
RUN_ID = re.compile(rf"[{_DIGITS}]{{13,14}}")


def new_run_id() -> str:
    """13 random letters and digits."""
    return "".join(secrets.choice(_DIGITS) for _ in range(13))


def of_process(run_id: str, worker: str) -> str:
    """The id of one process of a run: `worker` is "" or gw0, gw1, ... (pytest-xdist)."""
    return run_id + _DIGITS[int(worker.removeprefix("gw") or 0) % 36]


class Names:
    """New names of one process of a run; each is the mark of one create at most."""

    def __init__(self, run_id: str) -> None:
        """`run_id`: of the process, see `of_process`."""
        self.run_id = run_id
        self._count = 0
        self._unused: set[str] = set()

    def new(self) -> str:
        """A name that only this run gives, and `name_pattern` finds; 20 characters."""
        self._count += 1
        number, digits = self._count, ""
        while number:
            number, digit = divmod(number, 36)
            digits = _DIGITS[digit] + digits
        name = f"tck{self.run_id}{digits:0>3}"
        self._unused.add(name)
        return name

    def take(self, name: str) -> str:
        """The name, if it was given out and not taken before; else an empty text."""
        if name not in self._unused:
            return ""
        self._unused.remove(name)
        return name

    def is_mark(self, name: str) -> bool:
        """True for names as `new` gives them."""
        return name.startswith(f"tck{self.run_id}")

    def unknown_id(self) -> str:
        """An id that no resource has."""
        self._count += 1
        return f"{self._unknown}{self._count}"

    def is_unknown_id(self, id_: str) -> bool:
        """True for ids that `unknown_id` made up."""
        return id_.startswith(self._unknown)

    @property
    def _unknown(self) -> str:
        return f"tck-none-{self.run_id}-"


def name_pattern(run_id: str) -> re.Pattern[str]:
    """All names that the processes of a run give, and nothing else."""
    return re.compile(rf"tck{re.escape(run_id)}[{_DIGITS}]{{3}}")
