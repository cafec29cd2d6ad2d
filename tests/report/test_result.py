"""A status for every requirement, one verdict, one exit code."""

from __future__ import annotations

from typing import Any

import pytest

from tck import requirements
from tck.endpoint.capabilities import Capabilities, DeclaredFeature
from tck.report.deviations import Deviations
from tck.report.ledger import Ledger
from tck.report.result import Outcome, Scope, Status, Verdict, conclude
from tck.rules.judgement import Judgement

from .made import DECLARED, MUST, OTHER_MUST, SHOULD, deviation, finding, ledger_with, result_of


def status_of(ledger: Ledger, id_: str, **more: Any) -> Outcome:
    declared = more.pop("capabilities", DECLARED)
    outcomes = conclude(requirements.load(), ledger, declared, **more)
    return next(o for o in outcomes if o.requirement.id == id_)


def ok(id_: str) -> Judgement:
    return Judgement(id_, True, "status", "200", 200)


@pytest.mark.parametrize(
    ("judged", "kit_error", "accepted", "id_", "status", "findings"),
    [
        ([], False, False, MUST, Status.INCONCLUSIVE, 0),
        ([ok(MUST)], False, False, MUST, Status.PASS, 0),
        ([finding()], False, False, MUST, Status.FAIL, 1),
        ([ok(MUST), finding()], False, False, MUST, Status.FAIL, 1),
        ([finding(SHOULD)], False, False, SHOULD, Status.WARN, 1),
        ([finding("DC-IST-012")], False, False, "DC-IST-012", Status.WARN, 1),  # a MAY
        ([], True, False, MUST, Status.KIT_ERROR, 0),
        ([ok(MUST)], True, False, MUST, Status.KIT_ERROR, 0),
        ([finding()], True, False, MUST, Status.FAIL, 1),
        ([finding()], False, True, MUST, Status.EXCLUDED, 1),
        ([finding()], True, True, MUST, Status.KIT_ERROR, 0),
        ([finding(SHOULD)], False, True, SHOULD, Status.EXCLUDED, 1),
        ([finding(OTHER_MUST)], False, False, MUST, Status.INCONCLUSIVE, 0),
    ],
)
def test_status(
    judged: list[Judgement],
    kit_error: bool,
    accepted: bool,
    id_: str,
    status: Status,
    findings: int,
) -> None:
    known = Deviations((deviation(id_),)) if accepted else Deviations()
    ledger = ledger_with(*judged, deviations=known)
    if kit_error:
        ledger.kit_error(id_, "it broke")
    outcome = status_of(ledger, id_)
    assert outcome.status is status
    assert len(outcome.findings) == findings
    assert outcome.examined == sum(j.requirement == id_ for j in judged)


def test_an_accepted_finding_does_not_excuse_another() -> None:
    accepted = Deviations((deviation(MUST, where={"places": ("status",)}),))
    ledger = ledger_with(finding(), finding(place="Location"), deviations=accepted)
    outcome = status_of(ledger, MUST)
    assert outcome.status is Status.FAIL
    assert [f.place for f in outcome.findings] == ["Location"]


@pytest.mark.parametrize(
    ("id_", "declared", "reason"),
    [
        ("DC-VOL-001", {"instances"}, "the endpoint does not list storage_volumes"),
        ("DC-BLB-003", {"instances"}, "the endpoint does not list buckets"),
        ("DC-FWL-012", {"instances"}, "the endpoint does not list firewalls"),  # rules.destroy
        ("DC-INS-039", {"images"}, "the endpoint does not list instances"),
        ("DC-INS-038", {"instances"}, "does not announce the feature instances.realm_filter"),
        ("DC-INS-023", {"instances"}, "the endpoint does not list hardware_profiles"),
    ],
)
def test_not_applicable_says_what_is_not_declared(
    id_: str, declared: set[str], reason: str
) -> None:
    feature = {"instances.user_name": DeclaredFeature("create")}
    outcome = status_of(
        Ledger(),
        id_,
        capabilities=Capabilities("1.1.3", "x", None, dict.fromkeys(declared, ""), feature),
    )
    assert outcome.status is Status.NOT_APPLICABLE
    assert reason in outcome.reason


def test_declared_features_apply() -> None:
    assert status_of(Ledger(), "DC-INS-039").status is Status.INCONCLUSIVE


