"""Creates that are kept apart in time, for endpoints that make ids of the time.

The original's mock driver gives a volume the second as its id (B61): of two that are created within
a second, the later takes the place of the earlier. That is a finding, once. After that all
processes of the run create in this collection at least a second apart, so that the rest can be
examined.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_APART = 1.05  # seconds


class Spacing:
    """When this process, and others that share its folder, created last in each collection."""

    def __init__(self, shared: Path | None) -> None:
        """`shared`: a folder of all processes of the run, None if there is one process."""
        self._shared = shared
        self._last: dict[str, float] = {}

    def need(self, collection: str) -> None:
        """From now on creates in a collection are kept apart."""
        self._last.setdefault(collection, time.time())
        if self._shared:
            self._file(self._shared, collection).touch()

    @contextmanager
    def apart(self, collection: str, *, alone: bool) -> Iterator[None]:
        """Inside, something is created; if needed, not until a second after the last.

        `alone`: this process has nothing in the collection whose place the new one could take.
        """
        file = self._file(self._shared, collection) if self._shared else None
        if file is None or not file.exists():
            if collection in self._last and not alone:
                self._wait(self._last[collection])
            yield
            if collection in self._last:
                self._last[collection] = time.time()
            return
        with file.open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._wait(file.stat().st_mtime)
            yield
            os.utime(file)

    def _file(self, folder: Path, collection: str) -> Path:
        return folder / f"{collection}.last"

    def _wait(self, last: float) -> None:
        time.sleep(min(_APART, max(0.0, last + _APART - time.time())))
