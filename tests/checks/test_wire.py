"""Malformed requests at endpoints that are hostile: what is said of them, and how long it takes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from endpoint.sockets import Behave, answer, peer
from endpoint.test_octets import REFUSED, drips, says

from tck.checks.support import session as sessions
from tck.checks.support.cases import MOCK_CREDENTIALS, cases, run_case
from tck.checks.support.check import CheckSpec
from tck.checks.support.cloud import Cloud
from tck.checks.support.policy import RunPolicy
from tck.checks.support.running import reason_to_skip
from tck.checks.support.session import Options
from tck.checks.support.wire import IN_TIME, SANE
from tck.endpoint.exchange import Exchange
from tck.endpoint.limits import Limits
from tck.endpoint.transport import Credentials, Transport
from tck.reference_server.app import create_app
from tck.reference_server.serving import Server
from tck.report.ledger import Ledger
from tck.report.result import NO_WIRE, Scope, Status, conclude
from tck.requirements import load
from tck.safety.budget import Budget, Meter
from tck.safety.journal import Journal

API = b'<api driver="mock" version="1.1.3"><link rel="keys" href="http://h/api/keys"/></api>'
ENTRY = answer(API, b"Content-Type: application/xml")
WIRE = [case for case in cases() if case.spec.wire]
WITHOUT_HOST = next(case for case in WIRE if case.name == "wire.test_without_host")


@contextmanager
def judged(
    malformed: Behave, *, users_only: bool = False, budget: Budget | None = None
) -> Iterator[tuple[Cloud, Ledger, list[Exchange]]]:
    """An endpoint that answers what has a Host, and else behaves."""

    def behave(connection: object, request: bytes) -> None:
        ok = b"Authorization" in request or not users_only
        good = ENTRY if ok else answer(status=b"401 Unauthorized")
        (says(good) if b"\r\nHost:" in request else malformed)(connection, request)  # type: ignore[arg-type]

    with peer(behave) as server:
        transport = Transport(
            server.origin + "/api", Credentials("u", "p"), limits=Limits(seconds=0.4)
        )
        ledger, seen = Ledger(), list[Exchange]()
        transport.observers += [ledger.observe, seen.append]
        policy, meter = RunPolicy(wire=True), Meter(budget or Budget())
        cloud = Cloud(transport, sessions.discover(transport), Journal(), "r" * 14, policy, meter)
        with contextlib.closing(transport):
            yield cloud, ledger, seen


HOSTILE = {
    "refuses": (says(REFUSED), "pass", 0),
    "refuses and ends": (says(REFUSED, ends=True), "pass", 0),
    "ends at once": (says(ends=True), "pass", 0),
    "resets": (says(resets=True), "pass", 0),
    "refuses twice": (says(REFUSED, REFUSED), "pass", 0),
    "answers": (says(ENTRY), "fail", 0),
    "answers twice": (says(ENTRY, ENTRY), "fail", 0),
    "redirects": (says(answer(status=b"301 Moved")), "fail", 0),
    "fails": (says(answer(status=b"500 Oops")), "pass", 0),
    "not now": (says(answer(status=b"503 Busy")), "not-applicable", 0),
    "never answers": (says(), "not-applicable", 1),
    "drips": (drips(b"HTTP/1.1 4", b"0"), "not-applicable", 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_said_of_a_request_without_host(name: str) -> None:
    behave, expected, warned = HOSTILE[name]
    with judged(behave) as (cloud, ledger, seen):
        began = time.monotonic()
        run_case(WITHOUT_HOST, cloud, ledger)
        assert time.monotonic() - began < 2
    found = conclude(load(), ledger, cloud.capabilities, wire=True)
    status = {o.requirement.id: o.status for o in found}
    assert status["DC-HTTP-053"] == expected
    assert (status[IN_TIME] == Status.WARN) == bool(warned)
    assert (status[SANE] == Status.WARN) == (name == "fails")
    blamed = {o.requirement.id for o in found if o.status is Status.FAIL}
    assert {id_ for id_ in blamed if id_.startswith("DC-HTTP")} <= {"DC-HTTP-053"}
    assert not ledger.kit_errors
    assert [x for x in seen if x.request.malformed]
    assert all("Authorization" not in x.request.octets for x in seen)


def test_credentials_are_sent_where_the_entry_point_needs_them() -> None:
    with judged(says(REFUSED), users_only=True) as (cloud, ledger, seen):
        run_case(WITHOUT_HOST, cloud, ledger)
    assert ledger.examined["DC-HTTP-053"] == 1
    sent = [x for x in seen if x.request.octets]
    assert {x.request.authorization for x in sent} == {
        "Basic ${DELTACLOUD_TCK_USER}:${DELTACLOUD_TCK_PASSWORD}"
    }


def test_an_endpoint_that_drops_all_is_not_waited_for_each_time() -> None:
    with judged(says()) as (cloud, ledger, _):
        cloud.transport.limits = Limits(seconds=30)
        began = time.monotonic()
        for _ in range(3):
            run_case(WITHOUT_HOST, cloud, ledger)
        assert 2 < time.monotonic() - began < 5


def test_what_is_sent_counts_against_the_budget() -> None:
    with judged(says(REFUSED), budget=Budget(requests=2)) as (cloud, ledger, _):
        run_case(WITHOUT_HOST, cloud, ledger)
        assert cloud.meter.requests == 2
        assert "--max-requests" in cloud.meter.stop_reason


def test_without_the_option_nothing_is_sent_and_nothing_demanded() -> None:
    spec = CheckSpec(("DC-HTTP-053",), wire=True)
    with judged(says(REFUSED)) as (cloud, _, _):
        capabilities = cloud.capabilities
    assert reason_to_skip(spec, {}, capabilities, False) == NO_WIRE
    assert reason_to_skip(spec, {}, capabilities, False, wire=True) is None
    for scope in (Scope.WHOLE, Scope.RECORDING):
        outcomes = conclude(load(), Ledger(), capabilities, scope)
        reasons = {o.status: o.reason for o in outcomes if o.requirement.wire}
        assert reasons == {Status.NOT_APPLICABLE: NO_WIRE}
    assert not Options(endpoint="http://h/api").sends_bytes
    assert Options(endpoint="http://h/api", wire=True).sends_bytes
    assert Options().sends_bytes
    assert not Options(profile="smoke").sends_bytes


def test_all_are_gets_of_the_entry_point_and_each_has_a_right_twin() -> None:
    with Server(create_app("full")) as server:
        transport = Transport(server.url, MOCK_CREDENTIALS)
        ledger, seen = Ledger(), list[Exchange]()
        transport.observers += [ledger.observe, seen.append]
        policy = RunPolicy(wire=True)
        cloud = Cloud(transport, sessions.discover(transport), Journal(), "r" * 14, policy)
        with contextlib.closing(transport):
            assert [case.name for case in WIRE if not run_case(case, cloud, ledger)] == []
    sent = [x for x in seen if x.request.octets]
    assert {(x.request.method, x.request.url.partition("?")[0]) for x in sent} == {
        ("GET", server.url)
    }
    for flawed in (x for x in sent if x.request.malformed):
        lines = flawed.request.octets.replace("tck HTTP", "HTTP").splitlines()
        assert {line.split()[1] for line in lines if line.endswith(" HTTP/1.1")} <= {
            "/api",
            "/api?format=xml",
        }
    assert {x.status for x in sent if not x.request.malformed} == {200}
    outcomes = conclude(load(), ledger, cloud.capabilities, wire=True)
    assert {o.status for o in outcomes if o.requirement.wire} == {Status.PASS}
