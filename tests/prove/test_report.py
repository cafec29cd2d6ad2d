"""The command, its exit codes, and the two reports."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tck.cli import main
from tck.prove import precision, report
from tck.prove.campaign import FaultOutcome, Proof, Timing, VariantOutcome, judges
from tck.prove.faults import faults
from tck.prove.trial import Trial
from tck.report import proof as figures


def outcome(name: str, *judges: str) -> FaultOutcome:
    return FaultOutcome(name, {"DC-DOC-007": list(judges)}, {}, Trial(requests=2, seconds=0.5))


def right(alarms: dict[str, str] | None = None) -> VariantOutcome:
    return VariantOutcome("persona-mock", alarms or {}, {}, Trial(examined=Counter(a=1)))


FOUND, MISSED = outcome("href-relative", "documents.hrefs"), outcome("json-href-relative")


@pytest.mark.parametrize(
    ("faults", "variants", "held"),
    [
        ([FOUND], [right()], True),
        ([FOUND, MISSED], [right()], False),
        ([FOUND] * 99 + [MISSED], [right()], True),
        ([FOUND] * 98 + [MISSED] * 2, [right()], False),
        ([FOUND], [right({"DC-DOC-001": "told"})], False),
        ([], [right()], True),
    ],
)
def test_what_a_proof_needs_to_hold(
    faults: list[FaultOutcome], variants: list[VariantOutcome], held: bool
) -> None:
    assert report.holds(Proof(faults, variants)) is held


@pytest.mark.parametrize(
    ("waited", "requests", "within"), [(18.0, 20, True), (18.1, 20, False), (0.0, 21, False)]
)
def test_no_fault_makes_a_run_much_longer(waited: float, requests: int, within: bool) -> None:
    trial, unchanged = Trial(waited=waited, requests=requests), Trial(requests=10)
    slowest = [Timing("href-relative", trial, unchanged)]
    assert report.holds(Proof([FOUND], [right()], slowest=slowest)) is within


def test_the_reports_say_what_was_found(tmp_path: Path) -> None:
    proof = Proof([FOUND, MISSED], [right({"DC-DOC-001": "<told>"})], seconds=1.25)
    json_path, page = report.write(proof, tmp_path)
    value = json.loads(json_path.read_text())
    wanted = {"faults": 2, "detected": 1, "variants": 1, "false_alarms": 1, "seconds": 1.2}
    assert wanted.items() <= value["summary"].items()
    assert value["surviving"] == ["json-href-relative"]
    assert value["summary"]["areas"]["documents identity"]["rate"] == 0.5
    assert "DC-DOC-007" not in {r["id"] for r in value["requirements_without_fault"]}
    assert "documents.hrefs" not in value["judges_without_fault"]
    assert "documents.syntax" in value["judges_without_fault"]
    html = page.read_text()
    assert "1 of 2 faults found" in html
    assert "&lt;told&gt;" in html
    assert "src=" not in html
    assert "http" not in html.split("</style>")[0]


def test_the_command_proves_a_fault_and_a_variant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    only = ["--fault", "href-relative", "--report-dir", str(tmp_path), "-n", "1"]
    assert main(["prove", *only]) == 0
    out = capsys.readouterr().out
    assert "DC-DOC-007: documents.hrefs" in out
    assert "1 of 1 faults found" in out
    assert json.loads((tmp_path / "proof.json").read_text())["summary"]["variants"] == 0


def test_a_selection_does_not_replace_the_report_of_a_whole_proof(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["prove", "--fault", "href-relative", "-n", "1"]) == 0
    assert (tmp_path / "reports" / "proof-selection" / "proof.json").is_file()
    assert not (tmp_path / "reports" / "proof").exists()


def test_precision_counts_requirements_and_causes() -> None:
    blames = [
        precision.Blame("href-relative", (("DC-DOC-007",),)),
        precision.Blame("href-relative", (("DC-DOC-007", "DC-DOC-012"), ("DC-DOC-016",))),
        precision.Blame("href-relative", (("DC-DOC-012", "DC-DOC-007"),)),
        precision.Blame("href-relative", ()),
    ]
    figures = precision.summary(blames)
    assert figures == {
        "faults": 4,
        "median_requirements": 1.5,
        "few_requirements": 0.75,
        "one_cause": 0.5,
        "tied_first": 0.5,
        "worst": ["href-relative"] * 2,
    }


def test_a_sample_has_its_share_of_each_area() -> None:
    names = precision.sample(100)
    assert len(set(names)) == 100
    assert names == precision.sample(100)
    assert len({faults()[name].area for name in names}) > 20
    assert precision.sample(10**6) == list(faults())


def test_the_command_tells_what_is_blamed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    only = ["--fault", "address-without-ip", "--report-dir", str(tmp_path), "-n", "1"]
    assert main(["prove", "--precision", *only]) == 0
    assert "a requirement that the fault violates is shown first for 100" in capsys.readouterr().out
    value = json.loads((tmp_path / "proof.json").read_text())["precision"]
    assert value["faults"][0]["tied_first"]
    assert "Precision of blame" in (tmp_path / "proof.html").read_text()


def test_a_whole_proof_lets_no_judge_be_idle() -> None:
    assert report.holds(Proof([FOUND], [right()]))
    assert not report.holds(Proof([FOUND], [right()]), whole=True)
    assert report.holds(Proof([FOUND], [right()], retried=set(judges())), whole=True)


def test_figures_tell_whether_the_kit_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "SHIPPED", tmp_path / "shipped.json")
    monkeypatch.chdir(tmp_path)
    assert figures.read() is None
    report.ship(Proof([FOUND], [right()]))
    read = figures.read()
    assert read is not None
    counts = {"faults": 1, "detected": 1, "variants": 1, "false_alarms": 0}
    assert counts.items() <= read.items()
    assert read["current"] is True
    monkeypatch.setattr(figures, "digest", lambda: "of another kit")
    read = figures.read()
    assert read is not None
    assert read["current"] is False
    report.write(Proof([FOUND, MISSED], [right()]), tmp_path / "proof")  # newer, beside a report
    read = figures.read(tmp_path)
    assert read is not None
    assert (read["faults"], read["current"]) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--fault", "href-relativ"], "did you mean href-relative"),
        (["--variant", "persona-none"], "no variant 'persona-none'"),
        (["-n", "0"], "from 1 to 256"),
        (["--sample", "9"], "--sample goes with --precision"),
        (["--precision", "--sample", "0"], "at least 1"),
        (["--precision", "--variant", "persona-ec2"], "--fault or --sample only"),
        (["--ship", "--fault", "href-relative"], "whole proof"),
    ],
)
def test_bad_input_is_told(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prove", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_serve_names_faults_and_variants(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--list-faults"]) == 0
    line = next(x for x in capsys.readouterr().out.splitlines() if x.startswith("unknown-id-400 "))
    assert line.endswith("answers 400 at realms.show, images.show (DC-DOC-014)")
    assert main(["serve", "--list-variants"]) == 0
    assert "persona-ec2" in capsys.readouterr().out
    assert main(["serve", "--fault", "href-relativ"]) == 2
    assert "did you mean href-relative" in capsys.readouterr().err
