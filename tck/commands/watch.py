"""Recordings and audits of what a server in this process is asked and answers."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tck.audit.auditing import Audit, written
from tck.audit.ordering import InOrder
from tck.audit.watching import watching
from tck.commands.exits import UsageError
from tck.endpoint import disk
from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import GATE
from tck.report import FILES
from tck.report.recording import SUFFIXES, Recording

__all__ = ["auditing", "recording", "watching"]


@contextlib.contextmanager
def recording(path: Path) -> Iterator[Recording]:
    """A recording to observe exchanges with; at the end it is closed, and told on standard error.

    Raises UsageError for another suffix than those of recordings, Unwritable.
    """
    written = new_recording(path)
    try:
        yield written
    finally:
        written.close()
        print("\n".join(written.told()), file=sys.stderr)


def new_recording(path: Path) -> Recording:
    """A new recording. Raises UsageError for a suffix that recordings do not have, Unwritable."""
    if path.suffix not in SUFFIXES:
        raise UsageError(f"--record {path}: the name must end in {' or '.join(SUFFIXES)}")
    return Recording(path, GATE)


class Auditing:
    """An audit of clients, with its findings on standard output and a report in `folder`."""

    def __init__(self, folder: Path) -> None:
        """The folder is made ready at once. Raises Unwritable."""
        disk.prepare(folder, FILES)
        self._folder = folder
        self._audit = Audit("clients of the reference server", partial(print, flush=True))
        self._in_order = InOrder(self._observe)
        self._asked = False

    def observe(self, x: Exchange) -> None:
        """Judge an exchange, soon."""
        self._in_order.add(x)

    def ask(self, *_: object) -> None:
        """Have a report written after the next exchange."""
        self._asked = True

    def _observe(self, x: Exchange) -> None:
        self._audit.observe(x)
        if self._asked:
            self._asked = False
            print(written(self._audit, self._folder), flush=True)

    def close(self) -> None:
        """Judge what is left, write the report and say what became of it. Raises Unwritable."""
        self._in_order.close()
        if self._in_order.failure:
            raise self._in_order.failure
        for line in self._audit.lines():
            print(line)
        print(written(self._audit, self._folder), flush=True)


@contextlib.contextmanager
def auditing(folder: Path) -> Iterator[Auditing]:
    """An audit to observe exchanges with; SIGUSR1 asks for a report before the end.

    Raises Unwritable.
    """
    audit = Auditing(folder)
    before = signal.signal(signal.SIGUSR1, audit.ask)
    try:
        yield audit
    finally:
        signal.signal(signal.SIGUSR1, before)
        audit.close()
