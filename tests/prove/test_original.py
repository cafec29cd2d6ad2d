"""The original as a server, and as it was recorded live: nothing is wrong but what is known."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

from tck import requirements
from tck.endpoint import files
from tck.prove.variants import variants
from tck.report.deviations import load
from tck.report.ledger import Ledger

ROOT = Path(__file__).parents[2]
KNOWN = ROOT / "docs" / "known-deviations" / "apache-deltacloud-1.1.3.yaml"
# Shown only by other drivers, or by what a run against a mock does not send.
ELSEWHERE = {"DC-DOC-007", "DC-HTTP-001", "DC-LBL-008", "DC-LBL-012", "DC-LNK-003"}
# The recording has other bodies than were sent (backtraces were cut out of them).
NOT_OF_THE_ORIGINAL = {"DC-HTTP-013"}


def musts() -> set[str]:
    catalogue = requirements.load()
    known = {entry.requirement for entry in load(KNOWN).entries}
    return {id_ for id_ in known if catalogue[id_].level == "MUST"}


def test_what_is_accepted_of_the_variant_is_what_the_file_says() -> None:
    assert set(variants()["apache-1.1.3"].deviates) == musts() - ELSEWHERE


def test_a_run_against_the_live_original_shows_nothing_else() -> None:
    """The 6,411 exchanges of a run of the standard profile, judged by rules."""
    ledger = Ledger(load(KNOWN))
    recording = ROOT / "tests" / "recordings" / "apache-live-run.jsonl.gz"
    for line in gzip.decompress(recording.read_bytes()).splitlines():
        if (
            b"rb_sysopen - [path]" not in line
        ):  # written there by the recorder, in the middle of the XML
            ledger.observe(files.from_json(json.loads(line)))
    catalogue = requirements.load()
    open_ = {f.requirement for f in ledger.findings.values() if f.deviation is None}
    violated = {id_ for id_ in open_ if catalogue[id_].level == "MUST"}
    assert ledger.requests == 6409
    assert violated == NOT_OF_THE_ORIGINAL
    assert not ledger.deviations.outdated


def test_every_defect_that_is_named_is_told() -> None:
    told = (ROOT / "docs" / "sources.md").read_text("utf-8")
    for entry in load(KNOWN).entries:
        for number in re.findall(r"\b[BN]\d+\b", f"{entry.defect} {entry.reason}"):
            assert f"| {number} |" in told, number
