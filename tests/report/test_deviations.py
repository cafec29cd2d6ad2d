"""Accepted deviations: what they cover, when they end, and files that are wrong."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from endpoint.exchanges import exchange

from tck.endpoint.exchange import Exchange
from tck.report.deviations import BadDeviations, Deviation, Deviations, load
from tck.report.ledger import Ledger
from tck.report.result import Scope, Status
from tck.rules.judgement import Judgement

from .made import MUST, SHOULD, deviation, finding, ledger_with, result_of

TODAY = datetime.datetime.now(datetime.UTC).date()
KEYS = exchange("/keys", "<keys/>", id="keys.xml")


@pytest.mark.parametrize(
    ("narrowed", "requirement", "place", "x", "covered"),
    [
        ({}, MUST, "status", KEYS, True),
        ({}, MUST, "status", None, True),
        ({}, SHOULD, "status", KEYS, False),
        ({"where": {"operations": ("keys.*",)}}, MUST, "status", KEYS, True),
        ({"where": {"operations": ("images.*", "keys.index")}}, MUST, "status", KEYS, True),
        ({"where": {"operations": ("keys.show",)}}, MUST, "status", KEYS, False),
        ({"where": {"operations": ("keys.*",)}}, MUST, "status", None, False),
        ({"where": {"operations": ("none",)}}, MUST, "status", exchange("/nowhere"), True),
        ({"where": {"places": ("/keys/*",)}}, MUST, "/keys/key[1]", KEYS, True),
        ({"where": {"places": ("/keys/*",)}}, MUST, "status", KEYS, False),
        ({"where": {"exchanges": ("keys.???",)}}, MUST, "status", KEYS, True),
        ({"where": {"exchanges": ("KEYS.xml",)}}, MUST, "status", KEYS, False),
        (
            {"where": {"operations": ("keys.*",), "places": ("Location",)}},
            MUST,
            "status",
            KEYS,
            False,
        ),
        ({"expires": TODAY}, MUST, "status", KEYS, True),
        ({"expires": TODAY - datetime.timedelta(1)}, MUST, "status", KEYS, False),
    ],
)
def test_what_an_entry_covers(
    narrowed: dict[str, Any], requirement: str, place: str, x: Exchange | None, covered: bool
) -> None:
    entry = deviation(**narrowed)
    found = Deviations((entry,)).covering(finding(requirement, place), x)
    assert found is (entry if covered else None)


def judged(entry: Deviation, *judgements: Judgement, whole: bool = True) -> Deviations:
    ledger = Ledger(Deviations((entry,)))
    for judgement in judgements:
        ledger.record("check", judgement, KEYS)
    ledger.end_check(whole=whole)
    return ledger.deviations


RIGHT = Judgement(MUST, True, "status", "200", 200)


@pytest.mark.parametrize(
    ("narrowed", "judgements", "stale"),
    [
        ({}, [], False),  # its subject did not occur
        ({}, [RIGHT], True),
        ({}, [Judgement(SHOULD, True, "status", "200", 200)], False),
        ({}, [RIGHT, finding()], False),
        ({"where": {"operations": ("images.*",)}}, [RIGHT], False),
        ({"where": {"places": ("status",)}}, [RIGHT], True),
        (
            {"where": {"places": ("/keys/key*",)}},
            [Judgement(MUST, True, "*", "keys", 1)],
            True,
        ),  # right as a whole
        ({"expires": TODAY - datetime.timedelta(1)}, [RIGHT, finding()], False),
        ({"expires": TODAY - datetime.timedelta(1)}, [RIGHT], True),
        ({"by_chance": True}, [RIGHT], False),
    ],
)
def test_stale_is_what_was_examined_and_is_right_now(
    narrowed: dict[str, Any], judgements: list[Judgement], stale: bool
) -> None:
    assert bool(judged(deviation(**narrowed), *judgements).stale) == stale


def test_a_check_that_ended_early_refutes_nothing() -> None:
    """It may not have come to where the deviation shows."""
    assert not judged(deviation(), RIGHT, whole=False).stale


@pytest.mark.parametrize(
    ("entry", "collection", "accepted"),
    [
        ({"leaves": ("keys", "addr*")}, "addresses", True),
        ({"leaves": ("keys", "addr*")}, "instances", False),
        ({}, "addresses", False),
        ({"leaves": ("*",), "expires": TODAY - datetime.timedelta(1)}, "addresses", False),
        ({"leaves": ("*",), "where": {"statuses": ("500",)}}, "addresses", False),  # it was 200
    ],
)
def test_what_may_stay_behind_is_what_an_entry_says_and_the_answer_shows(
    entry: dict[str, Any], collection: str, accepted: bool
) -> None:
    known = Deviations((deviation(**entry),))
    assert bool(known.leaving(collection, [(finding(), KEYS)])) == accepted
    assert not known.leaving(collection, [(RIGHT, KEYS)])
    assert not known.leaving(collection, [])


# ---------------------------------------------------------------- files

GOOD = """\
deviations:
  - requirement: DC-HTTP-017
    reason: ETag is the bare MD5 of the body
    owner: A. Nother
    date: 2026-11-22
    expires: 2027-11-22
    defect: B20
    operations: [images.*]
