"""How an endpoint stands to the levels of a requirement set."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tck import requirements
from tck.requirements import freeze, levels
from tck.requirements.levels import Level, LevelOutcome, RequirementSet, Standing, assess
from tck.schemas.operations import API

CORE = Level("core", "Core", "", demands={"C1": "", "C2": ""})
COMPUTE = Level(
    "compute",
    "Compute",
    "",
    rests_on=("core",),
    needs=("instances",),
    collections=("images", "instances"),
    optional=("keys",),
    demands={"I1": "", "I2": ""},
)
NETWORK = Level("network", "Network", "", ("core",), (), ("addresses", "firewalls"), (), {"N1": ""})
FULL = Level("full", "Full", "", ("core", "compute", "network"))
ALL = ("images", "instances", "addresses", "firewalls")
GOOD = {"C1": "pass", "C2": "not-applicable", "I1": "warn", "I2": "pass", "N1": "pass"}


def stand(
    changed: Mapping[str, str | None] | None = None,
    declared: tuple[str, ...] = ALL,
    excluded: tuple[str, ...] = (),
    obstacle: str = "",
) -> dict[str, LevelOutcome]:
    statuses = {id_: s for id_, s in {**GOOD, **(changed or {})}.items() if s}
    known = {level.name: level for level in (CORE, COMPUTE, NETWORK, FULL)}
    exclusions = tuple(levels.Exclusion(id_, "2027-01-01", "wrong") for id_ in excluded)
    wanted = RequirementSet("2026.12", "2026-12-01", known, exclusions, "")
    return {level.name: level for level in assess(wanted, statuses, declared, obstacle)}


def standings(**given: object) -> list[str]:
    return [str(level.standing) for level in stand(**given).values()]  # type: ignore[arg-type]


MET, PART, DEVIATING = "met", "met in part", "met but for accepted deviations"
NOT_MET, UNEXAMINED, ABSENT = "not met", "not examined", "not declared"


@pytest.mark.parametrize(
    ("changed", "declared", "expected"),
    [
        ({}, ALL, [MET, MET, MET, MET]),
        ({}, ("instances", "images"), [MET, MET, ABSENT, ABSENT]),
        ({}, ("instances", "addresses"), [MET, PART, PART, ABSENT]),
        ({}, ("images", "keys"), [MET, ABSENT, ABSENT, ABSENT]),
        ({}, (), [MET, ABSENT, ABSENT, ABSENT]),
        ({"C1": "fail"}, ALL, [NOT_MET, NOT_MET, NOT_MET, NOT_MET]),
        ({"I1": "fail"}, ALL, [MET, NOT_MET, MET, NOT_MET]),
        ({"I1": "inconclusive"}, ALL, [MET, UNEXAMINED, MET, UNEXAMINED]),
        ({"I1": "kit-error"}, ALL, [MET, UNEXAMINED, MET, UNEXAMINED]),
        ({"I1": None}, ALL, [MET, UNEXAMINED, MET, UNEXAMINED]),
        ({"I1": "excluded"}, ALL, [MET, DEVIATING, MET, DEVIATING]),
        ({"C1": "excluded"}, ALL, [DEVIATING, DEVIATING, DEVIATING, DEVIATING]),
        ({"I1": "excluded", "I2": "fail"}, ALL, [MET, NOT_MET, MET, NOT_MET]),
        ({"I1": "inconclusive", "I2": "fail"}, ALL, [MET, NOT_MET, MET, NOT_MET]),
        ({"I1": "excluded", "I2": "inconclusive"}, ALL, [MET, UNEXAMINED, MET, UNEXAMINED]),
        ({"I1": "fail"}, ("images",), [MET, ABSENT, ABSENT, ABSENT]),
        ({"NEW": "fail"}, ALL, [MET, MET, MET, MET]),  # came after the freeze
    ],
)
def test_standing(
    changed: dict[str, str | None], declared: tuple[str, ...], expected: list[str]
) -> None:
    assert standings(changed=changed, declared=declared) == expected


def test_what_stands_in_the_way_of_certification_keeps_failures_visible() -> None:
    found = stand({"I1": "fail"}, obstacle="it was a recording")
    assert found["core"].standing is Standing.UNEXAMINED
    assert found["core"].reason == "it was a recording"
    assert found["compute"].failed == ("I1",)
    assert found["compute"].standing is Standing.NOT_MET


def test_an_excluded_requirement_counts_for_nobody() -> None:
    found = stand({"I1": "fail"}, excluded=("I1",))["compute"]
    assert (found.standing, found.demanded, found.met) == (Standing.MET, 1, 1)


def test_counts_and_names() -> None:
    found = stand({"I2": "fail"}, ("instances", "keys"))
    assert (found["core"].demanded, found["core"].met) == (1, 1)
    compute = found["compute"]
    assert (compute.demanded, compute.met, compute.failed) == (2, 1, ("I2",))
    assert (compute.declared, compute.lacking) == (("instances", "keys"), ("images",))
    assert compute.reason == "failed: I2"


def test_long_lists_are_cut_in_the_reason_only() -> None:
    many = {f"X{n}": "" for n in range(9)}
    level = Level("core", "Core", "", demands=many)
    wanted = RequirementSet("x", "x", {"core": level}, (), "")
    [found] = assess(wanted, dict.fromkeys(many, "fail"), ())
    assert found.reason.endswith("X5 and 3 more")
    assert len(found.failed) == 9


# ---------------------------------------------------------------- the shipped sets


@pytest.mark.parametrize("version", levels.versions())
def test_a_frozen_set_says_what_the_catalogue_still_says(version: str) -> None:
    """A frozen requirement must not change; while a set is a draft, freeze it anew."""
    catalogue = requirements.load("both")
    wanted = levels.load(version)
    for level in wanted.levels.values():
        for id_, digest in level.demands.items():
            assert id_ in wanted.excluded or digest == levels.digest_of(catalogue[id_]), id_


@pytest.mark.parametrize("version", levels.versions())
def test_levels_are_made_of_what_there_is(version: str) -> None:
    found = levels.load(version).levels
    names = list(found)
    for level in found.values():
        assert all(names.index(lower) < names.index(level.name) for lower in level.rests_on)
        assert {*level.needs, *level.collections, *level.optional} <= set(API.top_level)
        assert set(level.needs) <= set(level.collections)
    covered = {n for level in found.values() for n in level.collections + level.optional}
    assert covered == set(API.top_level)
    demanded = [id_ for level in found.values() for id_ in level.demands]
    assert len(demanded) == len(set(demanded))


@pytest.mark.parametrize("version", levels.versions())
def test_a_draft_says_what_the_catalogue_says(version: str) -> None:
    """Until its date a set takes in every change; `python -m tck.requirements.freeze` writes it."""
    frozen = date.fromisoformat(levels.load(version).frozen)
    is_fresh = freeze.text(version) == freeze.path(version).read_text("utf-8")
    assert is_fresh or date.today() >= frozen, "python -m tck.requirements.freeze"


def test_a_set_is_not_renewed_after_its_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "set.toml"
    old = (
        freeze.path(levels.CURRENT).read_text("utf-8").replace('"DC-KEY-008" = ', '"DC-KEY-000" = ')
    )
    kept.write_text(old, "utf-8")
    monkeypatch.setattr(freeze, "path", lambda version: kept)
    frozen = date.fromisoformat(levels.load(levels.CURRENT).frozen)
    with pytest.raises(SystemExit, match=f"{levels.CURRENT} is frozen since {frozen}"):
        freeze.main(frozen)
    assert kept.read_text("utf-8") == old
    freeze.main(frozen - timedelta(days=1))
    assert '"DC-KEY-008" = ' in kept.read_text("utf-8")


def test_freezing_takes_every_must_once() -> None:
    data = tomllib.loads(freeze.text(levels.CURRENT))
    demanded = [id_ for level in data["levels"].values() for id_ in level["demands"]]
    musts = [r.id for r in requirements.load("both").values() if r.level == "MUST"]
    assert sorted(demanded) == sorted(musts)
    assert data["levels"]["compute"]["demands"].keys() >= {"DC-INS-020", "DC-IMG-001"}
    assert "DC-BLB-003" in data["levels"]["blob_storage"]["demands"]
    assert "DC-FWL-012" in data["levels"]["network"]["demands"]


def test_the_digest_of_a_requirement_is_of_what_it_demands() -> None:
    one = requirements.load()["DC-INS-020"]
    assert levels.digest_of(replace(one, note="x", sources=())) == levels.digest_of(one)
    for change in ({"text": "x"}, {"level": "MAY"}, {"feature": "a.b"}, {"if_any": "x"}):
        assert levels.digest_of(replace(one, **change)) != levels.digest_of(one)  # type: ignore[arg-type]


def test_an_unknown_set_is_named() -> None:
    with pytest.raises(LookupError, match=r"no requirement set 2020\.01; there are: 2026\.12"):
        levels.load("2020.01")
