"""Results made by hand, for the tests of the reports."""

from __future__ import annotations

import datetime
from typing import Any

from endpoint.exchanges import exchange

from tck import requirements
from tck.endpoint.capabilities import Capabilities, DeclaredFeature
from tck.endpoint.exchange import Exchange
from tck.report.deviations import Deviation, Deviations
from tck.report.ledger import Ledger
from tck.report.result import CheckOutcome, Result, Scope, conclude
from tck.report.scenarios import ScenarioOutcome
from tck.report.transcript import Transcript
from tck.rules.judgement import Judgement

MUST, OTHER_MUST, SHOULD = "DC-HTTP-003", "DC-HTTP-005", "DC-HTTP-012"
DECLARED = Capabilities(
    "1.1.3",
    "mock",
    "eu",
    {"instances": "http://127.0.0.1:3001/api/instances"},
    {"instances.user_name": DeclaredFeature("create", ("name",), {"max_length": "20"})},
)


def finding(requirement: str = MUST, place: str = "status", got: str = "200") -> Judgement:
    return Judgement(requirement, False, place, "201", got)


def deviation(requirement: str = MUST, number: int = 1, **narrowed: Any) -> Deviation:
    today = datetime.date(2026, 11, 22)
    return Deviation(number, requirement, "known since 2011", "A. Nother", today, **narrowed)


def ledger_with(*judgements: Judgement, x: Exchange | None = None, **options: Any) -> Ledger:
    ledger = Ledger(**options)
    for judgement in judgements:
        ledger.record("http.success_status", judgement, x or exchange("/keys", "<keys/>"))
    ledger.end_check(whole=True)
    return ledger


def result_of(ledger: Ledger, **more: Any) -> Result:
    declared = more.pop("capabilities", DECLARED)
    scope = more.setdefault("scope", Scope.SELECTION)
    return Result(
        outcomes=conclude(requirements.load(), ledger, declared, scope),
        capabilities=declared,
        deviations=ledger.deviations,
        requests=ledger.requests,
        seconds=1.25,
        subject="http://127.0.0.1:3001/api",
        started=datetime.datetime(2026, 11, 22, 13, 45, tzinfo=datetime.UTC),
        checks=(CheckOutcome("keys.test_create[xml]", ("DC-KEY-005",), "passed", 0.01),),
        options={"driver": None, "provider": None, "profile": "smoke", "read_only": False},
        traffic=ledger.traffic,
        coverage=ledger.coverage,
        run_id="4a2f",
        seed=1,
        **more,
    )


def rich() -> Result:
    """A result with every status, with leaks, errors, and a stale deviation."""
    accepted = Deviations((deviation(OTHER_MUST), deviation("DC-HTTP-001", 2)))
    ledger = ledger_with(
        finding(),
        finding(SHOULD, "Content-Type"),
        finding(OTHER_MUST),
        Judgement("DC-HTTP-001", True, "*", "an answer", 200),
        deviations=accepted,
        x=exchange("/keys", "<keys>&amp;<a>\x07</keys>", method="POST", form=b"name=a&b=<c>"),
    )
    ledger.observe(exchange("/keys", "<keys/>"))
    ledger.kit_error("DC-KEY-005", "keys.test_create: ValueError: a <defect> & more")
    ledger.inconclusive("DC-INS-020", "the endpoint has no image to launch")
    return result_of(
        ledger,
        leaks=("keys k1: http://127.0.0.1:3001/api/keys/k1",),
        others=("keys theirs is gone",),
        errors=("x",),
        transcript=Transcript(1, 400, 0, 64 * "a"),
        proof={"faults": 300, "detected": 299, "variants": 40, "false_alarms": 0},
        unjudged=("realms.index: 9 bytes, more than 8 (limit body); once, in x1",),
        retries=("keys.test_create: GET /api/keys was answered 503, sent again after 1 s",),
        budget={"max_requests": 500, "requests": 1},
        scenarios=(
            ScenarioOutcome(
                "busy", "it is busy", "failed", "exit code 1", 1.5, 3, ("DC-CLI-047",), (), "a.txt"
            ),
        ),
    )


# Escape sequences, markup, quotes, line ends, half a surrogate pair: what a hostile endpoint says.
NASTY = "\x1b[31mred\x07</pre><script>alert(1)</script>]]>&\"'\r\n\ud800\ufffe"


def nasty() -> Result:
    ledger = Ledger(Deviations((deviation("DC-HTTP-005"),)))
    x = exchange(
        "/keys/%1B", "<key>\x1b[2J</key>", sent={"X-A": "\x1b[1m"}, fields={"ETag": "\x1b\r\n"}
    )
    for id_ in (MUST, "DC-HTTP-005", "DC-HTTP-012"):
        ledger.record("rule", Judgement(id_, False, NASTY, NASTY, NASTY), x, [x])
    ledger.kit_error("DC-KEY-005", NASTY)
    return result_of(ledger)
