"""A submission verifies as it was signed, and not otherwise; what proves nothing is not signed."""

from __future__ import annotations

import datetime
import json
import shutil
from pathlib import Path

import pytest
from endpoint.test_disk import full_disk

import tck
from tck.certification import envelope, submission
from tck.certification.keys import BadKey
from tck.certification.submission import FILES, RESULTS, STATEMENT, TRANSCRIPT, Refused
from tck.commands import verify
from tck.endpoint.disk import Unwritable
from tck.report import kit
from tck.report.deviations import Deviation, Deviations
from tck.report.ledger import Ledger
from tck.rules.judgement import Judgement

from .submissions import CLAIM, KEY, NOW, Found, reasons, report, submitted

MUST = "DC-INS-020"
YESTERDAY = NOW.date() - datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return submitted(tmp_path_factory.mktemp("good"))


@pytest.fixture
def copy(good: Path, tmp_path: Path) -> Path:
    return shutil.copytree(good, tmp_path / "submission")


def test_what_was_signed_verifies(good: Path) -> None:
    certificate = submission.verify(good, lambda _id, _day: ("Example", KEY.public_key()))
    assert certificate.claim == CLAIM
    assert certificate.levels[0].name == "core"
    assert certificate.remarks == []
    assert {path.name for path in good.iterdir()} == {*FILES, STATEMENT}


def test_a_full_disk_leaves_no_half_of_a_submission(tmp_path: Path) -> None:
    made = report(tmp_path / "report")
    with full_disk(10_000), pytest.raises(Unwritable, match="submission: File too large"):
        submission.sign(made, tmp_path / "submission", KEY, CLAIM)
    assert not (tmp_path / "submission").exists()
    submission.sign(made, tmp_path / "submission", KEY, CLAIM)


# ---------------------------------------------------------------- altered


