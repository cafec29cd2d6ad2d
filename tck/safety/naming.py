"""Names that a run gives to what it creates, and by which its leftovers are recognised."""

from __future__ import annotations

import itertools
import re


class Names:
    """New names of one run (in one of its processes)."""

    def __init__(self, run_id: str) -> None:
        """`run_id`: six hexadecimal digits, and the process if there are several: 4f1a2bw0x."""
        self._run_id = run_id
        self._numbers = itertools.count(1)

    def new(self) -> str:
        """A name that only this run gives, and `name_pattern` finds; at most 20 characters."""
        return f"tck{self._run_id}{next(self._numbers)}"

    def unknown_id(self) -> str:
        """An id that no resource has."""
        return f"tck-none-{self._run_id}-{next(self._numbers)}"


def name_pattern(run_id: str) -> re.Pattern[str]:
    """All names that the processes of a run give, and nothing else."""
    return re.compile(rf"tck{re.escape(run_id)}(w\d+x)?\d+")
