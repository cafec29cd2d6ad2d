"""What is written for people: no dead link, and every requirement that is named exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tck import requirements

PROJECT = Path(__file__).parents[1]
PAGES = sorted(
    [
        *PROJECT.glob("*.md"),
        *(PROJECT / "docs").rglob("*.md"),
        *(PROJECT / "reports" / "sample").glob("*.md"),
        PROJECT / "reports" / "README.md",
        *(PROJECT / "reports" / "sample").glob("*.html"),
    ]
)
NAMED = [*PAGES, *(PROJECT / "docs").rglob("*.yaml"), *(PROJECT / "tck").rglob("*.py")]
_MARKDOWN = re.compile(r"\]\(([^)\s]+)\)")
_HTML = re.compile(r"(?:href|src)=\"([^\"]*)\"")
_ID = re.compile(r"\bDC-[A-Z]{3,4}-\d{3}\b")
# Where sources are cited: everything that people write by hand, code and data included.
CITING = [
    path
    for folder in ("tck", "tests", "docs", "benchmarks", "ci")
    for path in sorted((PROJECT / folder).rglob("*"))
    if path.suffix in (".py", ".md", ".toml", ".yaml", ".yml", ".xsd", ".rng", ".j2", ".html")
    and path.name != "test_documents.py"
]
CITING += [*PROJECT.glob("*.md"), PROJECT / "Makefile"]
_NUMBER = re.compile(r"\b[ABCJMNPRTV][1-9]\d{0,2}\b")
_STANCES = re.compile(r"\bstances? ((?:\d+(?:, | and | to |-)?)+)")
_STANDARD = re.compile(r"RFC[ -]?\d[\w.-]*")


def text_of(page: Path) -> str:
    text = page.read_text("utf-8")
    if page.suffix == ".md":  # what stands in code is no link
        text = re.sub(r"^(```.*?^```|    .*?)$", "", text, flags=re.DOTALL | re.MULTILINE)
        text = re.sub(r"`[^`\n]*`", "", text)
    return text


def anchors(page: Path) -> set[str]:
    """Places in a page that a link can lead to; headings of Markdown as GitHub names them."""
    text = page.read_text("utf-8")
    if page.suffix != ".md":
        return set(re.findall(r"\bid=\"([^\"]+)\"", text))
    headings = re.findall(r"^#+ +(.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def dead(page: Path, root: Path = PROJECT) -> Iterator[str]:
    """Links that lead nowhere, or out of the project."""
    for link in (_MARKDOWN if page.suffix == ".md" else _HTML).findall(text_of(page)):
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not re.match(r"[a-z]+:", link) and not leads(target, fragment, root):
            yield link


def leads(target: Path, fragment: str, root: Path) -> bool:
    if not target.exists() or not target.is_relative_to(root):
        return False
    return not fragment or target.suffix not in (".md", ".html") or fragment in anchors(target)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_no_link_is_dead(page: Path) -> None:
    assert list(dead(page)) == []


def test_every_requirement_that_is_named_exists() -> None:
    known = requirements.load("both")
    unknown = {
        (str(page.relative_to(PROJECT)), id_)
        for page in NAMED
        for id_ in _ID.findall(page.read_text("utf-8"))
        if id_ not in known
    }
    assert unknown == set()


def cited(pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """(file, what the pattern finds in it) of every file that cites."""
    for path in CITING:
        for match in pattern.finditer(path.read_text("utf-8")):
            yield str(path.relative_to(PROJECT)), match[match.re.groups]


def test_every_number_that_is_cited_is_a_source() -> None:
    known = requirements.sources()
    found = set(cited(_NUMBER))
    assert len(found) > 500, "the pattern finds no citations any more"
    assert {(file, number) for file, number in found if number not in known} == set()


def test_every_stance_that_is_cited_exists() -> None:
    page = (PROJECT / "docs" / "stances.md").read_text("utf-8")
    known = set(re.findall(r"^\| (\d+) \|", page, re.MULTILINE))
    found = [(file, n) for file, text in cited(_STANCES) for n in re.findall(r"\d+", text)]
    assert len(found) > 100, "the pattern finds no stances any more"
    assert {(file, number) for file, number in found if number not in known} == set()


def test_standards_are_cited_in_one_of_two_forms() -> None:
    """`RFC 9110 15.3.2` in prose, `RFC9110-15.3.2` where it is a source."""
    known = requirements.sources()
    found = {(file, rfc.rstrip(".-")) for file, rfc in cited(_STANDARD)}
    assert len(found) > 20, "the pattern finds no standards any more"
    assert {
        (file, rfc)
        for file, rfc in found
        if not re.fullmatch(r"RFC \d{4}", rfc) and rfc not in known
    } == set()


# Design documents that the project was written from and that are not part of it.
_ABSENT = re.compile(r"\bfacts,? (?:section )?\d|\bDESIGN(?:,| \d)")


def test_nothing_that_is_not_in_the_project_is_cited() -> None:
    assert _ABSENT.search("facts 7.3")
    assert _ABSENT.search("DESIGN 3")
    assert list(cited(_ABSENT)) == []


def test_dead_links_are_seen(tmp_path: Path) -> None:
    written = tmp_path / "page.md"
    written.write_text(
        "[a](absent.md) [b](#nowhere) [c](https://x.example) `[d](e)`\n# There\n[f](#there)"
    )
    assert list(dead(written, tmp_path)) == ["absent.md", "#nowhere"]
