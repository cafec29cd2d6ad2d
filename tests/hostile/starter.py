"""Starts commands of the kit: each a process of its own, forked from one that has loaded the kit.

A command line that begins with a fresh interpreter loads modules for half a second, longer than
many behaviours take. What is forked here has a session, signals, environment, console and memory
of its own, and runs `tck` as the main module, as `python -m tck` does; `fresh` behaviours
begin with a fresh interpreter all the same. The process that forks has one thread. It reads an
order from its standard input, a line of JSON, and writes two lines: the id of the process, and how
it ended.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import random
import resource
import runpy
import signal
import sys
import threading
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import IO, Any

Order = Mapping[str, Any]
_LOADED = ("tck.cli", "tck.commands.run", "tck.commands.cleanup", "tck.report.write")


def _load() -> None:
    """What the kit loads itself, but its main module, in the course of a run."""
    for name in _LOADED:
        importlib.import_module(name)
    importlib.import_module("tck.report.html").template()
    for plugin in entry_points(group="pytest11"):
        if not plugin.value.startswith("allure"):
            plugin.load()
    package = importlib.import_module("tck.checks")
    for module in pkgutil.walk_packages(package.__path__, "tck.checks."):
        importlib.import_module(module.name)


def main() -> None:
    """Start what is ordered, one after the other, until there are no more orders."""
    _load()
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "w")
    gc.collect()
    gc.freeze()  # else the first collection of every child would copy all pages
    if threading.active_count() > 1:
        raise RuntimeError("a process with threads cannot be forked")
    while line := orders.readline():
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            orders.close()
            os.close(answers.fileno())
            _become(order)
            return
        _answer(answers, {"pid": pid})
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        os.killpg(pid, signal.SIGKILL)  # what it may have started, too
        _, status, usage = os.wait4(pid, 0)
        code, peak = os.waitstatus_to_exitcode(status), usage.ru_maxrss / 1024
        processor = usage.ru_utime + usage.ru_stime
        _answer(answers, {"code": code, "mebibytes": peak, "processor": processor})


def _answer(answers: IO[str], said: Order) -> None:
    answers.write(json.dumps(said) + "\n")
    answers.flush()


def _become(order: Order) -> None:
    """In the forked process: be the command that was ordered."""
    os.setsid()
    os.chdir(order["folder"])
    console = os.open(order["console"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream, number in ((os.open(os.devnull, os.O_RDONLY), 0), (console, 1), (console, 2)):
        os.dup2(stream, number)
    for limit, most in (
        (resource.RLIMIT_AS, order["memory"]),
        (resource.RLIMIT_FSIZE, order["file"]),
    ):
        resource.setrlimit(limit, (most, most))
    if order["fresh"]:
        command = [sys.executable, "-m", "tck", *order["arguments"]]
        os.execve(sys.executable, command, order["environment"])
    os.environ.clear()
    os.environ.update(order["environment"])
    random.seed()
    sys.argv = ["", *order["arguments"]]
    runpy.run_module("tck", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
