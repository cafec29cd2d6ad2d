"""A limit on instances at once that holds for all processes of a run: one file per instance.

A process that dies leaves its files behind, as it leaves its instances.
"""

from __future__ import annotations

from pathlib import Path

from tck.safety.waiting import Patience, eventually

_FOR_OTHERS = Patience(deadline=120.0)


class Slots:
    """A number of slots, shared by processes through a folder."""

    def __init__(self, folder: Path, most: int) -> None:
        """`folder` must exist; `most`: the number of slots, the same in every process."""
        self._slots = [folder / f"instance-{number}" for number in range(most)]
        self._mine: list[Path] = []

    def take(self, count: int = 1) -> bool:
        """Take slots, waiting up to two minutes for each to be released by another process.

        False, and none is taken, if one is not released, or if this process would hold more than
        there are.
        """
        if len(self._mine) + count > len(self._slots):
            return False
        for taken in range(count):
            if not eventually(self._try, bool, _FOR_OTHERS).arrived:
                self.release(taken)
                return False
        return True

    def release(self, count: int) -> None:
        """Give slots back; `count` must not be more than were taken."""
        for _ in range(count):
            self._mine.pop().unlink()

    def _try(self) -> bool:
        for slot in self._slots:
            try:
                slot.touch(exist_ok=False)
            except FileExistsError:
                continue
            self._mine.append(slot)
            return True
        return False
