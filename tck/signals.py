"""Ctrl-C and SIGTERM while a command runs: one line, no traceback, exit code 130 or 143.

The command line begins with this (`tck.__main__`), since Python's own answer to Ctrl-C during an
import is a traceback; so nothing is imported here that takes long. What must be undone decides
between two ways to end: `end` at once while nothing is there yet (imports) or any more; else
`unwind`, an exception that passes through every `finally`. A run that has begun has its own way,
`tck.run.interruption`.
"""

from __future__ import annotations

import fcntl
import os
import signal

TYPE_CHECKING = False  # as in typing, which takes long to load
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    Handler = Callable[[int, FrameType | None], object]

_BOTH = (signal.SIGINT, signal.SIGTERM)
_terminal = 2
received: int = signal.SIGINT  # the signal that KeyboardInterrupt is about


def exit_code(number: int) -> int:
    """As a shell has it: 130 for SIGINT, 143 for SIGTERM."""
    return 128 + number


def handle(by: Handler) -> None:
    """Let `by` handle both signals from now on."""
    for number in _BOTH:
        signal.signal(number, by)


def end(number: int, _frame: FrameType | None) -> None:
    """End this process at once."""
    try:
        os.write(_terminal, b"interrupted\n")
    finally:  # also if nobody reads it
        os._exit(exit_code(number))


def unwind(number: int, _frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; the next signal ends what unwinds."""
    global received  # noqa: PLW0603
    received = number
    handle(end)
    raise KeyboardInterrupt


def leave(code: int) -> None:
    """Nothing is there any more; after an interrupt end now, since Python may change the code.

    It ends by the signal itself if KeyboardInterrupt was raised inside `exec`, caught or not.
    """
    handle(end)
    if code in map(exit_code, _BOTH):
        os._exit(code)


def begin() -> None:
    """Handle both from the first import on; in a command, not in what imports its modules."""
    global _terminal  # noqa: PLW0603
    handle(end)
    try:
        # pytest replaces the other while it collects checks; from 3 on, as 0 to 2 may be closed,
        # and must not come to life
        _terminal = fcntl.fcntl(2, fcntl.F_DUPFD_CLOEXEC, 3)
    except OSError:  # closed: there is nobody to tell
        return
