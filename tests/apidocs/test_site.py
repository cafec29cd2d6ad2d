"""The reference of the API: complete, well-formed, without a dead link."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from report.test_page import Outline, outline

from tck import requirements
from tck.apidocs import documents, judging, pages
from tck.apidocs.examples import STEPS, examples
from tck.cli import main
from tck.prove.variants import variants
from tck.schemas.operations import API, Operation

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site() -> dict[str, Outline]:
    return {name: outline(text) for name, text in pages.pages().items()}


@pytest.mark.parametrize("operation", API.operations.values(), ids=lambda operation: operation.id)
def test_every_operation_has_an_example_that_succeeds(operation: Operation) -> None:
    found = examples()[operation.id]
    document = operation.document
    formats = {"html": ["html"], "empty": [""], "bytes": [""]}.get(document, ["xml", "json"])
    assert [example.format for example in found] == formats
    assert {e.status for e in found} <= set(operation.success)


def test_the_course_of_examples_never_stumbles() -> None:
    assert {step.operation for step in STEPS} == set(API.operations)
    assert not any("mockpassword" in e.sent + e.received for es in examples().values() for e in es)


def test_pages_are_well_formed_and_silent(site: dict[str, Outline]) -> None:
    for name, page in site.items():
        assert (page.wrong, page.open) == ([], []), name
        assert (page.tags["h1"], page.tags["main"], page.tags["script"]) == (1, 1, 0), name
        assert page.handlers == [], name
        assert [id_ for id_, count in Counter(page.ids).items() if count > 1] == [], name


def test_no_link_is_dead(site: dict[str, Outline]) -> None:
    for name, page in site.items():
        for target in page.targets:
            file, _, anchor = target.partition("#")
            there = site.get(file or name)
            assert there is not None or file in pages.FILES, f"{name}: {target}"
            assert not anchor or (there is not None and anchor in there.ids), f"{name}: {target}"


def test_everything_is_told(site: dict[str, Outline]) -> None:
    assert set(requirements.load()) <= set(site["requirements.html"].ids)
    assert set(API.collections) <= {name.removesuffix(".html") for name in site}
    for operation in API.operations.values():
        page = site[f"{operation.collection or 'index'}.html"]
        assert operation.name in page.ids, operation.id
        assert f"{API.base}{operation.path}" in page.text, operation.id
        assert all(p.name in page.text for p in operation.params), operation.id
    told = site["documents.html"].ids
    assert {f"x-{type_}" for type_ in documents.xml_elements().values()} <= set(told)
    assert {f"j-{d.name}" for d in documents.json_definitions()} <= set(told)


def test_the_command_writes_the_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs", "--out", str(tmp_path / "site")]) == 0
    assert capsys.readouterr().out.strip().endswith("index.html")
    written = {path.name for path in (tmp_path / "site").iterdir()}
    assert written == set(pages.pages()) | set(pages.FILES)
    (tmp_path / "file").write_text("")
    assert main(["docs", "--out", str(tmp_path / "file")]) == 2
    assert "file: " in capsys.readouterr().err


def test_explain_says_where_everything_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["requirements", "explain", "DC-KEY-008"]) == 0
    explained = capsys.readouterr().out
    assert re.search(
        r"^    check tck/checks/keys\.py:\d+ test_second_key_of_one_name: A ", explained, re.M
    )
    assert "    tck/prove/faults/keys.py second-key-500: answers 500 " in explained
    assert "    tck/prove/variants/freedoms.py second-key-400: answers 400 " in explained
    for judged in judging.judged().values():
        for check in judged.checks:
            place, _, function = check.place.partition(" ")
            file, _, line = place.partition(":")
            written = (PROJECT / file).read_text("utf-8").splitlines()[int(line) - 1 :]
            assert written[0].startswith("@"), place
            assert next(x for x in written if x.startswith("def ")).startswith(f"def {function}(")
        for package, alterations in (("faults", judged.faults), ("variants", judged.variants)):
            for alteration in alterations:
                module = f"{alteration.area.replace(' ', '_')}.py"
                assert (PROJECT / "tck" / "prove" / package / module).is_file()


@pytest.mark.parametrize("id_", ["DC-DOC-026", "DC-DOC-002"])
def test_explain_lists_the_variants_that_cite_a_requirement(
    id_: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["requirements", "explain", id_]) == 0
    explained = capsys.readouterr().out
    cited = [v for v in variants().values() if id_ in v.source or id_ in v.warns]
    assert all(f" {variant.name}: {variant.text}" in explained for variant in cited)
    assert ("no variant cites it" in explained) == (not cited)


@pytest.mark.parametrize("id_", ["DC-KEY-008", "DC-HTTP-017", "dc-ins-020", "DC-DOC-007"])
def test_explain_says_how_to_pass(id_: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["requirements", "explain", id_]) == 0
    told = capsys.readouterr().out
    requirement = requirements.load()[id_.upper()]
    for part in ("  sources:\n", "  judged by:\n", "  violated on purpose by", "  to pass:"):
        assert part in told
    assert all(f"    {source}: " in told for source in requirement.sources)
    if requirement.operation:
        assert "HTTP/1.1 20" in told
