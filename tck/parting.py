"""A quick run in two processes: a copy of this one takes the checks of storage and networks.

The server that a quick run judges lives in its process (tck/endpoint/direct.py): the copy judges
a copy of it, and what it leaves there goes with it. Processes that begin anew, as those of
pytest-xdist do, would take longer to begin than the run takes.
"""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import IO

import pytest

from tck.plugin import interruption_of, params_of, run_of, seed_of

# Collections that have little to do with the others, and check modules on them.
_SECOND = {
    *("storage_volumes", "storage_snapshots", "buckets", "blobs", "uploads", "addresses"),
    *("networks", "subnets", "network_interfaces", "load_balancers", "firewalls", "metrics"),
    *("parameters", "errors", "negotiation", "texts"),
}


class Parting:
    """A plugin of pytest, for runs that are to be parted; `end` is for when pytest has ended."""

    def __init__(self) -> None:
        self._copy = False
        self._other = 0  # the number of the copy while it lives
        self._pipe: IO[bytes] | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Part the checks. From here on there are two processes, of one run and with one seed."""
        halves: tuple[list[pytest.Item], list[pytest.Item]] = ([], [])
        for item in session.items:
            halves[_subject(item) in _SECOND].append(item)
        if not all(halves):
            return
        run_of(session.config)  # one of both, as is the seed
        seed_of(session.config)
        receiver, sender = os.pipe()
        self._other = os.fork()
        self._copy = self._other == 0
        here, away = (sender, receiver) if self._copy else (receiver, sender)
        os.close(away)
        self._pipe = os.fdopen(here, "wb" if self._copy else "rb")
        session.items = halves[self._copy]
        if self._copy:
            _silence(session.config)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Run this process's half; the first takes over what the other found out."""
        if (pipe := self._pipe) is None:
            return (yield)
        if self._copy:
            with _apart(session.config, pipe):
                yield
        try:
            result = yield
            # the other is still at it, and this one concludes
            from tck.report import write  # noqa: PLC0415 - not in the other, nor before

            write.make_ready()
            self._take_over(session.config, pipe)
        except KeyboardInterrupt:
            if self._other:
                os.kill(self._other, signal.SIGINT)
                self._take_over(session.config, pipe)
            raise
        return result

    def _take_over(self, config: pytest.Config, pipe: IO[bytes]) -> None:
        told, run = pipe.read(), run_of(config)
        self._wait()
        if not told:
            run.errors.append("the second process was lost")
            return
        dump, reports = pickle.loads(told)
        run.merge(dump)
        for report in reports:
            config.hook.pytest_runtest_logreport(report=report)

    def end(self) -> None:
        """One process goes on: the copy ends, if it came here by an error; the first sees to it."""
        if self._copy:
            os._exit(1)
        if self._other:
            os.kill(self._other, signal.SIGKILL)
            self._wait()

    def _wait(self) -> None:
        os.waitpid(self._other, 0)
        self._other = 0


def _subject(item: pytest.Item) -> str:
    """The collection that a case is about, or the name of its module."""
    return str(params_of(item).get("collection") or item.path.stem)


def _silence(config: pytest.Config) -> None:
    """Whatever becomes of the copy is told by the other process."""
    interruption_of(config).follow()
    config.pluginmanager.unregister(name="terminalreporter")
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)


@contextmanager
def _apart(config: pytest.Config, pipe: IO[bytes]) -> Iterator[None]:
    """The copy's half: told to the process that it is a copy of, and then it ends."""
    run, reports = run_of(config), _Reports()
    config.pluginmanager.register(reports)
    try:
        yield
    except pytest.Session.Interrupted:
        pass  # what was found until then counts
    except BaseException as error:  # noqa: BLE001 - told, and judged, where the run concludes
        run.errors.append(f"the second process: {type(error).__name__}: {error}")
    try:
        told = pickle.dumps((run.dump(), reports.kept))
        with pipe:
            pipe.write(told)
    finally:
        os._exit(0)  # no more of pytest: the other process concludes


class _Reports:
    """Keeps what became of checks."""

    def __init__(self) -> None:
        self.kept: list[pytest.TestReport] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.kept.append(report)
