"""Runs that are killed or interrupted at a moment at which something is created, and `cleanup`."""

from __future__ import annotations

import contextlib
import os
import random
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from commands.running import KIT, PROJECT, environment
from lxml import etree

from .account import PASSWORD, USER, Account, Thing
from .behaviour import Behaviour, every
from .endpoint import Act
from .striking import Moment, Place, Watch, watched, watched_server
from .trial import CLOUD, SLOWNESS

SIGNALS: Mapping[str, int] = {
    "SIGKILL": signal.SIGKILL,
    "SIGTERM": signal.SIGTERM,
    "double Ctrl-C": signal.SIGINT,
}
_PLACES: tuple[Place, ...] = ("arrived", "done", "answered")
_LONGEST = 180.0  # seconds, of a run and of `cleanup`, until they are killed
_WORKERS_END = 5.0  # seconds that workers may live longer than the run
# What `cleanup` tells of an endpoint that may be right, and so with exit code 0.
_MAY_HIDE = re.compile("no list shows it|nothing says that it is")
_FAILED = ("Traceback (most recent call last)", "INTERNALERROR")
_FIRST_RUN = 4  # attempts to strike before a run has ended


@dataclass(frozen=True)
class Target:
    """An endpoint of the series: right or a liar; `served`: by the reference server's own HTTP."""

    name: str
    kind: str
    act: Act = lambda _: None
    checks: str = ""
    account: Mapping[str, Any] = field(default_factory=dict)
    served: bool = False

    @property
    def right(self) -> bool:
        return self.kind.startswith("right")

    def open(self, account: Account, watch: Watch) -> AbstractContextManager[Any]:
        """The endpoint on a port."""
        return watched_server(account, watch) if self.served else watched(self.act, account, watch)


@cache
def targets() -> Mapping[str, Target]:
    """The right ones, and all behaviours that lie about what is created or hinder clean-up."""
    behaviours = every()
    right = [
        Target("right", "right"),
        Target("right-and-slow", "right", account={"transition_time": 0.4}),
        Target("right-among-copycats", "right", behaviours["copycats"].act),
        Target("reference-server", "right, reference server", served=True),
        Target(
            "reference-server-ec2", "right, reference server", served=True,
            account={"persona": "ec2"},
        ),
    ]  # fmt: skip
    return {target.name: target for target in (*right, *map(_liar, filter(_lies, _those())))}


def _those() -> Iterator[Behaviour]:
    return (b for b in every().values() if b.kind in ("custody", "cleaning_up"))


def _lies(behaviour: Behaviour) -> bool:
    return behaviour.name != "copycats" and not behaviour.text.startswith("Nothing hostile")


def _liar(behaviour: Behaviour) -> Target:
    kind = {"custody": "lies about creates", "cleaning_up": "hinders cleaning up"}[behaviour.kind]
    account = dict(behaviour.account)
    return Target(behaviour.name, kind, behaviour.act, behaviour.checks, account)


