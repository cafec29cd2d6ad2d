"""The catalogue is sound: well-formed, sourced, applicable to something, and judged."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tck import requirements
from tck.checks.support.inventory import checks, checks_by_requirement
from tck.requirements import catalogue
from tck.rules import RULES
from tck.rules.clients import CLIENT_RULES, ENDING_RULES
from tck.schemas.operations import API

FOLDER = Path(requirements.__file__).parent
CATALOGUE = requirements.load("both")
UNJUDGED = FOLDER / "unjudged.toml"  # there only while something is judged by nothing
TABLES = {"sources.toml", "not_requirements.toml", "unjudged.toml"}
AREAS = sorted(p.name for p in FOLDER.glob("*.toml") if p.name not in TABLES)
MEMBERS = {"level", "text", "sources", "when", "note", "if_any"}
KINDS = {"stale", "freedom", "taste", "provider", "inside", "html", "fixture", "kit"}


def _rules() -> Iterator[Any]:
    yield from (*RULES.values(), *CLIENT_RULES.values(), *ENDING_RULES.values())


def _area(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text("utf-8"))


def _entries() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(file, id, entry as written) of every requirement."""
    for name in AREAS:
        for id_, entry in _area(name).items():
            if id_ != "area":
                yield name, id_, entry


ENTRIES = list(_entries())


def test_ids_are_well_formed_and_unique() -> None:
    ids = [id_ for _, id_, _ in ENTRIES]
    assert [id_ for id_ in ids if not re.fullmatch(r"DC-[A-Z]{3,4}-\d{3}", id_)] == []
    assert [id_ for id_ in ids if ids.count(id_) > 1] == []
    assert list(CATALOGUE) == ids, "the loader must take every requirement of every file, in order"


def test_a_prefix_belongs_to_one_file() -> None:
    files: dict[str, set[str]] = {}
    for name, id_, _ in ENTRIES:
        files.setdefault(id_.rsplit("-", 1)[0], set()).add(name)
    assert {prefix: names for prefix, names in files.items() if len(names) > 1} == {}


def test_areas_have_titles_of_their_own_and_real_collections() -> None:
    areas = [_area(name)["area"] for name in AREAS]
    assert len({area["title"] for area in areas}) == len(areas)
    assert [a for a in areas if a.get("collection", "instances") not in API.collections] == []
    assert {key for area in areas for key in area} <= {"title", "collection", "side"}


def test_entries_have_known_members_only() -> None:
    assert [(id_, key) for _, id_, e in ENTRIES for key in e.keys() - MEMBERS] == []


def test_levels() -> None:
    wrong = [id_ for _, id_, e in ENTRIES if e["level"] not in ("MUST", "SHOULD", "MAY")]
    assert wrong == []


def test_texts_are_sentences_and_differ() -> None:
    texts = [r.text for r in CATALOGUE.values()]
    assert [t for t in texts if not t.endswith(".") or t != t.strip()] == []
    assert [t for t in texts if texts.count(t) > 1] == []


WHEN = {
    "collection": lambda value: value in API.collections,
    "operation": lambda value: value in API.operations,
    "feature": lambda value: value in {f"{f.collection}.{f.name}" for f in API.features},
    "format": lambda value: value in ("xml", "json", "html"),
    "write": lambda value: value is True,
    "two_accounts": lambda value: value is True,
    "wire": lambda value: value is True,
}


def test_applicability_names_what_exists() -> None:
    wrong = [
        (id_, key, value)
        for _, id_, entry in ENTRIES
        for key, value in entry.get("when", {}).items()
        if key not in WHEN or not WHEN[key](value)
    ]
    assert wrong == []


def test_applicability_is_loaded_as_written() -> None:
    for name, id_, entry in ENTRIES:
        loaded, when = CATALOGUE[id_], entry.get("when", {})
        assert (loaded.feature, loaded.operation, loaded.format) == (
            when.get("feature"),
            when.get("operation"),
            when.get("format"),
        )
        assert (loaded.write, loaded.two_accounts, loaded.wire) == (
            when.get("write", False),
            when.get("two_accounts", False),
            when.get("wire", False),
        )
        assert loaded.collection == when.get("collection", _area(name)["area"].get("collection"))


