"""A number of inputs, fed to the readers by worker processes, and what became of them."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from .worker import Fate, keep_input

PROJECT = Path(__file__).parents[2]


@dataclass(slots=True)
class Tally:
    """What became of the inputs of one reader: counts by outcome, and the worst of each kind."""

    outcomes: Counter[str] = field(default_factory=Counter)
    ms: float = 0.0
    mib: float = 0.0

    def add(self, fate: Fate) -> None:
        """Count one more."""
        self.outcomes[fate.outcome] += 1
        self.ms, self.mib = max(self.ms, fate.ms), max(self.mib, fate.mib)


@dataclass(slots=True)
class Campaign:
    """So many inputs made from a seed.

    `keep`: the folder for those that fail; `only`: names of readers; `longest`: seconds until one
    is said to hang; `source`: the module that has the readers.
    """

    inputs: int
    seed: str
    keep: Path
    only: Sequence[str] = ()
    processes: int = 2
    longest: float = 30.0
    source: str = "fuzz.readers"
    tallies: dict[str, Tally] = field(default_factory=dict)
    failures: list[Fate] = field(default_factory=list)

    def run(self) -> None:
        """Feed them all; fills `tallies` and `failures`."""
        with ThreadPoolExecutor(self.processes) as pool:
            for fates in pool.map(lambda n: list(self._share(n)), range(self.processes)):
                for fate in fates:
                    self.tallies.setdefault(fate.reader, Tally()).add(fate)
                    self.failures += [fate] if fate.outcome == "failed" else []

    def _share(self, first: int) -> Iterator[Fate]:
        """The fates of every n-th input, in as many processes as it takes."""
        while first < self.inputs:
            last = first - self.processes
            for fate in self._worker(first):
                yield fate
                last = fate.number
            first = last + self.processes

    def _worker(self, first: int) -> Iterator[Fate]:
        """Fates as one process tells them; the last may be that it hung, or ended the process."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            process = self._start(folder, first)
            assert process.stdout is not None
            lines = _lines(process.stdout.fileno(), self.longest)
            turns: list[str] = json.loads(next(lines, "[]"))
            if not turns:
                raise RuntimeError((folder / "stderr").read_text("utf-8"))
            number = first
            for line in lines:
                fate = Fate(**json.loads(line))
                number = fate.number + self.processes
                yield fate
            if number < self.inputs:
                file = Path(turns[number % len(turns)])
                keep_input(self.keep, self.seed, number, file, file.read_bytes())
                yield Fate(number, f"({file.name})", "failed", why=self._end(process))

    def _end(self, process: subprocess.Popen[bytes]) -> str:
        """Why a process has told no more."""
        try:
            return f"it ended the process (exit code {process.wait(timeout=1)})"
        except subprocess.TimeoutExpired:
            process.kill()
            return f"no end after {self.longest:g} s"

    def _start(self, folder: Path, first: int) -> subprocess.Popen[bytes]:
        numbers = map(str, (first, self.inputs, self.processes))
        given = [str(folder), self.source, self.seed, *numbers, str(self.keep), *self.only]
        paths = os.pathsep.join(map(str, (PROJECT, PROJECT / "tests")))
        with (folder / "stderr").open("wb") as errors:
            return subprocess.Popen(
                [sys.executable, "-m", "fuzz.worker", *given],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, "PYTHONPATH": paths},
            )


def _lines(pipe: int, longest: float) -> Iterator[str]:
    """Lines from a pipe, until it is closed or says nothing for so many seconds."""
    rest = b""
    while select.select([pipe], [], [], longest)[0] and (more := os.read(pipe, 1 << 16)):
        *lines, rest = (rest + more).split(b"\n")
        yield from (line.decode() for line in lines)


def causes(failures: Sequence[Fate]) -> Iterator[tuple[int, Fate]]:
    """Failures that seem to have one cause: how many there are, and the first of them."""
    alike: dict[tuple[str, str], list[Fate]] = {}
    for fate in failures:
        words = re.sub(r"/tmp/\S+|'[^']*'|\"[^\"]*\"|[\d.]+", "", fate.why)
        alike.setdefault((fate.reader, words[:400]), []).append(fate)
    yield from ((len(fates), fates[0]) for fates in alike.values())


def table(tallies: Mapping[str, Tally]) -> Iterator[str]:
    """A line a reader, and one for all."""
    titles = f"{'inputs':>8}{'accepted':>10}{'refused':>9}{'failed':>8}{'slowest':>11}{'most':>10}"
    yield f"{'reader':<20}{titles}"
    for name, tally in tallies.items():
        of = tally.outcomes
        counts = f"{of.total():>8}{of['accepted']:>10}{of['refused']:>9}{of['failed']:>8}"
        yield f"{name:<20}{counts}{tally.ms:>8.0f} ms{tally.mib:>6.0f} MiB"
