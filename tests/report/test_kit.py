"""Which kit judged."""

from __future__ import annotations

from pathlib import Path

import pytest

import tck
from tck.report import kit


def test_the_digest_is_of_every_file_but_the_list_of_releases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path
    (folder / "report").mkdir()
    monkeypatch.setattr(tck, "__path__", [str(folder)])

    def digest(name: str, content: str) -> str:
        (folder / name).write_text(content)
        kit.digest.cache_clear()
        return kit.digest()

    first = digest("a.py", "1")
    assert digest("a.py", "2") != first
    assert digest("a.py", "1") == first
    assert digest("report/releases.toml", "x") == first
    assert digest("a.pyc", "x") == first
    assert digest("b.toml", "x") != first
    monkeypatch.undo()
    kit.digest.cache_clear()


def test_released_are_listed_kits_and_the_one_that_verifies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tck, "__version__", "3.1.0")
    monkeypatch.setattr(kit, "releases", lambda: {"3.0.0": "aa"})
    own = kit.digest()
    assert kit.unreleased("3.1.0", own) == ""
    assert kit.unreleased("3.0.0", "aa") == ""
    assert "changed" in kit.unreleased("3.1.0", "bb")
    assert "changed" in kit.unreleased("3.0.0", own)
    for version in ("3.1.0.dev1", "3.1.0+local", "3.1rc1", ""):
        assert "not that of a release" in kit.unreleased(version, own)


def test_the_list_of_releases_can_be_read() -> None:
    assert all(len(digest) == 64 for digest in kit.releases().values())
