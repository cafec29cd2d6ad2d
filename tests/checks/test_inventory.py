"""Checks as the kit lists them, and how their judgements come about."""

from __future__ import annotations

import pytest
from endpoint.exchanges import exchange

from tck import requirements
from tck.checks.support.check import check, spec_of
from tck.checks.support.inventory import checks, checks_by_requirement
from tck.checks.support.running import reason_to_skip, record_failure, verifier
from tck.checks.support.verify import Violation
from tck.endpoint.capabilities import Capabilities, DeclaredFeature
from tck.report.ledger import Ledger
from tck.rules.judgement import Judgement
from tck.schemas.operations import API

MUST, SHOULD = "DC-HTTP-003", "DC-HTTP-012"
DECLARED = Capabilities(
    "1.1.3", "mock", None, {"keys": ""}, {"keys.import_key": DeclaredFeature("create")}
)
UNFEATURED = Capabilities("1.1.3", "mock", None, {"keys": ""}, {})


def test_every_check_is_listed_once() -> None:
    names = [found.name for found in checks()]
    assert len(names) == len(set(names))
    assert "keys.test_destroy" in " ".join(names)


def test_every_check_says_what_it_checks() -> None:
    assert [found.name for found in checks() if not found.doc.endswith((".", "…", ")"))] == []


def test_checks_need_what_exists() -> None:
    features = {f"{f.collection}.{f.name}" for f in API.features}
    for found in checks():
        assert set(found.spec.collections) <= set(API.collections), found.name
        assert found.spec.feature is None or found.spec.feature in features, found.name
        assert found.spec.requirements, found.name


def test_checks_are_found_by_what_they_declare() -> None:
    for id_, found in checks_by_requirement().items():
        assert all(id_ in one.spec.requirements for one in found)
    declared = {id_ for found in checks() for id_ in found.spec.requirements}
    assert declared == set(checks_by_requirement())


@check("DC-KEY-005", needs="keys", feature="keys.import_key", writes=True)
def declared_check() -> None:
    """Only its declaration is looked at."""


@pytest.mark.parametrize(
    ("capabilities", "params", "read_only", "reason"),
    [
        (DECLARED, {}, False, None),
        (DECLARED, {}, True, "the run is read-only"),
        (DECLARED, {"collection": "keys"}, False, None),
        (DECLARED, {"collection": "images"}, False, "the endpoint does not list images"),
        (Capabilities("", "", None, {}, {}), {}, False, "the endpoint does not list keys"),
        (UNFEATURED, {}, False, "the endpoint does not announce keys.import_key"),
    ],
)
def test_why_a_check_does_not_apply(
    capabilities: Capabilities, params: dict[str, str], read_only: bool, reason: str | None
) -> None:
    spec = spec_of(declared_check)
    assert spec is not None
    assert reason_to_skip(spec, params, capabilities, read_only) == reason


def test_a_violated_must_ends_the_check_and_a_should_does_not() -> None:
    ledger = Ledger()
    spec = spec_of(check(MUST, SHOULD)(lambda: None))
    assert spec is not None
    verify = verifier("m.test", spec, requirements.load(), ledger)
    verify.holds(SHOULD, "status", "a", 1, False, x=exchange("/keys"))
    assert ledger.examined[SHOULD] == 1
    with pytest.raises(Violation) as ended:
        verify.holds(MUST, "status", "a", 1, False, x=exchange("/keys"))
    # who ends the check records it: Hypothesis may come back with a simpler one
    assert ledger.examined[MUST] == 0
    assert ended.value.judgement == Judgement(MUST, False, "status", "a", "1")
    verify.holds(MUST, "status", "a", 0, True, x=exchange("/keys"))
    assert ledger.examined[MUST] == 1


def test_inconclusive_speaks_for_what_was_not_examined() -> None:
    ledger = Ledger()
    spec = spec_of(check(MUST, SHOULD)(lambda: None))
    assert spec is not None
    verify = verifier("m.test", spec, requirements.load(), ledger)
    verify.holds(MUST, "status", "a", 0, True, x=exchange("/keys"))
    with pytest.raises(pytest.skip.Exception):
        verify.inconclusive("nothing to see")
    assert ledger.reasons == {SHOULD: "nothing to see"}


@pytest.mark.parametrize(
    ("status", "allowed", "fails"),
    [(200, (200,), False), (404, (404, 410), False), (500, (404,), True)],
)
def test_verify_status(status: int, allowed: tuple[int, ...], fails: bool) -> None:
    assert _raises(lambda v: v.status(MUST, exchange(status=status), *allowed)) == fails


@pytest.mark.parametrize(
    ("status", "also", "fails"),
    [
        (400, (), False),
        (499, (), False),
        (500, (), True),
        (200, (), True),
        (501, (501,), False),
        (0, (), True),
    ],
)
def test_verify_refused(status: int, also: tuple[int, ...], fails: bool) -> None:
    assert _raises(lambda v: v.refused(MUST, exchange(status=status), *also)) == fails


def _raises(judge: object) -> bool:
    spec = spec_of(check(MUST)(lambda: None))
    assert spec is not None
    try:
        judge(verifier("m.test", spec, requirements.load(), Ledger()))  # type: ignore[operator]
    except Violation:
        return True
    return False


def test_violations_are_found_in_groups() -> None:
    spec, ledger = spec_of(check(MUST)(lambda: None)), Ledger()
    assert spec is not None
    one, two = (
        Violation(Judgement(MUST, False, place, "1", "2"), exchange("/keys")) for place in "ab"
    )
    group = ExceptionGroup("several", [one, ExceptionGroup("more", [two, ValueError()])])
    assert record_failure("m.test", spec, group, ledger) == [None, None]
    assert [finding.place for finding in ledger.findings.values()] == ["a", "b"]
    assert ledger.kit_errors == {}
    assert record_failure("m.test", spec, ValueError("x"), ledger) == []
    assert ledger.kit_errors == {MUST: "m.test: ValueError: x"}
