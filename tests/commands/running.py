"""Commands as users run them: processes of their own, several at a time."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
KIT = (sys.executable, "-m", "tck")
PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider")
_LONGEST = 60


@dataclass(frozen=True)
class Ended:
    """A process that has ended."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> str:
        return self.out + self.err


@dataclass(frozen=True)
class Start:
    """A process to be started: its command, extra environment, and folder."""

    command: tuple[str, ...]
    environment: Mapping[str, str] | None = None
    folder: Path = PROJECT


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without what belongs to the kit or to a pytest around it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DELTACLOUD", "PYTEST"))}
    return kept | dict(extra or {})


def run(start: Start, longest: float = _LONGEST) -> Ended:
    """How a process ended; one that does not is not waited for."""
    try:
        ended = subprocess.run(
            start.command,
            cwd=start.folder,
            env=environment(start.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=longest,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ended(-1, "", f"not ended after {longest} s")
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def together(starts: Mapping[str, Start]) -> dict[str, Ended]:
    """How each of several processes ended."""
    with ThreadPoolExecutor(max_workers=3) as pool:
        return dict(zip(starts, pool.map(run, starts.values()), strict=True))


class Served:
    """A running `serve --port 0 --log`, and the lines that it logs."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [*KIT, "serve", "--port", "0", "--log", *arguments],
            cwd=PROJECT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        self.log: list[str] = []
        self._more = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def next_line(self) -> str:
        """The next line of its standard output."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            with self._more:
                self.log.append(line.strip())
                self._more.notify_all()

    def wait_for(self, beginning: str) -> None:
        """Until a request that begins so has been logged."""
        self.wait_until(lambda log: any(line.startswith(beginning) for line in log))

    def wait_until(self, seen: Callable[[list[str]], bool]) -> None:
        """Until what has been logged is enough."""
        with self._more:
            enough = self._more.wait_for(lambda: seen(self.log), timeout=_LONGEST)
        assert enough, f"not what was waited for: {self.log[-5:]}"

    def stop(self) -> int:
        self._process.terminate()
        return self._process.wait(timeout=_LONGEST)


@contextlib.contextmanager
def served(*arguments: str) -> Iterator[Served]:
    server = Served(*arguments)
    try:
        yield server
    finally:
        server.stop()
