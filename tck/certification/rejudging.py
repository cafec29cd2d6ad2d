"""Judging a transcript again: what rules see in it must agree with results.json.

Rules need no endpoint, only exchanges. So the verifier's own rules judge every exchange of the
transcript into a fresh ledger, which is compared with the result: exchanges and statuses must be
as many, whatever a rule finds violated must not be called met, and no requirement may have been
examined less often than rules alone examine it. (More often is normal: checks examine, too.)

A transcript is not quite what the run judged. Secrets are hidden in it and long contents omitted,
so `_with_fitting_length` adjusts Content-Length, or every such exchange would violate a rule.
Disturbed exchanges were not judged in the run; `_disturbed` accepts that only of exchanges that
look disturbed, so that a signer cannot call an inconvenient exchange a retry.

Of a client the rules on clients judge the transcript, in which each scenario is a session.

What a verifier cannot see in this way is what checks judged across several exchanges: the signer
may have removed findings of checks. To exclude that, run the kit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from tck.endpoint import capabilities, files
from tck.endpoint.capabilities import Capabilities
from tck.endpoint.disturbance import disturbance
from tck.endpoint.exchange import Exchange, Headers
from tck.endpoint.redaction import HIDDEN
from tck.report.ledger import Judge, Ledger
from tck.report.result import Result, Status
from tck.report.traffic import Traffic
from tck.rules import judge
from tck.rules.clients import ClientJudge
from tck.schemas.operations import API

_CONTRADICTED = (Status.PASS, Status.NOT_APPLICABLE, Status.INCONCLUSIVE)


def contradictions(transcript: Path, result: Result) -> Iterator[str]:
    """Where a transcript and the result of its run disagree, one line for each."""
    base = urlsplit(result.subject).path if "://" in result.subject else API.base
    of_client = result.side == "client"
    judges: list[Judge] = [ClientJudge().judge] if of_client else [judge]
    ledger, declared = Ledger(judges=judges), list[Capabilities]()
    retried = {line.partition(" ")[0] for line in result.retries}
    try:
        for x in files.read(transcript, base.rstrip("/")):
            fitting = _with_fitting_length(x)
            ledger.observe(_disturbed(fitting) if x.id in retried else fitting)
            if x.api_path == "" and not declared and (read := capabilities.read(x)):
                declared.append(read)
    except files.UnreadableFile as error:
        yield str(error)
        return
    if not of_client:
        yield from _declared(declared, result)
    if ledger.requests != result.requests:
        yield f"the transcript has {ledger.requests} exchanges, the run judged {result.requests}"
    if _statuses(ledger.traffic) != _statuses(result.traffic):
        yield "the transcript has other answers than the run counted"
    outcomes = {outcome.requirement.id: outcome for outcome in result.outcomes}
    for finding in ledger.findings.values():
        outcome = outcomes.get(finding.requirement)
        if outcome is None or outcome.status in _CONTRADICTED:
            yield (
                f"exchange {', '.join(finding.exchanges[:3])} of the transcript violates "
                f"{finding.requirement}: expected {finding.expected}, got {finding.got}"
            )
    for id_, count in ledger.examined.items():
        if id_ in outcomes and outcomes[id_].examined < count:
            yield f"the transcript examines {id_} {count} times, the run less often"


def _disturbed(x: Exchange) -> Exchange:
    """An exchange that the run says it did not judge: marked so if it is a disturbance."""
    return replace(x, disturbance=disturbance(replace(x, broke=x.failure is not None)))


def _statuses(traffic: Traffic) -> dict[str, Counter[int]]:
    return {operation: entry.statuses for operation, entry in traffic.items()}


def _with_fitting_length(x: Exchange) -> Exchange:
    """The exchange with the Content-Length of what is left of its content, if that was changed."""
    if x.response is None or (x.response.body is not None and HIDDEN.encode() not in x.body):
        return x
    length = str(len(x.body))
    fields = ((n, length if n.lower() == "content-length" else v) for n, v in x.headers)
    return replace(x, response=replace(x.response, headers=Headers(tuple(fields))))


def _declared(declared: list[Capabilities], result: Result) -> Iterator[str]:
    """The endpoint must declare in the transcript what it was held to."""
    if not declared:
        yield "the transcript shows no entry point"
    elif result.capabilities and declared[0].to_json() != result.capabilities.to_json():
        yield "the endpoint declares something else in the transcript than in results.json"
