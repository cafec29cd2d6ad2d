"""compare as it is called between two nights."""

from __future__ import annotations

from pathlib import Path

import pytest
from certification.submissions import report

from tck.cli import main


@pytest.fixture
def nights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    report(tmp_path / "yesterday", persona="full")
    report(tmp_path / "today", fault="href-relative")
    return tmp_path


def test_what_became_worse_is_in_the_exit_code(
    nights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "yesterday", "today"]) == 1
    assert "Newly failing (1)\n  DC-DOC-007 MUST" in capsys.readouterr().out
    assert main(["compare", "today", "yesterday/results.json"]) == 0
    assert "Fixed (1)" in capsys.readouterr().out
    assert main(["compare", "yesterday", "today", "--side-by-side"]) == 0


def test_it_is_written_in_other_forms(nights: Path) -> None:
    main(["compare", "yesterday", "today", "--markdown", "d.md", "--html", "d.html"])
    assert "## Newly failing (1)" in (nights / "d.md").read_text("utf-8")
    assert "<h2>Newly failing (1)</h2>" in (nights / "d.html").read_text("utf-8")


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"summary": 1}', "\x00"])
def test_what_is_no_result_is_told(
    content: str | None, nights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (nights / "other.json").write_text(content)
    assert main(["compare", "yesterday", "other.json"]) == 2
    assert "other.json" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_told(
    nights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "yesterday", "today", "--html", "absent/d.html"]) == 2
    assert "absent/d.html: No such file" in capsys.readouterr().err
