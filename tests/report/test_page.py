"""report.html: well-formed, silent, complete."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tck.report import html, wording
from tck.report.result import Result
from tck.requirements import levels
from tck.requirements.sources_page import GROUPS

from .made import MUST, rich


class Outline(HTMLParser):
    """Reads a page and remembers what is wrong with its nesting."""

    VOID = ("meta", "br", "link", "img", "input", "hr")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.handlers: list[str] = []
        self.wrong: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            self.handlers += [name] if name.startswith("on") else []
            self.ids += [str(value)] if name == "id" else []
            self.targets += [str(value)] if name in ("href", "src") else []

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        self.text += data


def outline(page: str) -> Outline:
    found = Outline()
    found.feed(page)
    found.close()
    return found


def test_page_is_well_formed_and_does_nothing(result: Result) -> None:
    page = html.render(result)
    found = outline(page)
    assert page.startswith("<!DOCTYPE html>")
    assert (found.wrong, found.open) == ([], [])
    assert (found.tags["h1"], found.tags["title"], found.tags["main"]) == (1, 1, 1)
    assert found.tags["script"] == found.tags["iframe"] == 0
    assert found.handlers == []
    assert all(target.startswith("#") for target in found.targets), "nothing is fetched"


def test_links_of_the_page_lead_somewhere_once(result: Result) -> None:
    found = outline(html.render(result))
    assert [id_ for id_, count in Counter(found.ids).items() if count > 1] == []
    assert {target.removeprefix("#") for target in found.targets} <= set(found.ids)


def test_page_tells_the_findings() -> None:
    text = outline(html.render(rich())).text
    for said in ("Kit error", MUST, "curl -i -X POST", "keys k1: http", "known since 2011"):
        assert said in text, said
    assert "no longer occurs" in text


def test_page_can_be_written(result: Result, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_bytes(html.content(result))
    assert (tmp_path / "report.html").read_text("utf-8").count("<h1>") == 1


def test_page_tells_what_was_taken_out_of_the_set(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = levels.Exclusion("DC-KEY-005", "2027-01-31", "a cloud without keys cannot meet it")
    wanted = replace(levels.load(), exclusions=(gone,))
    monkeypatch.setattr(levels, "load", lambda _version: wanted)
    text = outline(html.render(rich())).text
    assert "DC-KEY-005 has not counted since 2027-01-31: a cloud without keys" in text


def test_words_mean_the_same_in_the_report_and_in_the_glossary() -> None:
    glossary = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text("utf-8")
    text = outline(html.render(rich())).text
    for status, meaning in wording.MEANINGS.items():
        assert f"| `{status}` | {wording.STATUSES[status]} | {meaning} |" in glossary
        assert meaning in text
    for term, meaning in wording.TERMS.items():
        assert f"| **{term}** | {meaning}" in glossary
        assert meaning in text


def test_report_and_glossary_explain_every_kind_of_source() -> None:
    glossary = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text("utf-8")
    text = outline(html.render(rich())).text
    for letters, (title, _) in GROUPS.items():
        assert title in text
        assert re.search(rf"^\| ({letters})[\d.-]* \| ", glossary, re.MULTILINE), letters
