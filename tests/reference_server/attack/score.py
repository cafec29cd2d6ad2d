"""Runs the probes against a server, and judges what came back.

`python -m tests.reference_server.attack.score HOST PORT` prints the score of any server that
serves the API with the usual credentials, as a line of a table for each area.
"""

from __future__ import annotations

import http.client
import io
import socket
import sys
from collections import Counter
from typing import Any

from .probes import Probe, probes


def outcome(address: tuple[str, int], probe: Probe, seconds: float = 5.0) -> str:
    """The statuses of all answers to a probe; `...` at the end if the server did not hang up."""
    received, hangs = bytearray(), ""
    with socket.create_connection(address, timeout=seconds) as line:
        try:
            line.sendall(probe.sent)
            if probe.ends:
                line.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the server has heard enough
        try:
            while data := line.recv(65536):
                received += data
        except TimeoutError:
            hangs = "..."
        except OSError:
            pass
    return (",".join(statuses(bytes(received), probe.method)) or "-") + hangs


def statuses(received: bytes, method: str = "GET") -> list[str]:
    """The statuses of the answers in what was received."""
    stream = io.BytesIO(received)
    found: list[str] = []
    while received[stream.tell() :]:
        response = http.client.HTTPResponse(_Received(stream), method=method)  # type: ignore[arg-type]
        try:
            response.begin()  # skips 100
            response.read()
        except (http.client.HTTPException, ValueError) as error:
            return [*found, type(error).__name__]
        found.append(str(response.status))
    return found


class _Received:
    """What was received, as the socket that HTTPResponse reads from."""

    def __init__(self, stream: io.BytesIO) -> None:
        self._stream = stream

    def makefile(self, *_: Any) -> Any:
        return _Uncloseable(self._stream)


class _Uncloseable(io.BufferedIOBase):
    def __init__(self, stream: io.BytesIO) -> None:
        self._stream = stream

    def read(self, size: int | None = -1) -> bytes:
        return self._stream.read(size)

    def readinto(self, buffer: Any) -> int:
        return self._stream.readinto(buffer)

    def readline(self, size: int | None = -1) -> bytes:  # type: ignore[override]
        return self._stream.readline(size)

    def peek(self, _size: int = 0) -> bytes:
        return b""


def judged(probe: Probe, answer: str) -> str:
    """`strict`, `allowed` or `wrong`."""
    if answer in probe.strict:
        return "strict"
    return "allowed" if answer in probe.allowed else "wrong"


def main() -> None:
    address = (sys.argv[1], int(sys.argv[2]))
    counts: dict[str, Counter[str]] = {}
    for probe in probes():
        answer = outcome(address, probe)
        verdict = judged(probe, answer)
        counts.setdefault(probe.area, Counter())[verdict] += 1
        if verdict != "strict":
            print(f"{verdict:8} {probe.area}: {probe.name}: {answer[:60]}")
    total: Counter[str] = Counter()
    for area, count in counts.items():
        total += count
        print(row(area, count))
    print(row("all", total))


def row(area: str, count: Counter[str]) -> str:
    """A line of the table in docs/reference-server.md."""
    shares = " / ".join(str(count[verdict]) for verdict in ("strict", "allowed", "wrong"))
    return f"| {area} | {count.total()} | {shares} |"


if __name__ == "__main__":
    main()
