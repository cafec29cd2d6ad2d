"""A run whose credentials may only read, over a socket."""

from __future__ import annotations

import json
from pathlib import Path

from .running import KIT, Start, run, served
from .test_run import OWN, everything


def test_a_run_that_may_only_read_says_so_once_and_blames_nobody(tmp_path: Path) -> None:
    with served("--variant", "may-only-read-403") as server:
        before = everything(server)
        options = ("--profile", "smoke", "--report-dir", str(tmp_path))
        ended = run(Start((*KIT, "run", "--endpoint", server.url, *options), OWN))
        assert everything(server) == before
    assert ended.code == 3, ended.told
    assert ended.out.count("\nNo permission to write: 403, ") == 1
    assert "Declared, but refused" not in ended.out
    results = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert results["summary"]["counts"].get("fail", 0) == 0
    about = [e for e in results["requirements"] if e["id"] in ("DC-KEY-008", "DC-INS-036")]
    assert {e["status"] for e in about} == {"inconclusive"}
    assert all(e["reason"].startswith("no permission to write: 403") for e in about)