@pytest.mark.parametrize("where", [0.0, 0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("name", [*FILES, STATEMENT])
def test_no_byte_can_be_altered(name: str, where: float, copy: Path) -> None:
    content = bytearray((copy / name).read_bytes())
    content[round(where * (len(content) - 1))] ^= 1
    (copy / name).write_bytes(content)
    told = reasons(copy)
    assert told
    assert name in told[0]


@pytest.mark.parametrize("name", FILES)
def test_files_cannot_be_taken_away(name: str, copy: Path) -> None:
    (copy / name).unlink()
    assert reasons(copy) == [f"{name} is missing"]


def test_files_cannot_be_added(copy: Path) -> None:
    (copy / "more").mkdir()
    (copy / "more" / "praise.txt").write_text("well done")
    assert reasons(copy) == ["more/praise.txt: not stated by the signer"]


@pytest.mark.parametrize("name", [RESULTS, STATEMENT, "more"])
def test_only_plain_files_are_read(name: str, copy: Path) -> None:
    (copy / name).unlink(missing_ok=True)
    (copy / name).symlink_to("/dev/zero")
    assert reasons(copy) == [f"{name} is not a plain file"]


def test_there_must_be_a_statement(copy: Path) -> None:
    (copy / STATEMENT).unlink()
    assert "No such file" in reasons(copy)[0]


def test_another_key_counts_for_nothing(good: Path) -> None:
    other = envelope.Ed25519PrivateKey.generate().public_key()
    with pytest.raises(Refused, match="not with"):
        submission.verify(good, lambda _id, _day: ("Mallory", other))


def test_a_key_must_hold_on_the_day_of_signing(good: Path) -> None:
    days: list[datetime.date] = []

    def find(_id: str, day: datetime.date) -> tuple[str, envelope.Ed25519PublicKey]:
        days.append(day)
        if len(days) > 1:
            raise BadKey("it did not hold")
        return "Example", KEY.public_key()

    with pytest.raises(Refused, match="did not hold"):
        submission.verify(good, find)
    assert days[1] == NOW.date()


def test_another_kit_verifies_if_it_knows_the_release(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_with = kit.digest()
    monkeypatch.setattr(kit, "digest", lambda: "b" * 64)
    assert "neither a released one" in reasons(good)[0]
    monkeypatch.setattr(kit, "releases", lambda: {tck.__version__: signed_with})
    certificate = submission.verify(good, lambda _id, _day: ("Example", KEY.public_key()))
    assert len(certificate.remarks) == 1


# ---------------------------------------------------------------- not signed


def _fails(ledger: Ledger) -> None:
    ledger.record("made", Judgement(MUST, False, "state", "RUNNING", "BROKEN"))


def _fails_core(ledger: Ledger) -> None:
    ledger.record("made", Judgement("DC-HTTP-003", False, "status", "201", "200"))


def _excused(expires: datetime.date | None, requirement: str = MUST) -> Deviations:
    since = datetime.date(2026, 1, 1)
    return Deviations((Deviation(1, requirement, "known", "A. Nother", since, expires),))


@pytest.mark.parametrize(
    ("found", "more", "why"),
    [
        (_fails_core, {}, "no level is met"),
        (None, {"left_out": (MUST,)}, "claimed and not examined"),
        (None, {"leaks": ("keys k1",)}, "left resources behind"),
        (None, {"errors": ("worker gw0 was lost",)}, "the kit itself failed"),
        (None, {"unfinished": "it was interrupted"}, "was not finished"),
        (_fails, {"deviations": _excused(YESTERDAY)}, f"was accepted until {YESTERDAY}"),
        (None, {"deviations": _excused(YESTERDAY)}, f"was accepted until {YESTERDAY}"),
        (None, {"deviations": _excused(None)}, "no longer occurs"),
    ],
)
def test_what_proves_nothing_is_not_signed(
    found: Found | None, more: dict[str, object], why: str, tmp_path: Path
) -> None:
    made = report(tmp_path / "report", found, **more)
    with pytest.raises(Refused) as refused:
        submission.sign(made, tmp_path / "submission", KEY, CLAIM)
    assert any(why in reason for reason in refused.value.reasons), refused.value.reasons
    assert not (tmp_path / "submission").exists()


def test_a_level_that_is_not_met_is_told_beside_the_others(tmp_path: Path) -> None:
    made = report(tmp_path / "report", _fails)
    submission.sign(made, tmp_path / "submission", KEY, CLAIM)
    certificate = submission.verify(
        tmp_path / "submission", lambda _id, _day: ("Example", KEY.public_key())
    )
    assert "compute" not in {level.name for level in certificate.levels}
    told = "\n".join(verify.lines(certificate))
    assert "Compute       not met: failed: " + MUST in told
    assert "Core          met\n" in told


def test_an_accepted_deviation_is_never_a_pass(tmp_path: Path) -> None:
    made = report(tmp_path / "report", _fails, deviations=_excused(None))
    submission.sign(made, tmp_path / "submission", KEY, CLAIM)
    certificate = submission.verify(
        tmp_path / "submission", lambda _id, _day: ("Example", KEY.public_key())
    )
    assert "compute" not in {level.name for level in certificate.levels}
    value = json.loads((tmp_path / "submission" / RESULTS).read_text("utf-8"))
    assert {r["id"]: r["status"] for r in value["requirements"]}[MUST] == "excluded"


def test_an_unreleased_kit_signs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tck, "__version__", "0.2.0.dev3")
    monkeypatch.setattr("tck.report.json_report.__version__", "0.2.0.dev3")
    made = report(tmp_path / "report")
    with pytest.raises(Refused, match="not that of a release"):
        submission.sign(made, tmp_path / "submission", KEY, CLAIM)


def test_a_report_without_its_files_is_not_signed(tmp_path: Path) -> None:
    made = report(tmp_path / "report")
    (made / TRANSCRIPT).unlink()
    with pytest.raises(Refused, match=TRANSCRIPT):
        submission.sign(made, tmp_path / "submission", KEY, CLAIM)
