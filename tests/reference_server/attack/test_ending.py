"""Ctrl-C and SIGTERM while clients are connected: the server ends, and at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from .probes import AUTH, BLOB
from .victim import REQUEST, Victim, everything, head, many_files

SECONDS = 1.0  # in which the server must end; what a slow machine adds is in _SPARE
_SPARE = 1.5
CLIENTS = {
    "idle": b"",
    "half-a-head": REQUEST[:-2],
    "half-a-body": head("PUT", BLOB, AUTH, "Content-Length: 5000000") + b"a",
    "half-a-chunk": head("PUT", BLOB, AUTH, "Transfer-Encoding: chunked") + b"ffffff\r\na",
    "half-a-form": head("POST", "/api/keys", AUTH, "Content-Length: 500000") + b"a",
    "unread-answers": head("GET", "/api/instances", AUTH, close=False) * 2000,
    "never-closes": REQUEST,
}


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("idle", signal.SIGINT),
        ("half-a-body", signal.SIGINT),
        ("all", signal.SIGINT),
        ("all", signal.SIGTERM),
    ],
)
def test_the_server_ends_whoever_is_connected(
    tmp_path: Path, kind: str, number: signal.Signals
) -> None:
    command = [sys.executable, "-m", "tck", "serve", "--port", "0"]
    command += ["--storage", str(tmp_path / "cloud.db")]
    pipe = subprocess.PIPE
    with ExitStack() as opened:
        process = opened.enter_context(
            subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True)
        )
        opened.callback(process.kill)
        victim = Victim(process)
        opened.enter_context(many_files())
        for sent in CLIENTS.values() if kind == "all" else [CLIENTS[kind]]:
            for _ in range(15):
                line = opened.enter_context(victim.line())
                line.setblocking(False)
                line.send(sent)
        with victim.line(REQUEST) as last:
            assert everything(last).startswith(b"HTTP/1.1 200")
        started = time.monotonic()
        process.send_signal(number)
        _, errors = process.communicate(timeout=10)
        assert time.monotonic() - started < SECONDS + _SPARE
        assert (process.returncode, errors) == (0, "stopped\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cloud.db", "cloud.db-blobs"]


def test_a_second_interrupt_is_no_worse(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tck", "serve", "--port", "0"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        victim = Victim(process)
        with victim.line(CLIENTS["half-a-body"]), victim.line(REQUEST) as last:
            assert everything(last).startswith(b"HTTP/1.1 200")
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "stopped\n")
