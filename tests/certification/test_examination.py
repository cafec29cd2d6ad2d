"""A vendor who writes results.json himself, and signs that, is found out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tck.certification import rejudging
from tck.certification.submission import RESULTS, TRANSCRIPT
from tck.endpoint import files
from tck.endpoint.exchange import Exchange, Headers, Response
from tck.report import json_report, transcript
from tck.report.ledger import Ledger
from tck.rules.judgement import Judgement

from .submissions import forged, reasons, report, signed, submitted

MUST = "DC-INS-020"
Value = dict[str, Any]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return submitted(tmp_path_factory.mktemp("good"))


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with a failing MUST in core."""

    def found(ledger: Ledger) -> None:
        ledger.record("made", Judgement("DC-HTTP-003", False, "status", "201", "200"))

    return report(tmp_path_factory.mktemp("bad"), found)


def entry(value: Value, id_: str) -> Value:
    [found] = [r for r in value["requirements"] if r["id"] == id_]
    assert isinstance(found, dict)
    return found


def drop(value: Value) -> None:
    value["requirements"] = [r for r in value["requirements"] if r["id"] != "DC-HTTP-003"]


def passes(value: Value) -> None:
    entry(value, "DC-HTTP-003")["status"] = "pass"


def whitewash(value: Value) -> None:
    entry(value, "DC-HTTP-003").update(status="pass", findings=[])


def excuse(value: Value) -> None:
    entry(value, "DC-HTTP-003").update(status="excluded")
    entry(value, "DC-HTTP-003")["findings"][0]["deviation"] = 7


@pytest.mark.parametrize(
    ("alter", "why"),
    [
        (drop, "does not mention DC-HTTP-003"),
        (passes, "findings"),
        (whitewash, "do not add up"),
        (excuse, "excused by a deviation that does not exist"),
        (lambda value: None, "no level is met"),
    ],
)
def test_a_failing_requirement_stays(
    alter: Callable[[Value], object], why: str, bad: Path, tmp_path: Path
) -> None:
    told = reasons(forged(tmp_path / "submission", alter, bad_as_submission(bad, tmp_path)))
    assert any(why in reason for reason in told), told


def bad_as_submission(bad: Path, folder: Path) -> Path:
    """Only what a submission has of a report."""
    made = folder / "plain"
    made.mkdir()
    for name in (RESULTS, "report.html", TRANSCRIPT):
        shutil.copy(bad / name, made)
    return made


def claim_and_skip(value: Value) -> None:
    one = entry(value, "DC-INS-037")  # no operation of its own
    one.update(status="not-applicable", examined=0, reason="who needs that")
    recount(value)


def claim_two_accounts_and_skip(value: Value) -> None:
    one = entry(value, "DC-ACC-021")
    one.update(status="not-applicable", examined=0, reason="who needs that")
    value["endpoint"]["two_accounts"] = True
    recount(value)


def recount(value: Value) -> None:
    statuses = [r["status"] for r in value["requirements"]]
    value["summary"]["counts"] = {s: statuses.count(s) for s in set(statuses)}


def unexamined(value: Value) -> None:
    entry(value, MUST)["examined"] = 0


def fewer_collections(value: Value) -> None:
    value["capabilities"]["collections"].remove("instances")
    value["levels"] = [level.to_json() for level in json_report.from_json(value).levels]


def softer(value: Value) -> None:
    entry(value, MUST)["level"] = "SHOULD"


def another_set(value: Value) -> None:
    value["requirement_set"]["digest"] = "a" * 64


def all_levels(value: Value) -> None:
    for level in value["levels"]:
        level["standing"] = "met"
        level["met"] = level["demanded"]


@pytest.mark.parametrize(
    ("alter", "why"),
    [
        (claim_and_skip, "claimed and skipped"),
        (claim_two_accounts_and_skip, "DC-ACC-021 is said to not apply"),
        (unexamined, "but nothing was examined"),
        (fewer_collections, "declares something else in the transcript"),
        (softer, "another level than in the catalogue"),
        (another_set, "is not the one that was frozen"),
        (lambda v: v["levels"].pop(), "levels do not follow"),
        (lambda v: v["levels"][1].update(standing="not met"), "levels do not follow"),
        (lambda v: v["requirements"].append(v["requirements"][0]), "2 times"),
        (lambda v: v["summary"].update(verdict="inconclusive"), "the verdict is given as"),
        (lambda v: v["summary"].update(requests=7), "the run judged 7"),
        (lambda v: v["summary"].update(scope="read-only"), "not a whole one"),
        (lambda v: v["summary"].update(leaks=["keys k1"]), "left resources behind"),
        (lambda v: v["endpoint"].update(profile="smoke"), "examines too little"),
        (lambda v: v.update(transcript=None), "kept no transcript"),
        (lambda v: v.update(capabilities=None), "does not say what the endpoint declares"),
        (lambda v: v["kit"].update(digest="b" * 64), "may have been changed"),
        (lambda v: v["kit"].update(version="9.9.9"), "may have been changed"),
        (lambda v: v["requirements"][0].update(id="DC-XXX-001"), "this kit does not know"),
        (lambda v: v["requirement_set"].update(version="1999.01"), "this kit does not know"),
        (lambda v: v.pop("checks"), "required property"),
    ],
)
def test_what_does_not_follow_is_refused(
    alter: Callable[[Value], object], why: str, good: Path, tmp_path: Path
) -> None:
    told = reasons(forged(tmp_path / "submission", alter, good))
    assert any(why in reason for reason in told), told