# ---------------------------------------------------------------- sources


def test_every_cited_source_exists_and_is_cited_once() -> None:
    assert {(r.id, s) for r in CATALOGUE.values() for s in r.sources} <= {
        (r.id, s) for r in CATALOGUE.values() for s in requirements.sources()
    }
    assert [r.id for r in CATALOGUE.values() if not r.sources] == []
    assert [r.id for r in CATALOGUE.values() if len(set(r.sources)) < len(r.sources)] == []


def test_every_statement_of_docs_tests_and_clients_is_used_or_says_why_not() -> None:
    cited = {source for r in CATALOGUE.values() for source in r.sources}
    declined = set(requirements.not_requirements())
    normative = {id_ for id_ in requirements.sources() if re.fullmatch(r"[ATC]\d+", id_)}
    assert normative - cited - declined == set()
    assert cited & declined == set()
    assert declined <= set(requirements.sources())


@pytest.mark.parametrize(("letter", "count"), [("A", 188), ("T", 246), ("C", 34)])
def test_statements_are_numbered_without_gaps(letter: str, count: int) -> None:
    found = {id_ for id_ in requirements.sources() if re.fullmatch(rf"{letter}\d+", id_)}
    assert found == {f"{letter}{number}" for number in range(1, count + 1)}


def test_reasons_for_no_requirement() -> None:
    for id_, entry in requirements.not_requirements().items():
        assert entry.keys() == {"kind", "reason"}, id_
        assert entry["kind"] in KINDS, id_
        assert re.fullmatch(r".{15,}\.", entry["reason"]), id_


def test_what_notes_and_reasons_refer_to_exists() -> None:
    """Requirements by id, numbered statements in parentheses."""
    texts = [f"{r.text} {r.note}" for r in CATALOGUE.values()]
    texts += [entry["reason"] for entry in requirements.not_requirements().values()]
    named = {id_ for text in texts for id_ in re.findall(r"DC-[A-Z]+-\d+", text)}
    assert named - set(CATALOGUE) == set()
    numbers = {n for text in texts for n in re.findall(r"\b[ABCTJRVMP]\d{1,3}\b", text)}
    assert numbers - set(requirements.sources()) == set()


# ---------------------------------------------------------------- judged


def test_what_rules_and_checks_declare_exists() -> None:
    declared = {id_ for rule in _rules() for id_ in rule.requirements}
    declared |= {id_ for check in checks() for id_ in check.spec.requirements}
    assert declared - set(CATALOGUE) == set()


def test_every_requirement_is_judged_or_says_why_not() -> None:
    excused = tomllib.loads(UNJUDGED.read_text("utf-8")) if UNJUDGED.exists() else {}
    judged = {id_ for rule in _rules() for id_ in rule.requirements}
    judged |= set(checks_by_requirement())
    assert set(CATALOGUE) - judged == set(excused)
    assert [id_ for id_, entry in excused.items() if not entry.get("reason")] == []


def test_a_writing_requirement_is_not_judged_by_reading_checks_alone() -> None:
    """Else a read-only run would leave its check in and the requirement out."""
    by_rule = {id_ for rule in _rules() for id_ in rule.requirements}
    for id_, found in checks_by_requirement().items():
        if CATALOGUE[id_].write and id_ not in by_rule:
            assert any(check.spec.writes for check in found), id_


def test_requirements_of_clients_are_not_held_against_endpoints() -> None:
    clients = {id_ for id_ in CATALOGUE if id_.startswith("DC-CLI-")}
    assert set(requirements.load("client")) == clients
    assert set(requirements.load()) == set(CATALOGUE) - clients


def test_loading_is_done_once() -> None:
    assert catalogue.load() is catalogue.load()
