"""scripts/same-verdict: runs from several seeds are compared, and told apart."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "same-verdict"


def _script(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_what_differs_from_most_is_told() -> None:
    loader = SourceFileLoader("same_verdict", str(SCRIPT))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    script = module_from_spec(spec)
    loader.exec_module(script)
    right = {"verdict": "conformant", "DC-KEY-001": "pass"}
    wrong = {"verdict": "not conformant", "DC-KEY-001": "fail"}
    usual, unusual = script.differences([right, wrong, right])
    assert usual == right
    assert unusual == ["", "DC-KEY-001: fail, verdict: not conformant", ""]


def test_runs_of_several_seeds_are_counted() -> None:
    done = _script("--runs=2", "--first-seed=7", "--", "--profile=smoke", "-k", "keys")
    assert done.returncode == 0, done.stderr
    assert "2 of 2 runs gave one verdict, conformant" in done.stdout
    assert "seeds 7 to 8" in done.stdout


def test_bad_options_are_told() -> None:
    assert _script("--runs=0").returncode == 2
    nothing = _script("--runs=1", "--", "--persona=nobody")
    assert nothing.returncode == 1
    assert "there is no persona nobody" in nothing.stdout
