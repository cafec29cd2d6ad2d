"""What stands against a certificate: grounds on which results.json is refused.

Whoever signs may have written results.json himself. So nothing in it is believed that can be
worked out from the rest of it: statuses follow from findings and counts, what does not apply
from what is declared, levels from statuses, the verdict from all.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator

from tck import requirements
from tck.report import json_report, kit
from tck.report.result import Outcome, Result, Status, not_declared
from tck.requirements import levels


@cache
def _schema() -> Draft202012Validator:
    text = (resources.files("tck.schemas") / "results.schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))


def grounds(value: Any, today: datetime.date) -> list[str]:
    """Why results.json bears no certificate; none if it does.

    If its form is wrong or its kit no released one, nothing more is looked at.
    """
    wrong = [
        f"results.json: {'/'.join(map(str, e.absolute_path))}: {e.message[:120]}"
        for e in _schema().iter_errors(value)
    ]
    if wrong:
        return wrong[:5]
    told_kit = value["kit"]
    if refusal := kit.unreleased(told_kit["version"], told_kit["digest"]):
        return [refusal]
    try:
        result = json_report.from_json(value)
        levels.load(result.set_version)
    except (LookupError, TypeError, ValueError) as error:
        return [f"results.json: nothing is known of {error}"]
    found = [*_whole(value, result), *_consistent(result), *_summary(value, result)]
    found += [*_levels(value, result), *_deviations(result, today)]
    return found + ([result.obstacle] if result.obstacle else [])


def _whole(value: Mapping[str, Any], result: Result) -> Iterator[str]:
    """Every requirement is there, once; every exchange was written down."""
    ids = Counter(outcome.requirement.id for outcome in result.outcomes)
    wanted = levels.load(result.set_version).levels.values()
    demanded = {id_ for level in wanted for id_ in level.demands}
    known = set(requirements.load()) if value["kit"]["digest"] == kit.digest() else demanded
    for id_ in sorted(known - ids.keys()):
        yield f"results.json says nothing of {id_}"
    yield from (f"results.json speaks {n} times of {id_}" for id_, n in ids.items() if n > 1)
    for told in value["requirements"]:
        if told["id"] in known and told["level"] != requirements.load()[told["id"]].level:
            yield f"{told['id']} has another level than in the catalogue"
    if result.transcript is None:
        yield "the run kept no transcript"
    elif result.transcript.exchanges != result.requests:
        yield (
            f"the transcript has {result.transcript.exchanges} exchanges, "
            f"the run judged {result.requests}"
        )


def _consistent(result: Result) -> Iterator[str]:
    """Statuses follow from what was examined, found and declared."""
    for outcome, entry in ((o, o.requirement) for o in result.outcomes):
        told = f"{entry.id} is said to {_SAID[outcome.status]}"
        if outcome.status in _EXAMINED and not outcome.examined:
            yield f"{told}, but nothing was examined"
        if sum(f.count for f in outcome.findings) > outcome.examined:
            yield f"{entry.id} was violated more often than it was examined"
        if outcome.status is not _from_findings(outcome):
            yield f"{told}, but its findings say otherwise"
        if outcome.status is Status.NOT_APPLICABLE and not (
            entry.if_any
            or not_declared(entry, result.capabilities)
            or (entry.operation and not _succeeded(entry.operation, result))
        ):
            yield f"{told}, but the endpoint declares what it is about (claimed and skipped)"


def _succeeded(operation: str, result: Result) -> bool:
    """True if the endpoint does what the operation asks for."""
    return operation in result.traffic and result.traffic[operation].succeeded > 0


_SAID = {
    Status.PASS: "be met",
    Status.FAIL: "be violated",
    Status.WARN: "be violated",
    Status.EXCLUDED: "be an accepted deviation",
    Status.INCONCLUSIVE: "be inconclusive",
    Status.NOT_APPLICABLE: "not apply",
    Status.KIT_ERROR: "have failed in the kit",
}
_EXAMINED = (Status.PASS, Status.FAIL, Status.WARN, Status.EXCLUDED)


def _from_findings(outcome: Outcome) -> Status:
    """The status that the findings lead to; where there are none, the one that is told."""
    if any(finding.deviation is None for finding in outcome.findings):
        return Status.FAIL if outcome.requirement.level == "MUST" else Status.WARN
    return Status.EXCLUDED if outcome.findings else outcome.status


def _summary(value: Mapping[str, Any], result: Result) -> Iterator[str]:
    told = value["summary"]
    if told["verdict"] != result.verdict:
        yield f"the verdict is told as {told['verdict']}, but it is {result.verdict}"
    counts = {str(status): count for status, count in result.counts.items()}
    if {s: n for s, n in told["counts"].items() if n} != counts:
        yield "the counts by status do not add up"
    if (outside := sum(t.requests for t in result.traffic.values())) != result.requests:
        yield f"the traffic adds up to {outside} exchanges, the run judged {result.requests}"
    if result.capabilities is None:
        yield "nothing is said of what the endpoint declares"


def _levels(value: Mapping[str, Any], result: Result) -> Iterator[str]:
    told, wanted = value["requirement_set"], levels.load(result.set_version)
    if told["digest"] != wanted.digest:
        yield f"the requirement set {told['version']} is not the one that was frozen"
    if value["levels"] != [level.to_json() for level in result.levels]:
        yield "the levels do not follow from the statuses"
    if not any(level.standing.certified for level in result.levels):
        yield "no level is met"
    for level in result.levels:
        if level.unexamined:
            yield f"{level.title}: {level.reason} (claimed and not examined)"


def _deviations(result: Result, today: datetime.date) -> Iterator[str]:
    for entry in result.deviations.entries:
        if entry.expires is not None and entry.expires < max(today, result.started.date()):
            yield f"the deviation from {entry.requirement} was accepted until {entry.expires}"
    for entry in result.deviations.stale:
        yield f"the deviation from {entry.requirement} no longer occurs"
    known = {(entry.number, entry.requirement) for entry in result.deviations.entries}
    for finding in (f for outcome in result.outcomes for f in outcome.findings):
        if finding.deviation is not None and (finding.deviation, finding.requirement) not in known:
            yield f"{finding.requirement} is excused by a deviation that there is not"