def test_a_page_that_tells_another_story_is_refused(good: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(good, tmp_path / "submission")
    page = (folder / "report.html").read_text("utf-8")
    (folder / "report.html").write_text(page.replace("Cloud", "Best cloud") + " ", "utf-8")
    told = reasons(signed(folder, json.loads((folder / RESULTS).read_text("utf-8"))))
    assert told == ["report.html is not what the kit makes of results.json"]


def _altered_transcript(good: Path, folder: Path, old: str, new: str) -> list[str]:
    """A transcript that was changed, with results.json made to fit it."""
    shutil.copytree(good, folder)
    text = (folder / TRANSCRIPT).read_text("utf-8")
    assert old in text
    (folder / TRANSCRIPT).write_text(text.replace(old, new), "utf-8")
    described = transcript.describe(folder / TRANSCRIPT)

    def fit(value: Value) -> None:
        value["transcript"].update(bytes=described.bytes, sha256=described.sha256)

    return reasons(forged(folder, fit, folder))


def test_a_transcript_that_shows_violations_is_refused(good: Path, tmp_path: Path) -> None:
    told = _altered_transcript(good, tmp_path / "s", "<state>RUNNING", "<state>running")
    assert any("of the transcript violates" in reason for reason in told), told


def test_a_transcript_of_another_endpoint_is_refused(good: Path, tmp_path: Path) -> None:
    told = _altered_transcript(good, tmp_path / "s", 'driver=\\"ec2\\"', 'driver=\\"opennebula\\"')
    assert any("declares something else" in reason for reason in told), told


def test_a_transcript_that_is_none_is_refused(good: Path, tmp_path: Path) -> None:
    told = _altered_transcript(good, tmp_path / "s", '{"id"', "{id")
    assert any(TRANSCRIPT in reason for reason in told), told


_VALUES = st.sampled_from([None, -1, 0, 10**30, "", "x", [], {}, True, 0.5, [None], {"a": 1}])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nonsense_is_refused_or_said_in_one_line(
    data: st.DataObject, good: Path, tmp_path: Path
) -> None:
    """Whatever stands where in results.json: an answer comes, not a crash."""

    def alter(value: Value) -> None:
        at: Any = value
        for _ in range(data.draw(st.integers(0, 5))):
            below = list(at.values()) if isinstance(at, dict) else at
            deeper = [v for v in below if isinstance(v, dict | list) and v]
            if not deeper:
                break
            at = data.draw(st.sampled_from(deeper))
        keys = sorted(at) if isinstance(at, dict) else range(len(at))
        at[data.draw(st.sampled_from(keys))] = data.draw(_VALUES)

    shutil.rmtree(tmp_path / "submission", ignore_errors=True)
    try:
        folder = forged(tmp_path / "submission", alter, good)
    except (LookupError, TypeError, ValueError, AttributeError, jinja2.TemplateError):
        return  # the signer's own tools do not even sign it
    for reason in reasons(folder):
        assert "\n" not in reason


def _busy(x: Exchange) -> Exchange:
    """The same request, answered with 503 by something in front of the endpoint."""
    fields = Headers({"Content-Type": "text/html", "Retry-After": "1"})
    answer = Response(503, "", fields, b"<p>busy</p>")
    return replace(x, id="busy", response=answer, disturbance="503, Retry-After: 1")


def test_an_answer_that_did_not_count_is_not_judged_again(tmp_path: Path) -> None:
    def found(ledger: Ledger) -> None:
        ledger.observe(_busy(next(files.read(next(tmp_path.glob("*/*.part"))))))

    folder = report(tmp_path / "report", found, retries=("busy GET /api: 503, Retry-After: 1",))
    told = json_report.from_json(json.loads((folder / RESULTS).read_text("utf-8")))
    assert list(rejudging.contradictions(folder / TRANSCRIPT, told)) == []
    untold = replace(told, retries=())
    assert list(rejudging.contradictions(folder / TRANSCRIPT, untold)) != []


def test_only_a_disturbance_can_be_left_uncounted(good: Path) -> None:
    told = json_report.from_json(json.loads((good / RESULTS).read_text("utf-8")))
    ids = [x.id for x in files.read(good / TRANSCRIPT)]
    hidden = replace(told, retries=tuple(f"{id_} GET: no reason" for id_ in ids))
    assert list(rejudging.contradictions(good / TRANSCRIPT, hidden)) == []
    bare = replace(hidden, outcomes=tuple(replace(o, examined=0) for o in told.outcomes))
    assert list(rejudging.contradictions(good / TRANSCRIPT, bare)) != []
