"""Threads that do jobs; more of them while slow clients hold up all."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

J = TypeVar("J")

MOST = 256
STUCK = 0.05  # seconds: if no job was taken for so long, another thread is started
_IDLE = 30.0  # seconds after which a thread beyond the usual number ends


class Workers(Generic[J]):
    """A pool of daemon threads: up to `usual` of them, up to `MOST` while all are stuck.

    Threads are started when there is something to do. `work` must not raise.
    """

    def __init__(self, usual: int, work: Callable[[J], None]) -> None:
        self._usual = usual
        self._work = work
        self._jobs: queue.SimpleQueue[J | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._idle = 0
        self._taken = time.monotonic()

    @property
    def waiting(self) -> bool:
        """Whether there are jobs that no thread has taken."""
        return not self._jobs.empty()

    def put(self, job: J) -> None:
        """Have a thread do a job, in the order of calls."""
        self._jobs.put(job)
        if len(self._threads) < self._usual and self._idle < self._jobs.qsize():
            self._start()

    def relieve(self) -> None:
        """Start a thread if all have been busy for `STUCK` seconds; to be called at intervals."""
        stuck = time.monotonic() - self._taken > STUCK
        if stuck and self.waiting and not self._idle and len(self._threads) < MOST:
            self._start()

    def stop(self, seconds: float) -> bool:
        """End each thread after its job; False if some have not ended within `seconds`."""
        until = time.monotonic() + seconds
        threads = [thread for thread in self._threads if thread is not threading.current_thread()]
        for _ in threads:
            self._jobs.put(None)
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="reference-server-worker", daemon=True)
        with self._lock:
            self._threads.add(thread)
        thread.start()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            self._work(job)
        with self._lock:
            self._threads.discard(threading.current_thread())

    def _next(self) -> J | None:
        with self._lock:
            self._idle += 1
        try:
            while True:
                try:
                    job = self._jobs.get(timeout=_IDLE)
                except queue.Empty:
                    if len(self._threads) <= self._usual:
                        continue
                    return None
                self._taken = time.monotonic()
                return job
        finally:
            with self._lock:
                self._idle -= 1
