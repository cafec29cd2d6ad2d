"""A server in a process of its own, and a client that must not notice the attack."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .score import statuses

MIB = 1024 * 1024
MOST_MEMORY = 200  # MiB
# Seconds in which others must be answered. On a machine that is not busy it is less than one.
PATIENCE = 4.0
PAUSE = 0.02  # seconds between two requests of somebody else
_SCRIPT = """\
import json, resource, sys
given = json.loads(sys.argv[1])
if files := given.pop("files", None):
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
from tck.reference_server import Server, create_app
from tck.reference_server.http1 import Limits
server = Server(create_app(), limits=Limits(**given))
server.serve_forever(ready=lambda url: print(url, flush=True))
"""


class Victim:
    """The process: where it listens, and what it has used."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.answered = threading.Semaphore(0)  # released for each answer to somebody else
        assert process.stdout is not None
        url = process.stdout.readline()
        self.address = ("127.0.0.1", int(url.split(":")[2].split("/")[0]))

    @property
    def memory(self) -> int:
        """The most memory that it has had, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(status.split("VmHWM:")[1].split()[0]) // 1024

    def forget_memory(self) -> None:
        """Begin anew to look for the most memory."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", "ascii")

    @property
    def processor(self) -> float:
        """Seconds of processor time that it has used."""
        fields = (
            Path(f"/proc/{self.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def written(self) -> int:
        """Bytes that it has written to files."""
        fields = Path(f"/proc/{self.process.pid}/io").read_text("ascii").split()
        return int(fields[fields.index("wchar:") + 1])

    def serves_others(self, seconds: float) -> None:
        """Lets about so much time pass, in which others are served."""
        for _ in range(int(seconds / PAUSE)):
            assert self.answered.acquire(timeout=10), "others are not served"

    def line(self, sent: bytes = b"", seconds: float = 10.0) -> socket.socket:
        """A connection on which something was sent, as far as the server takes it."""
        line = socket.socket()
        line.settimeout(seconds)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 256 * 1024)
        line.connect(self.address)
        with suppress(OSError):
            line.sendall(sent)
        return line

    def statuses(self, sent: bytes) -> list[str]:
        """The statuses of all answers until the server hangs up."""
        with self.line(sent) as line:
            return statuses(everything(line))


def everything(line: socket.socket) -> bytes:
    """What comes until the server hangs up."""
    received = bytearray()
    with suppress(ConnectionError):
        while data := line.recv(65536):
            received += data
    return bytes(received)


@contextmanager
def started(**limits: Any) -> Iterator[Victim]:
    """A server; `limits` are those of `Limits`, `files` is that of open files."""
    command = [sys.executable, "-c", _SCRIPT, json.dumps(limits)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield Victim(process)
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@contextmanager
def others_served(victim: Victim) -> Iterator[None]:
    """Others use the server while it is attacked in the block.

    Afterwards it must still run and have stayed within its memory, and the others must all have
    been answered, in time but for one in twenty.
    """
    victim.forget_memory()
    victim.answered = threading.Semaphore(0)
    with _bystander(victim) as answers:
        yield
    assert victim.process.poll() is None, "the server has died"
    late = sorted(answers)[-1 - len(answers) // 20]
    assert late < PATIENCE, f"others waited for {late:.1f} s, at most {max(answers):.1f} s"
    assert victim.memory < MOST_MEMORY, f"it took {victim.memory} MiB"


@contextmanager
def attacked(**limits: Any) -> Iterator[Victim]:
    """A server of its own for an attack; `limits` as of `started`."""
    with started(**limits) as victim, others_served(victim):
        yield victim


REQUEST = b"GET /api HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


@contextmanager
def _bystander(victim: Victim) -> Iterator[list[float]]:
    """Somebody who asks again and again; the list is of seconds that each answer took."""
    answers: list[float] = []
    over = threading.Event()
    failures: list[BaseException] = []

    def ask() -> None:
        while True:
            last, started = over.is_set(), time.monotonic()
            try:
                found = victim.statuses(REQUEST)
                assert found == ["200"], f"somebody else got {found}"
            except BaseException as failure:  # noqa: BLE001 - raised by the thread of the test
                failures.append(failure)
                return
            answers.append(time.monotonic() - started)
            victim.answered.release()
            if last:
                return
            over.wait(PAUSE)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield answers
    finally:
        over.set()
        thread.join()
    if failures:
        raise failures[0]


@contextmanager
def many_files() -> Iterator[int]:
    """Lets this process open as many files as the system allows; that number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield 65536 if hard == resource.RLIM_INFINITY else hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def head(method: str, target: str, *lines: str, close: bool = True) -> bytes:
    """The head of a request; with `close` the last one on its connection."""
    end = ["Connection: close"] if close else []
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: h", *lines, *end, "", ""]).encode()
