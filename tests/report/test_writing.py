"""Writing a report: into its folder only, private, and told if it cannot be."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from endpoint.exchanges import exchange
from endpoint.test_disk import full_disk

from tck.endpoint import disk
from tck.endpoint.disk import Unwritable
from tck.endpoint.redaction import Redactor
from tck.report import BADGE, FILES, RESULTS, TRANSCRIPT, allure_results, transcript, write
from tck.report.ledger import Ledger
from tck.report.result import Verdict
from tck.report.transcript import TranscriptPart
from tck.run.outlets import redact

from .made import finding, ledger_with, result_of, rich


def written(folder: Path) -> list[Path]:
    disk.prepare(folder, FILES)
    TranscriptPart(folder, "", Redactor()).observe(exchange("/keys", "<keys/>"))
    transcript.join(folder)
    return write.write(rich(), folder)


def test_files_are_private_but_the_badge(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        paths = written(tmp_path / "report")
        allure_results.write(rich(), tmp_path / "allure", redact)
    finally:
        os.umask(before)
    assert sorted(path.name for path in paths) == sorted(os.listdir(tmp_path / "report"))
    assert sorted(path.name for path in paths) == sorted(FILES)
    for path in [*paths, *(tmp_path / "allure").iterdir()]:
        public = path.name in (BADGE, "categories.json")
        assert stat.S_IMODE(path.stat().st_mode) == (0o644 if public else 0o600), path


def test_links_in_the_folder_lead_nowhere(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_bytes(b"theirs")
    folder = tmp_path / "report"
    folder.mkdir()
    for name in FILES:
        (folder / name).symlink_to(theirs)
    (folder / f"{TRANSCRIPT}.main.part").symlink_to(theirs)
    assert all(path.is_file() and not path.is_symlink() for path in written(folder))
    assert theirs.read_bytes() == b"theirs"


def test_a_full_disk_is_told_and_no_older_file_is_left(tmp_path: Path) -> None:
    paths = written(tmp_path)
    with full_disk(10_000), pytest.raises(Unwritable) as caught:
        write.write(rich(), tmp_path)
    missing = {path.name for path in paths if not path.exists()}
    assert {"results.json", "report.html", "junit.xml"} <= missing
    assert "badge.svg" not in missing
    for name in missing:
        assert f"{tmp_path / name}: File too large" in str(caught.value)
    assert not list(tmp_path.glob(".*"))


def test_a_full_disk_ends_a_transcript_with_a_whole_line(tmp_path: Path) -> None:
    ledger = Ledger(transcript=TranscriptPart(tmp_path, "", Redactor()))
    with full_disk(10_000):
        for number in range(100):
            ledger.observe(exchange("/keys", "<keys/>", id=f"x{number}"))
    assert ledger.requests == 100
    assert ledger.unwritten == [f"{tmp_path / TRANSCRIPT}.main.part: File too large"]
    joined = transcript.join(tmp_path)
    assert joined is not None
    assert 0 < joined.exchanges < 100
    assert (tmp_path / TRANSCRIPT).read_bytes().endswith(b"}\n")
    merged = Ledger()
    merged.merge(ledger.dump())
    assert merged.unwritten == ledger.unwritten


def test_parts_that_cannot_be_joined_are_told(tmp_path: Path) -> None:
    for worker in ("gw0", "gw1"):
        part = TranscriptPart(tmp_path, worker, Redactor())
        for _ in range(20):
            part.observe(exchange("/keys", "<keys/>"))
    with full_disk(10_000), pytest.raises(Unwritable, match=f"{TRANSCRIPT}: File too large"):
        transcript.join(tmp_path)
    assert not (tmp_path / TRANSCRIPT).exists()


def test_what_could_not_be_written_changes_the_exit_code_but_no_verdict() -> None:
    for ledger, verdict in ((Ledger(), Verdict.INCONCLUSIVE), (failed(), Verdict.NOT_CONFORMANT)):
        result = result_of(ledger, unwritten=("reports/results.json: No space left on device",))
        assert (result.verdict, result.exit_code) == (verdict, 4)
        assert result_of(ledger, unwritten=("a",), leaks=("keys k1",)).exit_code == 5


def failed() -> Ledger:
    return ledger_with(finding())


def test_allure_is_told_of_a_full_disk(tmp_path: Path) -> None:
    with full_disk(500), pytest.raises(Unwritable, match="File too large"):
        allure_results.write(rich(), tmp_path, redact)
    assert not list(tmp_path.glob("*.tmp"))
    assert RESULTS not in os.listdir(tmp_path)
