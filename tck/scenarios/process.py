"""A client's own command as a process: with a deadline, and without anything that stays behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from tck.endpoint.redaction import GATE

MOST_OUTPUT = 256 << 10  # characters that are kept
_ROOM = 4 * MOST_OUTPUT  # bytes
_CHUNK = 1 << 16
_GRACE, _STEP = 1.0, 0.02  # seconds between the two signals, and between looks
_PAUSE = threading.Event()  # that never comes


class NotStarted(Exception):
    """There is no such command, or it may not be run; the message says which."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended: `code` as of subprocess, None if it had to be ended.

    `output`: the beginning of what it wrote, without credentials.
    """

    code: int | None
    seconds: float
    output: str


class _Reader:
    """Reads what a process writes, all the time, and keeps the beginning."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        assert pipe is not None
        self._pipe = pipe
        self._kept, self._size = bytearray(), 0
        self._thread = threading.Thread(target=self._read, name="client-output", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with self._pipe:
            while chunk := os.read(self._pipe.fileno(), _CHUNK):
                self._kept += chunk[: _ROOM - len(self._kept)]
                self._size += len(chunk)

    def text(self) -> str:
        """What was read so far: who has left the process group may hold the pipe for ever."""
        self._thread.join(_GRACE)
        text = bytes(self._kept).decode("utf-8", "replace")
        shown = GATE.cut(text, MOST_OUTPUT)
        return f"{shown}\n[{self._size:,} bytes in all]\n" if len(text) > MOST_OUTPUT else shown


def run(command: Sequence[str], environment: Mapping[str, str], seconds: float) -> Ran:
    """Run a command in a process group of its own until it ends, or the time is over.

    What it started and left running is ended with it. Raises NotStarted.
    """
    began, code, process = time.monotonic(), None, None
    try:
        with _signals_later():
            process = _started(command, environment)
            reader = _Reader(process.stdout)
        code = process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        pass
    finally:
        took = time.monotonic() - began
        if process is not None:
            _end(process)
    return Ran(code, took, reader.text())


def _started(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise NotStarted(f"{command[0]}: {error}") from error


@contextlib.contextmanager
def _signals_later() -> Iterator[None]:
    """Ctrl-C and SIGTERM inside are handled at the end: what is just starting must be known."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: came.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
        for received in came:
            signal.raise_signal(received)


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
