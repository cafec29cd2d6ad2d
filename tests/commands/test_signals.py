"""Ctrl-C and SIGTERM at any moment: no traceback, exit code 130 or 143, what is left is told."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from .running import KIT, PROJECT, Ended, Served, Start, environment, run, served
from .test_run import OWN, everything, report

RECORDING = "tests/recordings/apache-deltacloud-mock.jsonl"
COMMANDS = {
    "run": ("run", "--report-dir", "{folder}"),
    "run-n2": ("run", "-n", "2", "--report-dir", "{folder}"),
    "validate": ("validate", *[RECORDING] * 5),
    "prove": ("prove", "--report-dir", "{folder}"),
    "requirements": ("requirements", "coverage"),
}


def start(*arguments: str) -> subprocess.Popen[str]:
    """The kit in a group of its own, as a shell starts it."""
    return subprocess.Popen(
        [*KIT, *arguments],
        cwd=PROJECT,
        env=environment(OWN),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str]) -> Ended:
    """How it ended; no process of its group is left."""
    out, err = process.communicate(timeout=60)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    return Ended(process.returncode, out, err)


def interrupted_after(milliseconds: int, command: str, folder: Path) -> Ended:
    process = start(*(word.format(folder=folder / command) for word in COMMANDS[command]))
    try:
        process.wait(milliseconds / 1000)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    return ended(process)


def had_begun(told: Ended) -> bool:
    """Whether the kit handled signals: before that, Ctrl-C is answered by Python, as it starts."""
    files = {Path(name).name for name in re.findall(r'File "([^"]*/tck/[^"]*)"', told.err)}
    return told.code == 130 or bool(files - {"__main__.py", "__init__.py", "signals.py"})


@pytest.mark.parametrize("milliseconds", [10, 50, 100, 200, 400, 800, 1600])
def test_an_early_interrupt_is_one_line(milliseconds: int, tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        found = dict(
            zip(
                COMMANDS,
                pool.map(lambda name: interrupted_after(milliseconds, name, tmp_path), COMMANDS),
                strict=True,
            )
        )
    for name, told in found.items():
        if told.code != 0 and had_begun(told):  # 0: it had ended before
            assert (told.code, "Traceback" in told.told) == (130, False), (name, told)
            assert told.err.strip().splitlines()[-1].startswith("interrupted"), (name, told)
    if milliseconds >= 800:
        # that command may be at its end, where Python handles signals no more
        may_end = {"requirements"} if found["requirements"].out.endswith("\n") else set()
        assert {name for name, told in found.items() if not had_begun(told)} <= may_end


def test_nothing_that_takes_long_is_loaded_before_signals_are_handled() -> None:
    code = f"""