def test_what_was_examined_counts_though_undeclared() -> None:
    outcome = status_of(ledger_with(finding("DC-VOL-003")), "DC-VOL-003")
    assert outcome.status is Status.FAIL


def test_without_capabilities_nothing_is_called_not_applicable() -> None:
    outcomes = conclude(requirements.load(), Ledger(), None, Scope.SELECTION)
    assert {o.status for o in outcomes} == {Status.INCONCLUSIVE}


def test_reasons_of_the_inconclusive() -> None:
    ledger = Ledger()
    ledger.inconclusive("DC-INS-021", "the endpoint has no image to launch")
    ledger.inconclusive("DC-INS-021", "a later reason")
    assert status_of(ledger, "DC-INS-021").reason == "the endpoint has no image to launch"
    assert "read-only" in status_of(ledger, "DC-INS-020", scope=Scope.READ_ONLY).reason
    assert "read-only" not in status_of(ledger, "DC-INS-020").reason
    assert "read-only" not in status_of(ledger, "DC-INS-008", scope=Scope.READ_ONLY).reason
    assert all(
        o.reason
        for o in conclude(requirements.load(), ledger, None)
        if o.status is Status.INCONCLUSIVE
    )


@pytest.mark.parametrize(
    ("judged", "kit_error", "errors", "leaks", "verdict", "code"),
    [
        ([], "", (), (), Verdict.INCONCLUSIVE, 3),
        ([ok(SHOULD)], "", (), (), Verdict.INCONCLUSIVE, 3),
        ([ok(MUST)], "", (), (), Verdict.CONFORMANT, 0),
        ([ok(MUST), finding(SHOULD)], "", (), (), Verdict.CONFORMANT, 0),
        ([finding()], "", (), (), Verdict.NOT_CONFORMANT, 1),
        ([finding(), ok(OTHER_MUST)], "", (), (), Verdict.NOT_CONFORMANT, 1),
        ([finding()], OTHER_MUST, (), (), Verdict.KIT_ERROR, 4),
        ([ok(MUST)], OTHER_MUST, (), (), Verdict.KIT_ERROR, 4),
        ([ok(MUST)], "", ("worker lost",), (), Verdict.KIT_ERROR, 4),
        ([ok(MUST)], "", (), ("keys k1",), Verdict.CONFORMANT, 5),
        ([finding()], "", (), ("keys k1",), Verdict.NOT_CONFORMANT, 5),
        ([], OTHER_MUST, ("x",), ("keys k1",), Verdict.KIT_ERROR, 5),
    ],
)
def test_verdict_and_exit_code(
    judged: list[Judgement],
    kit_error: str,
    errors: tuple[str, ...],
    leaks: tuple[str, ...],
    verdict: Verdict,
    code: int,
) -> None:
    ledger = ledger_with(*judged)
    if kit_error:
        ledger.kit_error(kit_error, "it broke")
    result = result_of(ledger, errors=errors, leaks=leaks)
    assert result.verdict is verdict
    assert result.exit_code == code


def test_everything_accepted_is_conformant() -> None:
    accepted = Deviations((deviation(),))
    result = result_of(ledger_with(finding(), deviations=accepted))
    assert (result.verdict, result.exit_code) == (Verdict.CONFORMANT, 0)


def test_counts_add_up() -> None:
    result = result_of(ledger_with(finding(), finding(SHOULD)))
    assert sum(result.counts.values()) == len(requirements.load())
    areas = result.by_area()
    assert sum(sum(counts.values()) for counts in areas.values()) == len(requirements.load())
    assert areas["HTTP"][Status.FAIL] == areas["HTTP"][Status.WARN] == 1


def test_a_whole_run_must_show_what_the_endpoint_claims() -> None:
    ledger = ledger_with(ok(MUST))
    assert result_of(ledger, scope=Scope.SELECTION).verdict is Verdict.CONFORMANT
    whole = result_of(ledger, scope=Scope.WHOLE)
    assert whole.verdict is Verdict.INCONCLUSIVE
    assert whole.exit_code == 3
    assert all(o.requirement.level == "MUST" for o in whole.blocking())


def test_what_there_was_none_of_does_not_apply_in_a_whole_run() -> None:
    for scope, status in (
        (Scope.WHOLE, Status.NOT_APPLICABLE),
        (Scope.READ_ONLY, Status.INCONCLUSIVE),
    ):
        assert status_of(Ledger(), "DC-HTTP-027", scope=scope).status is status
