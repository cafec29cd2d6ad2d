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
    known = requirements.load()
    unknown = {
        (str(page.relative_to(PROJECT)), id_)
        for page in NAMED
        for id_ in _ID.findall(page.read_text("utf-8"))
        if id_ not in known
    }
    assert unknown == set()


def test_dead_links_are_seen(tmp_path: Path) -> None:
    written = tmp_path / "page.md"
    written.write_text(
        "[a](absent.md) [b](#nowhere) [c](https://x.example) `[d](e)`\n# There\n[f](#there)"
    )
    assert list(dead(written, tmp_path)) == ["absent.md", "#nowhere"]
