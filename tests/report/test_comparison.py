"""Two results: what became worse or better, what takes longer, how two implementations differ."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from certification.submissions import result

from tck.prove.faults import faults
from tck.report import comparison_text
from tck.report.comparison import KINDS, Comparison, compare
from tck.report.result import Result
from tck.report.traffic import Traffic, step_of

FAULTS = (
    "address-without-actions",
    "json-bucket-size-as-text",
    "href-relative",
    "image-with-empty-id",
)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return result(tmp_path_factory.mktemp("plain"), persona="full")


@pytest.fixture(scope="module")
def ec2(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return result(tmp_path_factory.mktemp("ec2"))


def kinds(c: Comparison) -> dict[str, set[str]]:
    return {kind: {change.id for change in found} for kind, found in c.changes.items() if found}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_by_its_requirements_alone(
    fault: str, plain: Result, tmp_path: Path
) -> None:
    faulty, violated = result(tmp_path, fault=fault), set(faults()[fault].violates)
    there, back = compare(plain, faulty), compare(faulty, plain)
    assert (kinds(there), there.worse) == ({"newly failing": violated}, True)
    assert (kinds(back), back.worse) == ({"fixed": violated}, False)
    for told in ("\n".join(comparison_text.lines(there)), comparison_text.markdown(there)):
        assert all(id_ in told for id_ in violated)
        assert "DC-KEY-001" not in told
    page = comparison_text.html(there)
    assert "Newly failing (1)" in page
    assert all(f"<h3>{id_} " in page for id_ in violated)


def test_another_fault_in_the_same_requirement_is_told(tmp_path: Path) -> None:
    one = result(tmp_path / "one", fault="href-relative")
    other = result(tmp_path / "other", fault="entry-point-href-relative")
    assert kinds(compare(one, other)) == {"fails differently": {"DC-DOC-007"}}
    assert compare(one, one).worse is False


def test_what_is_no_longer_examined_is_lost(plain: Result, tmp_path: Path) -> None:
    less = result(tmp_path, persona="full", left_out=("DC-INS-020",))
    assert kinds(compare(plain, less)) == {"lost": {"DC-INS-020"}}
    assert compare(plain, less).worse
    assert kinds(compare(less, plain)) == {"newly examined": {"DC-INS-020"}}


def test_a_result_does_not_differ_from_itself(plain: Result) -> None:
    c = compare(plain, plain)
    assert (kinds(c), c.shifts, c.pace, c.declared, c.worse) == ({}, (), 1.0, (), False)
    assert set(c.changes) == set(KINDS)
    assert "No requirement changed." in "\n".join(comparison_text.lines(c))


def test_two_implementations_stand_side_by_side(plain: Result, ec2: Result) -> None:
    ec2 = replace(ec2, subject="http://other.example/api")
    c = compare(plain, ec2)
    rows = {row[0]: row[1:] for row in comparison_text.rows(c)}
    assert rows[""] == ("http://cloud.example:3001/api", "http://other.example/api")
    assert rows["verdict"] == ("conformant", "conformant")
    assert rows["DC-KEY-011"] == ("pass", "not-applicable")
    assert any(line.startswith("- ") for line in c.declared)
    for told in (
        comparison_text.markdown(c, side_by_side=True),
        "\n".join(comparison_text.lines(c, side_by_side=True)),
        comparison_text.html(c, side_by_side=True),
    ):
        assert "DC-KEY-011" in told
        assert "http://other.example/api" in told


# ---------------------------------------------------------------- times


def timed(known: Result, seed: int, **slower: float) -> Result:
    """Two operations of 200 answers each, scattered as those of clouds are."""
    chance = random.Random(seed)
    traffic = {}
    for operation in ("keys.index", "images.index"):
        factor = slower.get(operation.partition(".")[0], 1.0) * slower.get("all", 1.0)
        times: dict[str, int] = {}
        for _ in range(200):
            step = str(step_of(80 * factor * chance.lognormvariate(0, 0.8)))
            times[step] = times.get(step, 0) + 1
        traffic[operation] = {"statuses": {"200": 200}, "times": times}
    third = {"buckets.index": traffic["images.index"], "realms.index": traffic["images.index"]}
    return replace(known, traffic=Traffic({**traffic, **third}))


def test_noise_is_no_shift(plain: Result) -> None:
    one = timed(plain, 0)
    assert [s for n in range(1, 60) for s in compare(one, timed(plain, n)).shifts] == []


def test_an_operation_that_takes_longer_is_told(plain: Result) -> None:
    for n in range(1, 20):
        c = compare(timed(plain, 0), timed(plain, n, keys=2.5))
        assert [shift.operation for shift in c.shifts] == ["keys.index"]
        assert 1.8 < c.shifts[0].ratio < 3.4
        assert "Median times that changed beyond noise" in "\n".join(comparison_text.lines(c))
        assert not c.worse


def test_a_slower_machine_is_told_as_pace(plain: Result) -> None:
    c = compare(timed(plain, 0), timed(plain, 1, all=3))
    assert c.shifts == ()
    assert 2.5 < c.pace < 3.5
    assert "all answers together take" in "\n".join(comparison_text.lines(c))
