"""Asking at once by way of the doors of a run, and what the reference server makes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tck import requirements
from tck.checks.support.at_once import histories
from tck.checks.support.cases import MOCK_CREDENTIALS
from tck.checks.support.client import Call, NotOurs, OverBudget, PastCustody, ReadOnly
from tck.checks.support.cloud import Cloud
from tck.checks.support.policy import RunPolicy
from tck.checks.support.session import discover
from tck.checks.support.verify import Verify
from tck.endpoint.direct import Direct
from tck.endpoint.exchange import Exchange
from tck.prove.altered.alteration import Alteration
from tck.prove.variants import variants
from tck.reference_server.embedded import unserved
from tck.safety.budget import Budget, Meter
from tck.safety.journal import Journal

from .histories import unexplained

BASE = "http://endpoint.test/api"


def connected(
    app: Any = None, journal: Journal | None = None, budget: Budget | None = None, **policy: Any
) -> Cloud:
    app = app or unserved(driver="full")[1]
    transport = Direct(BASE, MOCK_CREDENTIALS, app)
    capabilities = discover(transport)
    meter = Meter(budget or Budget())
    return Cloud(transport, capabilities, journal or Journal(), "r", RunPolicy(**policy), meter)


@contextmanager
def verifying() -> Iterator[tuple[Verify, list[str]]]:
    reasons: list[str] = []
    nothing = lambda *_: None  # noqa: E731
    note = lambda reason, _: reasons.append(reason)  # noqa: E731
    yield Verify("t", requirements.load(), nothing, note, nothing, lambda _: (200,)), reasons


def test_the_reference_server_passes_histories() -> None:
    """`make histories` makes ten thousand."""
    assert list(unexplained(60, seed=7)) == []


def test_creates_at_once_are_written_down_before_any_is_sent(tmp_path: Path) -> None:
    file, seen = tmp_path / "journal.jsonl", list[list[str]]()
    cloud = connected(journal=Journal(file, run="r", endpoint=BASE))

    def events(_x: Exchange) -> None:
        seen.append([json.loads(line)["event"] for line in file.read_text("utf-8").splitlines()])

    cloud.transport.observers.append(events)
    outcomes = cloud.create_at_once("keys", [{}, {}, {}])
    assert [one.exchange.status for one, _ in outcomes] == [201] * 3
    assert len({resource.id for _, resource in outcomes if resource}) == 3
    assert seen[-1] == ["run", "inventory", "intent", "intent", "intent"]
    assert [r for _, r in outcomes] == cloud.journal.live
    cloud.remove_others([])
    assert cloud.journal.live == []
    assert cloud.journal.unanswered == []


def test_of_creates_of_one_name_the_refused_are_no_orphans() -> None:
    cloud = connected()
    outcomes = cloud.create_at_once("keys", [{"name": "same"}] * 3)
    assert sorted(one.exchange.status for one, _ in outcomes) == [201, 403, 403]
    assert [r.id for r in cloud.journal.live] == ["same"]
    assert cloud.journal.unanswered == []


def test_no_more_instances_at_once_than_the_run_may_have() -> None:
    cloud = connected(budget=Budget(live=2))
    sent = cloud.transport.observers
    asked: list[str] = []
    sent.append(lambda x: asked.append(x.request.method))
    with pytest.raises(OverBudget, match="--max-live"):
        cloud.create_at_once("instances", [{"image_id": "img1"}] * 3)
    assert "POST" not in asked
    assert cloud.meter.live == 0
    outcomes = cloud.create_at_once("instances", [{"image_id": "img1"}] * 2)
    assert [one.exchange.ok for one, _ in outcomes] == [True, True]
    assert cloud.meter.live == 2


def test_blobs_at_once_are_journalled_once() -> None:
    cloud = connected()
    _, where = cloud.create("buckets", {})
    assert where is not None
    puts = [Call("PUT", name, body=b"x") for name in ("a", "a", "b")]
    landed, blobs = cloud.store_blobs_at_once(where, puts, [Call("GET", where.href)])
    assert [one.exchange.status for one in landed] == [200] * 4
    assert [blob and blob.id for blob in blobs] == ["a", "a", "b"]
    assert [r.id for r in cloud.journal.live] == [where.id, "a", "b"]


def test_the_doors_are_the_same_as_for_one_request() -> None:
    with pytest.raises(ReadOnly):
        connected(read_only=True).at_once([Call("GET", "/keys"), Call("DELETE", "/keys/k")])
    cloud = connected()
    with pytest.raises(PastCustody):
        cloud.at_once([Call("POST", "/keys", {"name": "k"})])
    with pytest.raises(NotOurs):
        cloud.at_once([Call("DELETE", "/instances/inst1")])


@pytest.mark.parametrize(
    ("app", "options", "reason"),
    [
        (None, {"histories": 0}, "in this profile nothing"),
        (None, {"budget": Budget(rate=1000.0)}, "kept apart"),
        ("one-request-at-a-time", {}, "does not answer two requests at once"),
    ],
)
def test_where_nothing_can_be_asked_at_once_nothing_is_said(
    app: str | None, options: dict[str, Any], reason: str
) -> None:
    cloud = connected(variants()[app].app() if app else None, **options)
    with verifying() as (verify, reasons), pytest.raises(pytest.skip.Exception):
        next(histories(cloud, verify))
    assert reason in reasons[0]


def test_histories_are_as_many_as_the_profile_says_and_clean_up_after_each() -> None:
    cloud = connected(histories=6)
    with verifying() as (verify, _):
        clients, live = [], []
        for _, count in histories(cloud, verify, share=2):
            live.append(len(cloud.journal.live))
            clients.append(count)
            cloud.create("keys", {})
    assert clients == [2, 3, 4]
    assert live == [0, 0, 0]


def test_a_request_knows_what_was_under_way_beside_it() -> None:
    subject = Alteration("t", (), "full")
    app, beside = subject.app(), list[tuple[str, ...]]()
    answered = app._answered

    def noting(asked: Any, start: Any) -> Any:
        beside.append(tuple(other.operation for other in asked.beside))
        return answered(asked, start)

    app._answered = noting  # type: ignore[method-assign]
    cloud = connected(app)
    beside.clear()
    cloud.at_once([Call("GET", "/keys"), Call("GET", "/realms")])
    cloud.index("keys")
    assert beside == [(), ("keys.index",), ()]
