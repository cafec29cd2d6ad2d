"""A client's own command as a process: with a deadline, and without anything that stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_MOST_OUTPUT = 1 << 20  # bytes that are kept
_GRACE, _STEP = 1.0, 0.02  # seconds between the two signals, and between looks
_PAUSE = threading.Event()  # that never comes


class NotStarted(Exception):
    """There is no such command, or it may not be run; the message says which."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended: `code` as of subprocess, None if it had to be ended."""

    code: int | None
    seconds: float
    output: bytes


def run(command: Sequence[str], environment: Mapping[str, str], seconds: float) -> Ran:
    """Run a command in a process group of its own until it ends, or the time is over.

    What it started and left running is ended with it. Raises NotStarted.
    """
    with tempfile.TemporaryFile() as output:
        began = time.monotonic()
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise NotStarted(f"{command[0]}: {error}") from error
        code: int | None = None
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            pass
        finally:
            took = time.monotonic() - began
            _end(process)
        output.seek(0)
        return Ran(code, took, output.read(_MOST_OUTPUT))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End all processes of its group: first with SIGTERM, after a moment with SIGKILL."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            until = time.monotonic() + _GRACE
            while time.monotonic() < until:
                process.poll()
                os.killpg(process.pid, 0)
                _PAUSE.wait(_STEP)
        except (ProcessLookupError, PermissionError):  # there are none left
            return
