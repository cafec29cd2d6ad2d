"""Every rule passes what is right, and names what is wrong and nothing else."""

from __future__ import annotations

import pytest

from tck.endpoint.exchange import Exchange
from tck.rules import RULES, judge
from tck.rules.judgement import Judgement

from .cases import documents, http, resources
from .cases.case import Case
from .right import right

CASES: list[Case] = [*http.CASES, *documents.CASES, *resources.CASES]
DECLARED = {id_ for rule in RULES.values() for id_ in rule.requirements}


def judgements(x: Exchange) -> list[Judgement]:
    return [judgement for _, judgement in judge(x)]


def test_right_exchanges_are_right() -> None:
    wrong = [(name, j) for name, x in right().items() for j in judgements(x) if not j.ok]
    assert wrong == []


def test_every_requirement_is_seen_passing() -> None:
    """Else a rule that never looks would go unnoticed."""
    passed = {j.requirement for x in right().values() for j in judgements(x)}
    assert DECLARED - passed == set()


def test_every_requirement_is_seen_failing() -> None:
    assert DECLARED - {case.requirement for case in CASES} == set()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_wrong_exchange_fails_as_it_should(case: Case) -> None:
    x = case.change(right()[case.base])
    failed = [j for j in judgements(x) if not j.ok]
    assert {j.requirement for j in failed} == {case.requirement} | case.also
    for judgement in failed:
        assert judgement.expected, judgement
        assert judgement.got, judgement
        assert judgement.place, judgement
        assert "\n" not in f"{judgement.expected}{judgement.got}"


def test_a_rule_judges_its_own_requirements_only() -> None:
    for x in right().values():
        for rule, judgement in judge(x):
            assert judgement.requirement in rule.requirements


def test_rules_say_what_they_judge() -> None:
    assert [rule.name for rule in RULES.values() if not rule.doc.endswith((".", ")"))] == []
    assert [rule.name for rule in RULES.values() if not rule.requirements] == []
