"""docs/sources.md is fresh, complete and readable."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tck import requirements
from tck.requirements import sources_page

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"


def test_page_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == sources_page.page(), "python -m tck.requirements.sources_page"


def test_every_source_has_one_row() -> None:
    rows = re.findall(r"^\| ([\w.-]+) \| ", sources_page.page(), re.MULTILINE)
    assert sorted(set(rows) - {"#"}) == sorted(requirements.sources())
    assert len([row for row in rows if row != "#"]) == len(requirements.sources())


def test_rows_have_as_many_cells_as_their_heads() -> None:
    width = 0
    for line in sources_page.page().splitlines():
        if line.startswith("|"):
            cells = len(re.findall(r"(?<!\\)\|", line))
            width = cells if line.startswith("| # ") else width
            assert cells == width, line


def test_headings_differ() -> None:
    headings = [line for line in sources_page.page().splitlines() if line.startswith("#")]
    assert len(headings) == len(set(headings))


def test_a_row_tells_statement_behaviour_and_requirements() -> None:
    row = next(line for line in sources_page.page().splitlines() if line.startswith("| A4 |"))
    source = requirements.sources()["A4"]
    citing = [r.id for r in requirements.load("both").values() if "A4" in r.sources]
    assert source.text in row
    assert source.remark in row
    assert row.endswith(f"| {', '.join(citing)} |")


def test_a_row_without_requirement_tells_why() -> None:
    row = next(line for line in sources_page.page().splitlines() if line.startswith("| A20 |"))
    assert requirements.not_requirements()["A20"]["reason"] in row


def test_writes_where_it_is_told(tmp_path: Path) -> None:
    sources_page.main([str(tmp_path / "page.md")])
    assert (tmp_path / "page.md").read_text("utf-8") == sources_page.page()


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a | b", "a \\| b"), ("<b>*", "\\<b>\\*"), ("`<b>*`", "`<b>*`"), ("two\nlines", "two lines")],
)
def test_text_cannot_break_a_table(text: str, shown: str) -> None:
    assert sources_page._text(text) == shown
