"""sign and verify as a vendor and a buyer call them."""

from __future__ import annotations

from pathlib import Path

import pytest
from certification.submissions import report

from tck.cli import main

SIGN = ("--vendor", "Example Ltd", "--product", "Cloud 3", "--contact", "tck@example.org")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a report and a pair of keys, in which the commands are called."""
    monkeypatch.chdir(tmp_path)
    report(tmp_path / "reports")
    assert main(["sign", "--new-key", "vendor.pem"]) == 0
    return tmp_path


def sign(*more: str) -> int:
    return main(["sign", "reports", "--key", "vendor.pem", *SIGN, *more])


def pinned(place: Path, since: str, until: str = "") -> str:
    key = (place / "vendor.pub.pem").read_text("ascii")
    text = f'[[keys]]\nowner = "Example"\nsince = {since}\npublic_key = """{key}"""\n'
    (place / "trusted.toml").write_text(text + (f"until = {until}\n" if until else ""), "utf-8")
    return "trusted.toml"


def test_a_vendor_signs_and_a_buyer_verifies(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sign() == 0
    capsys.readouterr()
    assert main(["verify", "submission", "--key", "vendor.pub.pem"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("certified: Cloud 3 by Example Ltd\n  Core ")
    assert main(["verify", "submission", "--keys", pinned(place, "2026-01-01")]) == 0
    assert "by Example\n" in capsys.readouterr().out


def test_the_private_key_is_for_its_owner_only(place: Path) -> None:
    assert (place / "vendor.pem").stat().st_mode & 0o077 == 0
    before = (place / "vendor.pem").read_bytes()
    assert main(["sign", "--new-key", "vendor.pem"]) == 2
    assert (place / "vendor.pem").read_bytes() == before


def test_a_key_may_have_a_password(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELTACLOUD_TCK_KEY_PASSWORD", "hunter2")
    assert main(["sign", "--new-key", "locked.pem"]) == 0
    assert sign("--key", "locked.pem", "--out", "one") == 0
    monkeypatch.setenv("DELTACLOUD_TCK_KEY_PASSWORD", "wrong")
    assert sign("--key", "locked.pem", "--out", "two") == 2
    monkeypatch.delenv("DELTACLOUD_TCK_KEY_PASSWORD")
    assert sign("--key", "locked.pem", "--out", "two") == 2
    assert not (place / "two").exists()


@pytest.mark.parametrize(
    ("since", "until", "why"),
    [
        ("2099-01-01", "", "is not valid"),
        ("2020-01-01", "2020-12-31", "is not valid"),
    ],
)
def test_pinned_keys_hold_for_a_time(
    since: str, until: str, why: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sign() == 0
    assert main(["verify", "submission", "--keys", pinned(place, since, until)]) == 1
    assert why in capsys.readouterr().out


def test_a_key_that_is_not_pinned_counts_for_nothing(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sign() == 0
    assert main(["sign", "--new-key", "other.pem"]) == 0
    (place / "vendor.pub.pem").write_bytes((place / "other.pub.pem").read_bytes())
    assert main(["verify", "submission", "--keys", pinned(place, "2026-01-01")]) == 1
    assert "not among the pinned ones" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["sign"],
        ["sign", "reports", "--key", "vendor.pem"],
        ["sign", "reports", "--key", "absent.pem", *SIGN],
        ["sign", "reports", "--key", "vendor.pub.pem", *SIGN],
        ["sign", "reports", "--key", "vendor.pem", *SIGN, "--out", "reports"],
        ["verify", "reports", "--key", "absent.pem"],
        ["verify", "absent", "--key", "vendor.pub.pem"],
        ["verify", "reports", "--keys", "vendor.pub.pem"],
    ],
)
def test_bad_input_is_told_in_one_line(
    arguments: list[str], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_what_is_refused_is_told(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sign() == 0
    (place / "submission" / "README.md").write_text("altered")
    (place / "reports" / "transcript.jsonl").write_text("")
    assert main(["verify", "submission", "--key", "vendor.pub.pem"]) == 1
    assert "refused:\n  README.md was altered after it was signed\n" in capsys.readouterr().out
    assert sign("--out", "again") == 1
    assert "not signed:\n  reports/transcript.jsonl: the file is empty\n" in capsys.readouterr().out
