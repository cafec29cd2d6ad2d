"""Runs the kit against a hostile endpoint, as a user does, and measures it."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from commands.running import PROJECT, environment

from .account import PASSWORD, USER, Account, Thing
from .behaviour import Behaviour
from .endpoint import Call, hostile

# Seconds after which a run examines nothing new, unless a behaviour says otherwise; and of a run
# that is to end with all its checks.
_RUN, _WHOLE = 6, 20
_PATIENCE = 5.0  # seconds over the wanted ones, until a process is killed
# On a machine that is busy with other things, everything takes as much longer.
SLOWNESS = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
_MOST_MEMORY = 4 << 30  # bytes of address space: the machine is not to suffer
_MOST_FILE = 1 << 30
CLOUD = """\
[hostile]
endpoint = "{url}"
user = {{ env = "DELTACLOUD_TCK_USER" }}
password = {{ env = "DELTACLOUD_TCK_PASSWORD" }}
transition = {transition}
retries = 1
"""


@dataclass(frozen=True)
class Ended:
    """A command that has ended; `code` is None if it had to be killed.

    `mebibytes`: its peak of resident memory; `processor`: seconds of processor time.
    """

    code: int | None
    told: str
    seconds: float
    mebibytes: float
    processor: float


@dataclass
class Outcome:
    """What a behaviour led to: the run and, if it left a journal, `cleanup`; what came of it."""

    run: Ended
    cleanup: Ended | None
    report: Path
    outside: list[str]
    caught: list[bytes]
    harm: list[str]
    left: list[Thing] = field(default_factory=list)
    requests: int = 0

    @property
    def told(self) -> str:
        return self.run.told + (self.cleanup.told if self.cleanup else "")

    @property
    def mebibytes(self) -> float:
        return max(self.run.mebibytes, self.cleanup.mebibytes if self.cleanup else 0)


def attempt(behaviour: Behaviour, folder: Path) -> Outcome:
    """Run the kit against the behaviour; everything is written below `folder`, which is empty."""
    report, here, temporary = (folder / name for name in ("report", "here", "temporary"))
    for made in (here, temporary):
        made.mkdir(parents=True)
    account = Account(**behaviour.account)
    with hostile(behaviour.act, account) as endpoint:
        clouds = folder / "clouds.toml"
        clouds.write_text(CLOUD.format(url=endpoint.url, transition=behaviour.transition), "utf-8")
        where = ("--cloud", "hostile", "--clouds", str(clouds))
        longest = SLOWNESS * behaviour.wanted.seconds + _PATIENCE
        selected = ("-k", behaviour.checks) if behaviour.checks else ()
        timeout = ("--endpoint-timeout", f"{1.5 * SLOWNESS:.1f}")
        in_part = 3 in behaviour.wanted.codes or 0 not in behaviour.wanted.codes
        most = (_RUN if in_part else _WHOLE) * SLOWNESS
        short = (*timeout, "--profile", "smoke", "--max-seconds", f"{most:.0f}")
        arguments = ("run", *where, *short, "--report-dir", str(report), *selected)
        command = _Command((*arguments, *behaviour.options), folder, fresh=behaviour.fresh)
        signals = list(behaviour.signals)

        def send_signal(call: Call) -> None:
            if signals and call.asked.operation == signals[0][0]:
                command.signal(signals.pop(0)[1])

        endpoint.on_answer = send_signal
        run = command.wait(longest)
        cleanup, journals = None, sorted(report.glob("journal-*.jsonl"))
        if journals:
            more = ("cleanup", *where, *timeout, "--journal", *map(str, journals))
            cleanup = _Command(more, folder, fresh=behaviour.fresh).wait(longest)
        written = [*here.rglob("*"), *temporary.rglob("*")]
        outside = [str(path.relative_to(folder)) for path in written]
        caught, requests = endpoint.trap.caught, endpoint.requests
    if endpoint.failures:
        raise RuntimeError(f"{behaviour.name} is wrong itself: {endpoint.failures[0]}")
    harm, left = account.harm(), account.left()
    return Outcome(run, cleanup, report, outside, caught, harm, left, requests)


class _Starter:
    """The process that starts commands of the kit (starter.py)."""

    def __init__(self) -> None:
        here = {"PYTHONPATH": os.pathsep.join((str(PROJECT), str(PROJECT / "tests")))}
        self._process = subprocess.Popen(
            (sys.executable, "-m", "hostile.starter"),
            cwd=PROJECT,
            env=environment(here),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C ends it by the end of its orders
        )

    def start(self, order: Mapping[str, Any]) -> int:
        """The id of the process that was ordered."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return int(self.answer()["pid"])

    def has_answered(self, longest: float) -> bool:
        """Whether there is an answer within so many seconds."""
        return bool(select.select([self._process.stdout], [], [], longest)[0])

    def answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


_starter = cache(_Starter)


class _Command:
    """A command of the kit in a process of its own."""

    def __init__(self, arguments: Sequence[str], folder: Path, *, fresh: bool) -> None:
        """Start it; it writes to a file, since what it says may be long."""
        own = {"DELTACLOUD_TCK_USER": USER, "DELTACLOUD_TCK_PASSWORD": PASSWORD}
        own |= {"TMPDIR": str(folder / "temporary"), "PYTHONPATH": str(PROJECT)}
        self._console = folder / f"console-{arguments[0]}.txt"
        self._pid = _starter().start(
            {
                "arguments": list(arguments),
                "folder": str(folder / "here"),
                "environment": environment(own),
                "console": str(self._console),
                "memory": _MOST_MEMORY,
                "file": _MOST_FILE,
                "fresh": fresh,
            }
        )
        self._began = time.monotonic()

    def signal(self, number: int) -> None:
        os.kill(self._pid, number)

    def wait(self, longest: float) -> Ended:
        """How it ended; after `longest` seconds it is killed."""
        late = not _starter().has_answered(longest)
        seconds = time.monotonic() - self._began
        if late:
            os.kill(self._pid, signal.SIGKILL)
        ended = _starter().answer()
        told = self._console.read_text("utf-8", "replace")
        code, memory = None if late else ended["code"], ended["mebibytes"]
        return Ended(code, told, seconds, memory, ended["processor"])
