"""Instances at once, over all processes of a run: one file for each that is alive.

A process that dies leaves its files, as it leaves its instances.
"""

from __future__ import annotations

from pathlib import Path

from tck.safety.waiting import Patience, eventually

_FOR_OTHERS = Patience(deadline=120.0)


class Slots:
    """A number of places, shared through a folder."""

    def __init__(self, folder: Path, most: int) -> None:
        """`most`: places in the folder, which exists."""
        self._places = [folder / f"instance-{number}" for number in range(most)]
        self._mine: list[Path] = []

    def take(self) -> bool:
        """Take a place, waiting while other processes hold them; False if there is none."""
        if len(self._mine) == len(self._places):
            return False
        return eventually(self._try, bool, _FOR_OTHERS).arrived

    def release(self, count: int) -> None:
        """Give places back."""
        for _ in range(count):
            self._mine.pop().unlink()

    def _try(self) -> bool:
        for place in self._places:
            try:
                place.touch(exist_ok=False)
            except FileExistsError:
                continue
            self._mine.append(place)
            return True
        return False
