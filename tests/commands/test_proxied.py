"""A run of an endpoint that writes all URLs with the name that it has behind a proxy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .running import KIT, Start, run, served
from .test_run import OWN, everything


def found(results: Path) -> list[tuple[str, int]]:
    """What was violated, and how many findings each has."""
    value: Any = json.loads(results.read_text("utf-8"))
    violated = (e for e in value["requirements"] if e["status"] in ("fail", "warn"))
    return [(e["id"], len(e["findings"])) for e in violated]


def test_links_to_an_inner_host_are_one_finding_and_hinder_nothing(tmp_path: Path) -> None:
    with served("--fault", "links-to-an-inner-host") as server:
        before = everything(server)
        options = ("--profile", "smoke", "--report-dir", str(tmp_path))
        options += ("-k", "entry_point or keys or lifecycle or documents")
        ended = run(Start((*KIT, "run", "--endpoint", server.url, *options), OWN))
        assert everything(server) == before
    assert ended.code == 1, ended.told
    written = (tmp_path / "summary.md").read_text("utf-8")
    assert "let that send X-Forwarded-Host and X-Forwarded-Proto" in written
    assert found(tmp_path / "results.json") == [("DC-DOC-008", 1)]
    again = tmp_path / "again.json"
    run(Start((*KIT, "validate", str(tmp_path / "transcript.jsonl"), "--json", str(again))))
    assert found(again) == [("DC-DOC-008", 1)]
