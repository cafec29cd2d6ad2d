"""The ledger: counts, findings told once, and the same when it is put together of parts."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from endpoint.exchanges import exchange
from growth import assert_linear
from hypothesis import given
from hypothesis import strategies as st

from tck.endpoint.limits import ReportLimits
from tck.endpoint.redaction import HIDDEN, Redactor
from tck.report.deviations import Deviations
from tck.report.ledger import OTHER_PLACES, Ledger
from tck.rules.judgement import Judgement

from .made import MUST, OTHER_MUST, SHOULD, deviation, finding, ledger_with


def test_findings_are_told_once_with_their_count() -> None:
    ledger = Ledger()
    for number in range(30):
        place = f"/keys/key[{number}]/@href"
        ledger.record("rule", finding(place=place), exchange("/keys", "<keys/>", id=f"x{number}"))
    [kept] = ledger.findings.values()
    assert (kept.count, kept.place) == (30, "/keys/key[0]/@href")
    assert kept.exchanges == [f"x{number}" for number in range(20)]
    assert kept.exchange is not None
    assert kept.exchange["id"] == "x0"
    assert ledger.examined[MUST] == 30


@pytest.mark.parametrize(
    ("by", "judgement"),
    [
        ("other", finding()),
        ("http.success_status", finding(SHOULD)),
        ("http.success_status", finding(place="Location")),
    ],
)
def test_other_rule_requirement_or_place_is_another_finding(by: str, judgement: Judgement) -> None:
    ledger = ledger_with(finding())
    ledger.record(by, judgement)
    assert len(ledger.findings) == 2


def test_a_good_judgement_only_counts() -> None:
    ledger = ledger_with(Judgement(MUST, True, "status", "200", 200))
    assert ledger.examined[MUST] == 1
    assert not ledger.findings


def test_evidence_comes_later_if_the_first_had_none() -> None:
    ledger = Ledger()
    ledger.record("check", finding())
    ledger.record("check", finding(), exchange("/keys", "<keys/>", id="x9"))
    [kept] = ledger.findings.values()
    assert kept.exchange is not None
    assert kept.exchange["id"] == "x9"
    assert kept.curl.startswith("curl ")


def test_what_is_written_down_is_redacted() -> None:
    ledger = Ledger(redactor=Redactor(["s3cret"]))
    x = exchange("/keys/s3cret", "<key>s3cret</key>", sent={"X-Token": "s3cret"})
    judgement = Judgement(MUST, False, "/s3cret", "not s3cret", "s3cret")
    ledger.record("rule", judgement, x, steps=[x, x])
    ledger.kit_error(MUST, "it broke with s3cret")
    told = json.dumps(ledger.dump())
    assert "s3cret" not in told
    assert told.count(HIDDEN) >= 7


def test_the_first_accepted_deviation_that_covers_counts() -> None:
    narrow = deviation(number=1, where={"places": ("Loc*",)})
    ledger = Ledger(Deviations((narrow, deviation(number=2))))
    for place in ("Location", "status", "status"):
        ledger.record("rule", finding(place=place), exchange("/keys"))
    assert [entry.used for entry in ledger.deviations.entries] == [1, 2]
    assert sorted(f.deviation or 0 for f in ledger.findings.values()) == [1, 2]


def test_hostile_text_can_be_written_down() -> None:
    """Half a surrogate pair, legal in JSON by an escape, cannot be encoded."""
    body = json.dumps({"key": {"id": "\ud800", "href": "http://127.0.0.1:3001/api/keys/k"}})
    ledger = Ledger()
    ledger.observe(exchange("/keys/k", body, format="json"))
    ledger.kit_error(MUST, "\udfff")
    assert ledger.findings
    json.dumps(ledger.dump(), ensure_ascii=False).encode()


# ---------------------------------------------------------------- merging

PLACES = ("status", "Location", "/keys/key[1]", "/keys/key[2]")
JUDGED = st.tuples(
    st.sampled_from([MUST, SHOULD]), st.booleans(), st.sampled_from(PLACES), st.integers(1, 60)
)


def _record(ledger: Ledger, requirement: str, ok: bool, place: str, number: int) -> None:
    x = exchange("/keys", "<keys/>", id=f"x{number}")
    ledger.record("rule", Judgement(requirement, ok, place, "a", "b"), x)
    ledger.requests += 1


def _ledger() -> Ledger:
    return Ledger(
        Deviations((deviation(SHOULD, where={"places": ("Location",)}), deviation("DC-KEY-001", 2)))
    )


@given(judged=st.lists(st.tuples(JUDGED, st.integers(0, 2)), max_size=60))
def test_parts_merged_equal_the_whole(judged: list[tuple[tuple[str, bool, str, int], int]]) -> None:
    whole, parts = _ledger(), [_ledger(), _ledger(), _ledger()]
    # a worker's exchanges come together, so the whole sees them in the same order
    for values, worker in sorted(judged, key=lambda pair: pair[1]):
        _record(whole, *values)
        _record(parts[worker], *values)
    merged = _ledger()
    for part in parts:
        merged.merge(json.loads(json.dumps(part.dump())))
    assert merged.dump() == whole.dump()


def test_reasons_and_errors_of_parts_are_kept() -> None:
    part = Ledger()
    part.inconclusive(MUST, "nothing to examine")
    part.kit_error(SHOULD, "it broke")
    merged = Ledger()
    merged.inconclusive(MUST, "the first reason")
    merged.merge(part.dump())
    assert merged.reasons == {MUST: "the first reason"}
    assert merged.kit_errors == {SHOULD: "it broke"}


def test_evidence_of_a_part_is_kept_where_the_other_had_none() -> None:
    first, second = Ledger(), ledger_with(finding())
    first.record("http.success_status", finding())
    first.merge(second.dump())
    [kept] = first.findings.values()
    assert kept.count == 2
    assert kept.exchange is not None
    assert kept.curl


# ---------------------------------------------------------------- limits


class Counting(Redactor):
    """Counts the texts and exchanges that it is given."""

    calls = 0

    def text(self, value: str) -> str:
        self.calls += 1
        return super().text(value)


def test_a_finding_that_repeats_is_redacted_once() -> None:
    redactor = Counting()
    ledger, x = Ledger(redactor=redactor), exchange("/keys", "<keys/>")
    ledger.record("rule", finding(), x)
    first = redactor.calls
    for number in range(100):
        ledger.record("rule", finding(place="status", got=str(number)), x)
    assert redactor.calls == first
    [kept] = ledger.findings.values()
    assert kept.count == 101


def test_of_findings_beyond_the_limit_only_the_count_is_kept() -> None:
    redactor, limits = Counting(), ReportLimits(findings=8, findings_each=3)
    ledger, x = Ledger(redactor=redactor, limits=limits), exchange("/keys", "<keys/>")
    for number in range(5):
        ledger.record("rule", finding(place=f"/a{number}"), x)
    calls = redactor.calls
    for number in range(100):
        ledger.record("rule", finding(place=f"/b{number}"), x)
    assert redactor.calls == calls
    assert [f.place for f in ledger.findings.values()] == ["/a0", "/a1", "/a2", OTHER_PLACES]
    assert [f.count for f in ledger.findings.values()] == [1, 1, 1, 102]
    for id_ in (OTHER_MUST, SHOULD):
        for number in range(5):
            ledger.record("rule", finding(id_, place=f"/a{number}"), x)
    told = Counter(f.requirement for f in ledger.findings.values() if f.place != OTHER_PLACES)
    assert told == {MUST: 3, OTHER_MUST: 3, SHOULD: 1}  # one at least
    assert sum(f.count for f in ledger.findings.values()) == ledger.examined.total() == 115


def test_accepted_deviations_take_no_room_from_violations() -> None:
    accepted = Deviations((deviation(where={"places": ("/a*",)}),))
    ledger = Ledger(accepted, limits=ReportLimits(findings_each=2))
    for place in ("/a1", "/a2", "/a3", "/b"):
        ledger.record("rule", finding(place=place), exchange("/keys", "<keys/>"))
    [violation] = [f for f in ledger.findings.values() if f.deviation is None]
    assert violation.place == "/b"
    assert violation.exchange is not None


def test_limits_hold_for_what_other_processes_found() -> None:
    limits = ReportLimits(findings_each=3)
    merged = Ledger(limits=limits)
    for worker in "abc":
        part = Ledger(limits=limits)
        for number in range(10):
            part.record("rule", finding(place=f"/{worker}{number}"), exchange("/keys", "<keys/>"))
        merged.merge(part.dump())
    assert [f.place for f in merged.findings.values()] == ["/a0", "/a1", "/a2", OTHER_PLACES]
    assert sum(f.count for f in merged.findings.values()) == 30


def test_evidence_is_bounded_however_much_is_sent() -> None:
    limits = ReportLimits(evidence=200_000, findings=10_000, findings_each=10_000, shown=50_000)
    parts = [Ledger(limits=limits) for _ in range(2)]
    for ledger in parts:
        for number in range(300):
            x = exchange(
                "/" + "k" * 3000,
                "\x07\N{EURO SIGN}" * 50_000,
                method="POST",
                form=b"a" * 100_000,
                fields={"X-A": "b" * 30_000},
            )
            ledger.record("rule", finding(place=f"/a{number}", got="c" * 5000), x, [x, x])
    first, *_, last = parts[0].findings.values()
    assert first.size > last.size
    assert sum(f.size for f in parts[0].findings.values()) < 1.2 * limits.evidence
    merged = Ledger(limits=limits)
    for ledger in parts:
        merged.merge(ledger.dump())
    findings = list(merged.findings.values())
    assert len(findings) == 300
    assert sum(f.size for f in findings) < 1.2 * limits.evidence
    assert all(f.exchanges for f in findings)
    assert all(len(f.got) < limits.text + 50 for f in findings)


def test_retries_and_reasons_are_bounded() -> None:
    ledger = Ledger(limits=ReportLimits(retries=3, text=10))
    for number in range(5):
        ledger.retried(f"x{number}")
    ledger.inconclusive(MUST, "a" * 500)
    assert ledger.retries == ["x0", "x1", "x2"]
    assert ledger.reasons[MUST] == "aaaaaaaaaa… 10 of 500 characters kept"
    merged = Ledger(limits=ReportLimits(retries=4))
    for _ in range(2):
        merged.merge(ledger.dump())
    assert merged.retries == ["x0", "x1", "x2", "x0"]


@pytest.mark.parametrize("place", ["/keys/key[{n}]/@href", "/keys/k{n}", "{n}" * 300])
def test_time_grows_with_the_number_of_findings_only(place: str) -> None:
    x = exchange("/keys", "<keys/>" * 20_000)

    def record(size: int) -> None:
        ledger = Ledger(redactor=Redactor(["s3cret"]))
        for n in range(size):
            ledger.record("rule", finding(place=place.format(n=n), got="a" * 300), x)

    assert_linear(record, 2000)