import fcntl, os, signal, sys
sys.path.insert(0, {str(PROJECT)!r})
before = set(sys.modules)
import tck.__main__
print(*sorted(set(sys.modules) - before))
"""
    told = run(Start((sys.executable, "-S", "-I", "-c", code)))
    assert told.out.split() == ["__future__", "tck", "tck.__main__", "tck.signals"]


@pytest.fixture(scope="module")
def slow() -> Iterator[Served]:
    """A server on which stopping takes its time."""
    with served("--persona", "full", "--transition-time", "1.5") as running:
        yield running


def launching(slow: Served, folder: Path, *more: str) -> subprocess.Popen[str]:
    """A run that has an instance."""
    slow.log.clear()
    chosen = ("--profile", "smoke", "-k", "lifecycle", "--report-dir", str(folder))
    process = start("run", "--endpoint", slow.url, *chosen, *more)

    def has_gone_on(log: list[str]) -> bool:
        return "POST /api/instances " in " ".join(log[:-1])

    slow.wait_until(has_gone_on)
    return process


@pytest.mark.parametrize("processes", [(), ("-n", "2")], ids=["one", "two"])
def test_the_second_interrupt_tells_what_is_left(
    slow: Served, tmp_path: Path, processes: tuple[str, ...]
) -> None:
    before = everything(slow)
    process = launching(slow, tmp_path, *processes)
    os.killpg(process.pid, signal.SIGINT)
    assert process.stderr is not None
    notice = [process.stderr.readline() for _ in range(2)][1]
    going_on = notice.partition("and then: ")[2].strip().removesuffix(")")
    os.killpg(process.pid, signal.SIGINT)
    told = ended(process)
    assert told.code == 130, told
    assert "Traceback" not in told.told
    made = '"collection": "instances"'
    own = {path for path in tmp_path.glob("journal-*") if made in path.read_text()}
    commands = tuple(f"deltacloud-tck cleanup --journal {journal}" for journal in own)
    left = [line for line in told.out.splitlines() if line.startswith("Left behind: instances")]
    assert left
    assert all(line.endswith(commands) for line in left)
    assert report(tmp_path)["summary"]["leaks"]
    [pattern] = going_on.split()[-1:]
    assert own <= set(Path("/").glob(pattern.lstrip("/")))
    journals = map(str, tmp_path.glob("journal-*"))
    assert run(Start((*KIT, "cleanup", "--journal", *journals), OWN)).code == 0
    assert everything(slow) == before
    assert not list(tmp_path.glob("journal-*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_tells_how_to_go_on_and_cleans_up(
    slow: Served, tmp_path: Path, number: signal.Signals
) -> None:
    before = everything(slow)
    process = launching(slow, tmp_path)
    process.send_signal(number)
    told = ended(process)
    assert told.code == 128 + number
    assert "again leaves things behind, and then: deltacloud-tck cleanup --journal" in told.err
    assert "Left behind" not in told.out
    assert report(tmp_path)["summary"]["unfinished"] == "it was interrupted"
    assert everything(slow) == before
    assert not list(tmp_path.glob("journal-*"))


def test_an_interrupted_cleanup_goes_on_later(slow: Served, tmp_path: Path) -> None:
    before = everything(slow)
    process = launching(slow, tmp_path)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    [journal] = map(str, tmp_path.glob("journal-*"))
    slow.log.clear()
    process = start("cleanup", "--journal", journal)
    slow.wait_for("GET /api/instances/")
    process.send_signal(signal.SIGINT)
    told = ended(process)
    assert (told.code, told.err) == (130, "interrupted\n")
    assert "left; the same command goes on" in told.out
    assert run(Start((*KIT, "cleanup", "--journal", journal, "--unnamed"), OWN)).code == 0
    assert everything(slow) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_stops_in_order(number: signal.Signals) -> None:
    process = start("serve", "--port", "0")
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(number)
    told = ended(process)
    assert (told.code, told.err) == (0, "stopped\n")


# Interrupts itself where `{where}` is called: at its beginning, as often as {times}.
_INTERRUPTING = """
import os, signal, sys, tck.cli
from tck.report import write
from tck.run import state

def interrupting(function):
    def interrupted(*given, **named):
        for _ in range({times}):
            os.kill(os.getpid(), signal.SIGINT)
        return function(*given, **named)
    return interrupted

{where} = interrupting({where})
sys.exit(tck.cli.main())
"""


@pytest.mark.parametrize("where", ["write.write", "state.clean_up", "state.conclude"])
@pytest.mark.parametrize("times", [1, 2])
def test_an_interrupt_at_the_end_costs_nothing_but_the_exit_code(
    where: str, times: int, tmp_path: Path
) -> None:
    code = _INTERRUPTING.format(where=where, times=times)
    options = ("run", "--persona", "full", "-k", "keys.py", "--report-dir", str(tmp_path))
    told = run(Start((sys.executable, "-c", code, *options)))
    assert told.code == 130, told
    assert "Traceback" not in told.told
    assert "Verdict: " in told.out
    assert report(tmp_path)["summary"]["counts"]["pass"] > 10
