"""However much an endpoint sends, reports are small and made in time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from endpoint.exchanges import exchange
from growth import assert_linear

from tck import requirements
from tck.endpoint.capabilities import Capabilities, DeclaredFeature
from tck.endpoint.limits import ReportLimits
from tck.report import allure_results, evidence, observed, write
from tck.report.clusters import clusters
from tck.report.console import Console
from tck.report.ledger import Finding, Ledger
from tck.report.result import Result
from tck.report.wording import finding_lines
from tck.rules.judgement import Judgement
from tck.run.outlets import redact

from .made import MUST, result_of

MEBIBYTE = 1 << 20
# Characters that take more room in a form of report than on the wire, and a word without an end.
WORDS = ("\x07", "&", '"', "\N{EURO SIGN}", "\udcff", "a", "'a'", "-", "a1.", "<a ")


def worst(findings: int) -> Ledger:
    """A ledger that has seen so many different findings, each with megabytes, of what is worst."""
    ledger = Ledger()
    ids = list(requirements.load())
    for number in range(findings):
        word = WORDS[number % len(WORDS)]
        text = f"/{number}" + word * 2000
        x = exchange(
            "/" + "k" * (number % 3000),
            (word * 400_000).encode("utf-8", "replace"),
            method="POST",
            form=b"<" * 100_000,
            fields={"X-Long": word * 20_000, "ETag": "&" * 2000},
        )
        judgement = Judgement(ids[number % len(ids)], False, text, text, text)
        ledger.record(f"check[{number}]", judgement, x, [x] * 8)
        ledger.kit_error(judgement.requirement, text)
        ledger.retried(text)
    return ledger


def test_every_form_is_small_and_made_in_time(tmp_path: Path) -> None:
    ledger = worst(1500)
    assert len(ledger.findings) >= ReportLimits().findings
    result, began = result_of(ledger), time.process_time()
    write.write(result, tmp_path / "report")
    allure_results.write(result, tmp_path / "allure", redact)
    printed = "\n".join(Console(verbose=True).lines(result)).encode("utf-8", "replace")
    took = time.process_time() - began
    sizes = {path.name: path.stat().st_size for path in (tmp_path / "report").iterdir()}
    limits = ReportLimits()
    assert sum(sizes.values()) + limits.transcript + limits.har < 100 * MEBIBYTE, sizes
    assert len(printed) < 20 * MEBIBYTE
    assert sum(path.stat().st_size for path in (tmp_path / "allure").iterdir()) < 30 * MEBIBYTE
    assert took < 60


# ---------------------------------------------------------------- nothing quadratic


def finding(**values: str) -> Finding:
    told = {"place": "/a", "expected": "1", "got": "2"} | values
    return Finding(MUST, "rule", told["place"], told["expected"], told["got"], 1)


def shown(body: str, place: str, format_: str = "xml") -> Finding:
    ledger = Ledger(limits=ReportLimits(shown=1 << 24, evidence=1 << 30))
    ledger.record(
        "rule", Judgement(MUST, False, place, "1", "2"), exchange("/", body, format=format_)
    )
    return next(iter(ledger.findings.values()))


@pytest.mark.parametrize(
    ("begin", "word", "end", "place"),
    [
        ("<a><b/><!--", "<b ", "--></a>", "/a/b"),
        ("<a><b/><![CDATA[", "<b ", "]]></a>", "/a/b/@id"),
        ("<a>", "<b/>", "</a>", "/a/b[500]/c"),
        ("<a>", "<b c='1'/>", "</a>", "/a/b/d"),
        ('{"a": ', '"a" ', "}", "/a"),
        ('{"a": "', '\\"', "", "a"),
        ('{"a"', " ", "", "a"),
    ],
)
def test_marking_the_place(begin: str, word: str, end: str, place: str) -> None:
    assert_linear(lambda n: evidence.received(shown(begin + word * n + end, place)), 20_000)


@pytest.mark.parametrize(
    "word", [*WORDS, "a ", "'", '"a', "`", "/", "[1]", "a.a-", "1", "\n", "\t"]
)
def test_texts_of_findings(word: str) -> None:
    def told(size: int) -> None:
        text = word * size
        found = finding(place="/" + text, expected=text, got=text + "!")
        evidence.place_in("{" + text, found)
        evidence.difference(found.expected, found.got)
        ledger = Ledger(limits=ReportLimits(text=1 << 24))
        ledger.record("rule", Judgement(MUST, False, found.place, text, text))
        clusters(result_of(ledger).outcomes)
        kept = Ledger()
        kept.record("rule", Judgement(MUST, False, found.place, text, text))
        list(finding_lines(next(iter(kept.findings.values()))))

    assert_linear(told, 20_000)


def test_marks_within_a_line_are_found_in_time() -> None:
    """Both texts have much in common, but nothing in one piece: the worst for difflib."""
    spread = "".join("a" + chr(300 + n) for n in range(60))
    began = time.process_time()
    evidence.difference(spread, "a" * 120)
    assert time.process_time() - began < 0.2


def test_grouping_findings() -> None:
    def grouped(size: int) -> None:
        ledger = Ledger(limits=ReportLimits(findings=1 << 20, findings_each=1 << 20))
        for n in range(size):
            got = f"'http://elsewhere/{n}' and '{n:08}'"
            by = "http.success_status" if n % 2 else f"keys.test_{n}"
            ledger.record(by, Judgement(MUST, False, f"/a{n}", "'a'", got))
        clusters(result_of(ledger).outcomes)

    assert_linear(grouped, 2000, longest=5)


def with_features(count: int) -> Result:
    names = [f"instances.f{number}" for number in range(count)]
    declared = Capabilities(
        "1", "mock", None, dict.fromkeys(names, ""), dict.fromkeys(names, DeclaredFeature("create"))
    )
    return result_of(Ledger(), capabilities=declared)


def test_what_is_declared() -> None:
    def rows(size: int) -> None:
        result = with_features(size)
        list(observed.features(result))
        list(observed.collections(result))

    assert_linear(rows, 2000)