@dataclass(frozen=True)
class Plan:
    """One run of the series.

    `signal`: a key of `SIGNALS`. `workers`: 0 for a single process. `whole_group`: SIGKILL for the
    workers, too. `again`: requests between the first Ctrl-C and the second, at least.
    """

    number: int
    signal: str
    target: Target
    moment: Moment
    workers: int = 0
    profile: str = "smoke"
    whole_group: bool = True
    again: int | None = None

    def __str__(self) -> str:
        again = {None: "", 0: ", again at once"}.get(self.again, f", again {self.again} later")
        whom = "" if self.whole_group or self.signal != "SIGKILL" else ", the main process only"
        workers = f" -n {self.workers}" if self.workers else ""
        return (
            f"{self.number:3} {self.signal}{whom}{again}: {self.target.name}, "
            f"{self.profile}{workers}, {self.moment}"
        )

    def earlier(self) -> Plan:
        """The same at an earlier moment, as the run ended before; smoke creates sooner."""
        create = max(1, self.moment.create // 2)
        moment = Moment(create, self.moment.place, self.moment.later // 2)
        again = self.again and self.again // 2
        return replace(self, moment=moment, again=again, profile="smoke")


def plans(seed: int, counts: Mapping[str, int], names: Sequence[str] = ()) -> Iterator[Plan]:
    """A series: `counts` runs of each signal, half of them against right endpoints.

    `names`: of the targets, all if empty.
    """
    chance = random.Random(seed)
    chosen = [targets()[name] for name in names or targets()]
    right = _cycle(chance, [target for target in chosen if target.right])
    liars = _cycle(chance, [target for target in chosen if not target.right])
    number = 0
    for name, count in counts.items():
        for place in range(count):
            number += 1
            target = next(right if place % 2 else liars, None) or next(liars, None) or next(right)
            yield _plan(chance, number, name, target)


def _cycle(chance: random.Random, found: list[Target]) -> Iterator[Target]:
    while found:
        yield from chance.sample(found, len(found))


def _plan(chance: random.Random, number: int, name: str, target: Target) -> Plan:
    most = 8 if target.checks else 30
    place, later = chance.choice(_PLACES), chance.choice((0, 0, 1, 2, 3, 5, 8))
    return Plan(
        number,
        name,
        target,
        Moment(chance.randint(1, most), place, later),
        workers=2 if chance.random() < 1 / 3 else 0,
        profile=chance.choice(("smoke", "smoke", "standard")),
        whole_group=chance.random() < 0.5,
        again=chance.choice((0, 0, 1, 2, 4, 8)) if name == "double Ctrl-C" else None,
    )


@dataclass(frozen=True)
class Ended:
    """A command that has ended after so many seconds; `code` is None if it had to be killed."""

    code: int | None
    told: str
    seconds: float


@dataclass
class Killed:
    """What came of one run.

    `touched`: things of others that are gone or changed; `left`: the run's own, in two parts: told
    with evidence or not. `wrong`: all that is not as wanted, in words. `end`: seconds from the last
    signal to the end of the process; `cleanup`: the command after it, if a journal was left.
    """

    plan: Plan
    run: Ended
    cleanup: Ended | None
    end: float
    touched: list[str]
    told: list[Thing] = field(default_factory=list)
    untold: list[Thing] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def kill(plan: Plan, folder: Path) -> Killed:
    """Run the kit, send the signal, run `cleanup`. Everything is written below `folder`.

    If the run ends before the moment, it is tried again at earlier ones.
    """
    for attempt in range(_FIRST_RUN):
        killed, struck = _attempt(plan, folder / str(attempt))
        if struck == (1 if plan.again is None else 2):
            return killed
        plan = plan.earlier()
    killed.wrong.append("it had ended before the signal")
    return killed


def _attempt(plan: Plan, folder: Path) -> tuple[Killed, int]:
    """One run; how many signals were sent."""
    report = folder / "report"
    for name in ("here", "temporary"):
        (folder / name).mkdir(parents=True)
    account = Account(**plan.target.account)
    struck_at = 0.0

    def strike() -> None:
        nonlocal struck_at
        struck_at = time.monotonic()
        number = SIGNALS[plan.signal]
        # a terminal sends Ctrl-C to all of the group
        everyone = number == signal.SIGINT or (number == signal.SIGKILL and plan.whole_group)
        command.signal(number, group=everyone)

    watch = Watch(plan.moment, strike, plan.again)
    with plan.target.open(account, watch) as (url, caught):
        clouds = folder / "clouds.toml"
        clouds.write_text(CLOUD.format(url=url, transition=1.0), "utf-8")
        where = ("--cloud", "hostile", "--clouds", str(clouds))
        timeout = ("--endpoint-timeout", f"{1.5 * SLOWNESS:.1f}")
        command = _Command(("run", *where, *timeout, *_options(plan, report)), folder)
        run = command.wait(SLOWNESS * _LONGEST)
        end = time.monotonic() - struck_at if struck_at else 0.0
        watch.wait_until_idle()
        cleanup = None
        if journals := sorted(report.glob("journal-*.jsonl")):
            for journal in journals:  # for --keep
                shutil.copy(journal, folder / f"killed-{journal.name}")
            more = ("cleanup", *where, *timeout, "--journal", *map(str, journals))
            cleanup = _Command(more, folder).wait(SLOWNESS * _LONGEST)
        late = _late(command)
        killed = Killed(plan, run, cleanup, end, account.harm())
        _ask_what_is_left(killed, account)
        if plan.target.right and cleanup and "--unnamed removes it" in cleanup.told:
            rest = sorted(map(str, report.glob("journal-*.jsonl")))
            more = ("cleanup", *where, *timeout, "--unnamed", "--journal", *rest)
            unnamed = _Command(more, folder).wait(SLOWNESS * _LONGEST)
            if unnamed.code or account.left():
                killed.wrong.append(f"--unnamed leaves {account.left()}: {unnamed.told[-1500:]}")
        elif cleanup and cleanup.code == 0 and any(report.glob("journal-*.jsonl")):
            killed.wrong.append("cleanup left a journal, and said that all is well")
    killed.wrong += [f"touched: {harm}" for harm in killed.touched]
    killed.wrong += [f"the trap was connected to: {data[:200]!r}" for data in caught]
    killed.wrong += [f"process {pid} lived on" for pid in late]
    killed.wrong += [*_in_the_processes(killed)]
    return killed, watch.struck


def _options(plan: Plan, report: Path) -> Iterator[str]:
    yield from ("--profile", plan.profile, "--report-dir", str(report))
    yield from ("-k", plan.target.checks) if plan.target.checks else ()
    yield from ("-n", str(plan.workers)) if plan.workers else ()


def _late(command: _Command) -> list[int]:
    """Processes of the run that outlive it by too long; they are ended."""
    for process in command.others():
        with contextlib.suppress(ProcessLookupError):
            ends = os.pidfd_open(process)
            select.select([ends], [], [], _WORKERS_END)
            os.close(ends)
    late = command.others()
    command.end_group()
    return late


def _in_the_processes(killed: Killed) -> Iterator[str]:
    plan, number = killed.plan, SIGNALS[killed.plan.signal]
    wanted = -number if number == signal.SIGKILL else 128 + number
    if killed.run.code != wanted:
        yield f"exit {killed.run.code}, wanted {wanted}: {killed.run.told[-1500:]}"
    if killed.cleanup and killed.cleanup.code not in (0, 5):
        yield f"cleanup: exit {killed.cleanup.code}: {killed.cleanup.told[-1500:]}"
    for ended in filter(None, (killed.run, killed.cleanup)):
        for sign in _FAILED:
            if sign in ended.told:
                yield f"{sign}: {ended.told[-3000:]}"
    if plan.target.right and killed.cleanup and re.search("STAYS|by hand", killed.cleanup.told):
        yield f"a right endpoint is blamed: {killed.cleanup.told[-1500:]}"


def _ask_what_is_left(killed: Killed, account: Account) -> None:
    """Sort what is left of the run by whether a line of a console has its collection and id.

    `cleanup` has to end with 5 then, unless the run itself told it, or only a lie could explain it.
    """
    documents = account.things()
    for collection, id_ in account.left():
        name = etree.fromstring(documents[collection, id_]).findtext("name") or ""
        names = {id_.rpartition("/")[2], name} - {""}
        line = rf"{collection}\b.*(?<![\w-])(?:{'|'.join(map(re.escape, names))})(?![\w-])"
        told = bool(re.search(line, killed.run.told))
        if cleanup := killed.cleanup:
            by_cleanup = re.search(line, cleanup.told)
            told = told or bool(
                by_cleanup and (cleanup.code == 5 or _MAY_HIDE.search(cleanup.told))
            )
        (killed.told if told else killed.untold).append((collection, id_))
    for collection, id_ in killed.untold:
        killed.wrong.append(f"{collection} {id_} was left behind, and that was not told")


class _Command:
    """A command of the kit in a process, and a process group, of its own, as a shell starts it.

    Unlike those of `trial`, its workers are left alone when it ends.
    """

    def __init__(self, arguments: Sequence[str], folder: Path) -> None:
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

    def signal(self, number: int, *, group: bool = False) -> None:
        """Send a signal to the process, or to all of its group, as a terminal does."""
        if group:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
        else:
            self._process.send_signal(number)

    def wait(self, longest: float) -> Ended:
        """How the process ended; after `longest` seconds all of its group is killed."""
        code = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(longest)
        seconds = time.monotonic() - self._began
        if code is None:
            self.end_group()
            self._process.wait()
        return Ended(code, self._console.read_text("utf-8", "replace"), seconds)

    def end_group(self) -> None:
        """Kill what the process may have started, too."""
        self.signal(signal.SIGKILL, group=True)

    def others(self) -> list[int]:
        """Other processes of its group that are still running."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                name, _, rest = stat.read_text("utf-8", "replace").rpartition(")")
                state, _, group, *_ = rest.split()
                if int(group) == self._process.pid and state not in "ZX":
                    found.append(int(name.split()[0]))
        return [pid for pid in found if pid != self._process.pid]
