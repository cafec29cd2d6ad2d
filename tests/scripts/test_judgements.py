"""scripts/judgements prints the same lines each time, and a changed document changes a line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "judgements"
RECORDING = Path(__file__).parents[1] / "recordings" / "apache-deltacloud-extended.jsonl"


def _lines(*options: str) -> list[list[object]]:
    command = [sys.executable, str(SCRIPT), str(RECORDING), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_exchange_has_a_line_and_mutants_differ() -> None:
    first = _lines("--mutated", "60")
    assert first == _lines("--mutated", "60")
    originals = {str(line[0]): line[1:] for line in first[:-60]}
    assert len(originals) == len(RECORDING.read_text("utf-8").splitlines())
    copies = [(str(line[0]).partition("~")[0], line[1:]) for line in first[-60:]]
    assert sum(found != originals[id_] for id_, found in copies) > 30
    assert not any(violation[0] == "raised" for line in first for violation in line[2])  # type: ignore[index]
