"""A client's command: it ends in time, with all that it started, and its output is kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tck.scenarios.process import MOST_OUTPUT, NotStarted, run

PYTHON = sys.executable


def test_an_exit_code_and_the_output_of_both_kinds() -> None:
    script = "import sys, os; print(os.environ['X']); print('oh', file=sys.stderr); sys.exit(3)"
    ran = run([PYTHON, "-c", script], {"X": "told"}, 30)
    assert ran.code == 3
    assert sorted(ran.output.split()) == ["oh", "told"]


def test_a_signal_is_told() -> None:
    assert run([PYTHON, "-c", "import os; os.kill(os.getpid(), 9)"], {}, 30).code == -9


@pytest.mark.parametrize("prelude", ["", "import signal; signal.signal(15, signal.SIG_IGN); "])
def test_what_does_not_end_is_ended_with_its_children(tmp_path: Path, prelude: str) -> None:
    pid = tmp_path / "pid"
    child = f"open({str(pid)!r}, 'w').write(str(__import__('os').getpid())); input()"
    script = (
        f"{prelude}import subprocess, sys, threading; r = subprocess.PIPE; "
        f"subprocess.Popen([sys.executable, '-c', {prelude + child!r}], stdin=r); "
        "threading.Event().wait()"
    )
    ran = run([PYTHON, "-c", script], {}, 2.0)
    assert ran.code is None
    assert ran.seconds < 10
    assert not _runs(int(pid.read_text()))


def test_what_is_left_behind_is_ended(tmp_path: Path) -> None:
    """Also what a client starts and does not wait for."""
    pid = tmp_path / "pid"
    child = "import threading; threading.Event().wait()"
    script = (
        "import subprocess, sys; "
        f"p = subprocess.Popen([sys.executable, '-c', {child!r}]); "
        f"open({str(pid)!r}, 'w').write(str(p.pid))"
    )
    assert run([PYTHON, "-c", script], {}, 30).code == 0
    assert not _runs(int(pid.read_text()))


def test_a_command_that_is_none() -> None:
    with pytest.raises(NotStarted, match="no-such-client"):
        run(["no-such-client"], {}, 1)


def _runs(number: int) -> bool:
    """Whether a process lives; a zombie that nobody waits for does not."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{number}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_the_beginning_of_much_output_is_kept() -> None:
    script = f"import sys; sys.stdout.write('x' * {3 * MOST_OUTPUT})"
    output = run([PYTHON, "-c", script], {}, 30).output
    assert len(output) < MOST_OUTPUT + 50
    assert output.endswith(f"[{3 * MOST_OUTPUT:,} bytes in all]\n")
