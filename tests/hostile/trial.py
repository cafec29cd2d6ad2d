"""Runs the kit against a hostile endpoint, as a user does, and measures it."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from commands.running import KIT, PROJECT, environment

from .account import PASSWORD, USER, Account, Thing
from .behaviour import Behaviour
from .endpoint import hostile

_PATIENCE = 5.0  # seconds over the wanted ones, until a process is killed
# On a machine that is busy with other things, everything takes as much longer.
SLOWNESS = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
_MOST_MEMORY = 4 << 30  # bytes of address space: the machine is not to suffer
_MOST_FILE = 1 << 30
_SAMPLE = 0.02  # seconds between two looks at the memory of a process
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

    `mebibytes`: its peak of resident memory.
    """

    code: int | None
    told: str
    seconds: float
    mebibytes: float


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
        short = (*timeout, "--profile", "smoke", "--max-seconds", f"{10 * SLOWNESS:.0f}")
        arguments = ("run", *where, *short, "--report-dir", str(report), *selected)
        command = _Command((*arguments, *behaviour.options), folder)
        signals = list(behaviour.signals)

        def send_signal(operation: str) -> None:
            if signals and operation == signals[0][0]:
                command.signal(signals.pop(0)[1])

        endpoint.on_operation = send_signal
        run = command.wait(longest)
        cleanup, journals = None, sorted(report.glob("journal-*.jsonl"))
        if journals:
            more = ("cleanup", *where, *timeout, "--journal", *map(str, journals))
            cleanup = _Command(more, folder).wait(longest)
        written = [*here.rglob("*"), *temporary.rglob("*")]
        outside = [str(path.relative_to(folder)) for path in written]
        caught, requests = endpoint.trap.caught, endpoint.requests
    if endpoint.failures:
        raise RuntimeError(f"{behaviour.name} is wrong itself: {endpoint.failures[0]}")
    harm, left = account.harm(), account.left()
    return Outcome(run, cleanup, report, outside, caught, harm, left, requests)


class _Command:
    """A command of the kit in a process of its own."""

    def __init__(self, arguments: Sequence[str], folder: Path) -> None:
        """Start it; it writes to a file, since what it says may be long."""
        own = {"DELTACLOUD_TCK_USER": USER, "DELTACLOUD_TCK_PASSWORD": PASSWORD}
        own |= {"TMPDIR": str(folder / "temporary"), "PYTHONPATH": str(PROJECT)}
        self._console = folder / f"console-{arguments[0]}.txt"
        self._began = time.monotonic()
        with self._console.open("wb") as console:
            self._process = subprocess.Popen(
                (*KIT, *arguments),
                cwd=folder / "here",
                env=environment(own),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        pid = self._process.pid
        resource.prlimit(pid, resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (_MOST_FILE, _MOST_FILE))

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def wait(self, longest: float) -> Ended:
        """How it ended; after `longest` seconds it is killed."""
        peak, code = 0.0, None
        while time.monotonic() - self._began < longest:
            peak = max(peak, _peak(self._process.pid))
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self._process.wait(_SAMPLE)
                break
        seconds = time.monotonic() - self._began
        with contextlib.suppress(ProcessLookupError):  # what it may have started, too
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        told = self._console.read_text("utf-8", "replace")
        return Ended(code, told, seconds, peak)


def _peak(pid: int) -> float:
    """The most memory that a process had so far, in mebibytes."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0