"""


def test_a_good_file(tmp_path: Path) -> None:
    file = tmp_path / "known.yaml"
    file.write_text(GOOD, "utf-8")
    [entry] = load(file).entries
    assert entry == Deviation(
        1,
        "DC-HTTP-017",
        "ETag is the bare MD5 of the body",
        "A. Nother",
        datetime.date(2026, 11, 22),
        datetime.date(2027, 11, 22),
        "B20",
        {"operations": ("images.*",)},
    )


def test_what_nobody_will_mend_never_expires(tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text(GOOD.replace("2027-11-22", "never"), "utf-8")
    [entry] = load(tmp_path / "known.yaml").entries
    assert (entry.expires, entry.expired) == (None, False)


@pytest.mark.parametrize(
    ("excuse", "violated", "code"),
    [
        ({"expires": TODAY}, True, 0),
        ({"expires": TODAY - datetime.timedelta(1)}, True, 1),
        ({"expires": TODAY - datetime.timedelta(1)}, False, 1),
        ({"expires": None}, False, 1),
        ({"expires": None, "where": {"places": ("elsewhere",)}}, False, 0),
        ({"expires": None, "where": {"places": ("elsewhere",)}}, True, 1),
    ],
)
def test_stale_and_expired_entries_fail_a_run(
    excuse: dict[str, Any], violated: bool, code: int
) -> None:
    judged = finding() if violated else Judgement(MUST, True, "status", "200", 200)
    known = Deviations((deviation(**excuse),))
    result = result_of(ledger_with(judged, deviations=known), scope=Scope.RECORDING)
    assert result.exit_code == code
    assert result.counts[Status.EXCLUDED] == (violated and code == 0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "needs a list named deviations"),
        ("deviations: {}", "needs a list named deviations"),
        ("- DC-HTTP-017", "needs a list named deviations"),
        ("deviations: [a]", "deviation 1 is not a mapping"),
        ("deviations: [{}]", "deviation 1 lacks requirement, reason, owner, date, expires"),
        (GOOD.replace("    owner: A. Nother\n", ""), "deviation 1 lacks owner"),
        (GOOD.replace("A. Nother", '""'), "deviation 1 lacks owner"),
        (GOOD.replace("defect", "bug"), "unknown members: bug"),
        (GOOD.replace("DC-HTTP-017", "DC-HTTP-999"), "there is no requirement DC-HTTP-999"),
        (GOOD.replace("DC-HTTP-017", "[1]"), "requirement must be text"),
        (GOOD.replace("date: 2026-11-22", "date: yesterday"), "date must be a date"),
        (GOOD.replace("    expires: 2027-11-22\n", ""), "deviation 1 lacks expires"),
        (GOOD.replace("expires: 2027-11-22", "expires: someday"), "expires must be a date"),
        (GOOD.replace("2027-11-22", "2026-11-21"), "deviation 1 expires before it begins"),
        (GOOD.replace("2027-11-22", "2027-11-22 10:00:00"), "expires must be a date"),
        (GOOD.replace("[images.*]", "images.*"), "operations must be a list"),
        (GOOD.replace("[images.*]", ""), "operations must be a list"),
        (GOOD + "  - 1: 2", "deviation 2 lacks"),
        (GOOD.replace("    defect", "    7: 8\n    defect"), "unknown members: 7"),
        ("deviations: [\x00]", "not YAML"),
        ("deviations: [", "not YAML"),
        ("deviations: !!python/object:os.system []", "not YAML"),
        ("a: &a [*a]\ndeviations: *a", "deviation 1"),
        ("deviations: " + "[" * 3000, "nested more than 20 deep"),
        (GOOD.replace("2027-11-22", "2027-13-22"), "a date, or a value with a tag"),
        (GOOD.replace("DC-HTTP-017", '"\\UFFFFFFFF"'), "a date, or a value with a tag"),
        ("a: &a [x, x]\nb: &b [*a, *a]\n" + GOOD.replace("A. Nother", "*b"), "owner must be text"),
        (GOOD + "#" * (128 << 10), "larger than 128 KiB"),
        (b"\xff\xfe", "not UTF-8 text (byte 0)"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    file = tmp_path / "known.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BadDeviations) as refused:
        load(file)
    message = str(refused.value)
    assert message.startswith(f"{file}: ")
    assert said in message
    assert "\n" not in message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(BadDeviations) as refused:
            load(path)
        assert str(path) in str(refused.value)
