"""The result as text, on a terminal that an endpoint must not steer."""

from __future__ import annotations

import re

import pytest

from tck import requirements
from tck.report.console import Console
from tck.report.result import Result
from tck.report.wording import visible

from .made import MUST, rich


def test_console_without_colour_has_no_control_characters(result: Result) -> None:
    for line in Console(colour=False, verbose=True).lines(result):
        assert re.search(r"[\x00-\x1f\x7f-\x9f]", line) is None, repr(line)


def test_colours_are_the_kits_own(result: Result) -> None:
    """An endpoint must not be able to steer the terminal."""
    coloured = "\n".join(Console(colour=True, verbose=True).lines(result))
    plain = "\n".join(Console(colour=False, verbose=True).lines(result))
    assert re.sub(r"\x1b\[[0-9;]+m", "", coloured) == plain
    assert coloured != plain


def test_console_can_be_encoded(result: Result) -> None:
    text = "\n".join(Console().lines(result))
    assert text.encode("utf-8").decode("utf-8") == text


def test_console_tells_everything_of_a_finding() -> None:
    text = "\n".join(Console().lines(rich()))
    for said in (
        f"{MUST} MUST",
        requirements.load()[MUST].text,
        "violated 1 of 1 times examined",
        "expected  201",
        "got       200",
        "POST /api/keys",
        "curl -i -X POST",
        "Verdict: kit error",
        "Left behind: keys k1",
        "Stale deviations",
        "known since 2011 (A. Nother)",
    ):
        assert said in text, said


def test_console_lists_the_unexamined_only_when_asked() -> None:
    result = rich()
    reason = "the endpoint has no image to launch"
    assert reason not in "\n".join(Console().lines(result))
    assert reason in "\n".join(Console(verbose=True).lines(result))


def test_table_adds_up() -> None:
    result = rich()
    lines = list(Console().lines(result))
    head = next(n for n, line in enumerate(lines) if line.split()[:2] == ["pass", "fail"])
    rows = lines[head + 1 : head + 1 + len(result.by_area()) + 1]
    cells = [[int(c.replace("·", "0")) for c in re.findall(r"(?<=\s)[\d·]+", row)] for row in rows]
    assert cells[-1] == [sum(column) for column in zip(*cells[:-1], strict=True)]


@pytest.mark.parametrize("sign", ["\x1b", "\x9b", "\u202e", "\u2066", "\u2028", "\ufeff", "\ud800"])
def test_what_steers_a_terminal_or_is_not_seen_is_replaced(sign: str) -> None:
    assert visible(f"a{sign}b") == "a\ufffdb"
