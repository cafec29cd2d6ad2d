"""Judging servers without pytest: the same cases, the same judgements, and a sample of both kinds.

All faults and variants are tried by `deltacloud-tck prove`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tck.checks
from tck.checks.support.cases import MOCK_CREDENTIALS, cases
from tck.endpoint.direct import Direct
from tck.endpoint.exchange import Exchange
from tck.endpoint.transport import Transport
from tck.prove import campaign
from tck.prove.altered.alteration import Alteration
from tck.prove.campaign import try_fault, try_variant, try_variants
from tck.prove.faults import Fault, faults
from tck.prove.plan import affected, order, together, united
from tck.prove.remembering import Remembering
from tck.prove.trial import HOST, Trace, judge
from tck.prove.variants import Variant, variants
from tck.reference_server.embedded import Unserved
from tck.report.ledger import Ledger

# One of every area, and no two found by the same check or rule.
SAMPLE = [
    *("address-without-type", "href-relative", "json-list-bare", "reference-to-another-image"),
    *("stop-does-nothing", "start-starts-all", "destroy-in-any-state", "realm-ignored"),
    *("sizes-unbounded", "key-not-destroyed", "blob-ends-at-nul", "first-rule-deleted"),
    *("only-user-checked", "session-cookie", "qualities-ignored", "errors-in-plain-text"),
    *("head-not-offered", "etag-never-the-same", "range-inverted", "no-answer-to-delete"),
]


def test_cases_are_those_that_pytest_collects() -> None:
    folder = str(Path(tck.checks.__file__).parent)
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    listed = subprocess.run([*command, folder], capture_output=True, text=True, check=True)
    lines = [line for line in listed.stdout.splitlines() if "::" in line]
    collected = [
        Path(file).stem + "." + name for file, _, name in (s.partition("::") for s in lines)
    ]
    assert sorted(case.name for case in cases()) == sorted(collected)


@pytest.fixture
def both_ways() -> Iterator[tuple[Transport, Transport]]:
    """The same server called directly and over a socket."""
    mock = Alteration("t", (), "mock")
    with mock.server() as server:
        there = Transport(server.url, MOCK_CREDENTIALS)
        here = Direct(f"{HOST}/api", MOCK_CREDENTIALS, Unserved(mock.app()))
        yield here, there
        there.close()


@pytest.mark.parametrize(
    ("method", "target", "options"),
    [
        ("GET", "", {}),
        ("HEAD", "/realms", {}),
        ("GET", "/realms?id=us&_=1", {}),
        ("GET", "/realms/a%20b%2Fc%3B;x=1", {}),
        ("GET", ";driver=ec2/realms", {}),
        ("OPTIONS", "/images", {}),
        ("POST", "/keys", {"form": {"name": "é & <x>"}}),
        ("POST", "/keys", {"files": {"name": (None, "multi")}}),
        ("PUT", "/buckets/bucket1/b", {"body": b"\0\xff", "headers": {"Content-Type": "a/b"}}),
        ("DELETE", "/keys/none", {}),
        ("GET", "/realms", {"credentials": None}),
        ("GET", "/realms", {"headers": {"X-Deltacloud-Provider": "Ü".encode().decode("latin-1")}}),
    ],
)
def test_called_directly_a_server_answers_as_over_a_socket(
    both_ways: tuple[Transport, Transport], method: str, target: str, options: dict[str, object]
) -> None:
    here, there = (t.send(method, target, **options) for t in both_ways)  # type: ignore[arg-type]

    def told(x: Exchange) -> tuple[object, ...]:
        own, left = x.base.split("/")[2].encode(), {"x-backend-runtime", "content-length"}
        names = sorted({name.lower() for name, _ in x.headers} - left - {"etag"})
        body = re.sub(rb"(?s)<(pem|fingerprint)>.*?</", b"", x.body)  # made by chance
        return x.status, x.failure, names, body.replace(own, b"HOST")

    assert told(here) == told(there)


def test_what_is_remembered_is_judged_alike() -> None:
    plain, first, second = Ledger(), Remembering(), Remembering()
    app = Unserved(Alteration("t", (), "mock").app())
    for ledger in (plain, first, second):
        transport = Direct(f"{HOST}/api", MOCK_CREDENTIALS, app)
        transport.observers.append(ledger.observe)
        for target in ("", "/realms", "/images/img1", "/realms/none", "/nothing"):
            transport.send("GET", target)
    for ledger in (first, second):
        assert ledger.examined == plain.examined
        assert set(ledger.findings) == set(plain.findings)


def test_promising_cases_come_first() -> None:
    some, other, rest = cases()[:3]
    fault = Fault("f", (), text="does X", violates=("X-1",))
    seen = {
        some.name: Trace(frozenset({"X-2"}), frozenset(), frozenset(), 1),
        other.name: Trace(frozenset({"X-1"}), frozenset(), frozenset(), 2),
        rest.name: Trace(frozenset({"X-2"}), frozenset(), frozenset(), 3),
    }
    assert order(fault, seen)[0] is other


def test_a_variant_is_tried_where_it_differs() -> None:
    some, other, *rest = cases()
    seen = {
        case.name: Trace(frozenset(), frozenset({"keys.index"}), frozenset(), 1)
        for case in (other, *rest)
    }
    seen[some.name] = Trace(
        frozenset(), frozenset({"keys.index", "!images.create"}), frozenset(), 1
    )
    known = variants()
    assert affected(known["image-not-offered-501"], seen) == [some]  # refusals of images.create
    assert affected(known["register-204"], seen) == []
    assert affected(known["range-ignored"], seen) == []  # nobody asked for a content
    assert affected(known["cloud-rounds-capacity-up"], seen) == []
    for everywhere in ("persona-full", "etag-weak", "extra-collection", "conditions-ignored"):
        assert len(affected(known[everywhere], seen)) == len(cases())
    del seen[other.name]
    assert affected(known["register-204"], seen) == [other]  # not seen: not known


def test_a_server_without_a_fault_is_not_convicted(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = Fault("sound", (), "mock", text="is right", violates=("DC-DOC-005",))
    monkeypatch.setattr("tck.prove.campaign.faults", lambda: {"sound": sound})
    monkeypatch.setattr("tck.prove.campaign.order", lambda _fault, _seen: cases()[:40])
    outcome = try_fault("sound")
    assert not outcome.detected
    assert outcome.tied == {"DC-DOC-005": []}


def test_a_server_that_is_no_endpoint_is_unfit() -> None:
    broken = faults()["entry-point-root-renamed"]
    trial = judge(broken, cases()[:1])
    assert "not a Deltacloud entry point" in trial.unfit
    assert "DC-DOC-003" in trial.found_by


@pytest.mark.parametrize("name", SAMPLE)
def test_a_sample_of_faults_is_found(name: str) -> None:
    outcome = try_fault(name)
    assert outcome.detected, outcome.tied


@pytest.mark.parametrize("name", ["persona-mock", "ids-with-slashes", "xml-in-apostrophes"])
def test_a_sample_of_variants_is_not_blamed(name: str) -> None:
    assert name in variants()
    outcome = try_variant(name)
    assert outcome.alarms == {}


def test_variants_that_differ_in_unrelated_things_are_one_server() -> None:
    groups = together(variants())
    assert sorted(name for group in groups for name in group) == sorted(variants())
    several = [group for group in groups if len(group) > 1]
    assert several
    for group in several:
        members = [variants()[name] for name in group]
        assert len({member.area for member in members}) == len(members)
        assert united(members).changes == tuple(c for m in members for c in m.changes)
        assert not any(m.deviates or m.lacks or m.seen_at for m in members)
        assert sum(bool(m.warns) for m in members) <= 1
        options = [name for member in members for name in member.options]
        assert len(set(options)) == len(options)


def test_the_one_that_is_blamed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Variant("wrong", faults()["key-forgotten"].changes, "full")
    group = ["xml-compact", "wrong"]
    monkeypatch.setattr("tck.prove.campaign.variants", lambda: {**variants(), "wrong": wrong})
    monkeypatch.setattr(
        "tck.prove.campaign.cases", lambda: [c for c in cases() if c.check.startswith("keys.")]
    )
    monkeypatch.setattr("tck.prove.campaign.affected", lambda *_: campaign.cases())
    compact, blamed = try_variants(group)
    assert (compact.name, compact.alarms) == ("xml-compact", {})
    assert "DC-KEY-005" in blamed.alarms
