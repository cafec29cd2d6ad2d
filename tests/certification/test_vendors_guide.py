"""The vendor's guide, followed to the letter, ends in a certificate."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tck.report import deviations

PROJECT = Path(__file__).parents[2]
GUIDE = (PROJECT / "docs" / "vendors-guide.md").read_text("utf-8")
LONGEST = 240  # twelve seconds on a quiet machine


def blocks(language: str, text: str = GUIDE) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture
def told(tmp_path: Path) -> str:
    """What the commands of the guide printed, all of them run in an empty folder."""
    [toy] = blocks("python")
    (tmp_path / "toy.py").write_text(toy, "utf-8")
    script = "".join(blocks("sh")).replace("3001", str(free_port()))
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DELTACLOUD", "PYTEST"))}
    # into a file: what the script leaves running would keep a pipe open
    with (tmp_path / "told.txt").open("w") as out:
        process = subprocess.Popen(
            ["bash", "-e", "-c", script],
            cwd=tmp_path,
            env=kept | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(timeout=LONGEST)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    shown = (tmp_path / "told.txt").read_text("utf-8")
    assert code == 0, shown[-4000:]
    return shown


def test_the_guide_ends_in_a_certificate(told: str, tmp_path: Path) -> None:
    certificate = told[told.index("certified: ") :]
    assert certificate.startswith("certified: Toy 1.0 by Toy Clouds Ltd\n  Core          met\n")
    assert "Compute       not declared" in certificate
    assert (tmp_path / "submission" / "README.md").is_file()


def test_the_deviation_of_the_guide_can_be_read(tmp_path: Path) -> None:
    [known] = blocks("yaml")
    (tmp_path / "known.yaml").write_text(known, "utf-8")
    [entry] = deviations.load(tmp_path / "known.yaml").entries
    assert entry.expires is not None
    assert entry.where == {"operations": ("images.*",)}


def test_the_worked_example_is_in_the_code() -> None:
    text = (PROJECT / "CONTRIBUTING.md").read_text("utf-8")
    excerpts = re.findall(r"^`(tck/\S+)`\n\n```\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert len(excerpts) == 4
    for name, excerpt in excerpts:
        source = (PROJECT / name).read_text("utf-8").splitlines()
        assert [line for line in excerpt.splitlines() if line not in source] == [], name
