"""Grounds on which results.json is refused: what an honest run could not have written.

The signer may have written results.json by hand, so a signature proves nothing about it. But its
parts depend on each other, and the verifier has the code that derives one from the other. Nothing
is believed that can be derived:

- form: the JSON Schema, and a kit that was released;
- completeness: each requirement once, and as many exchanges in the transcript as were judged;
- statuses: from findings and counts (`violated` needs a finding, `met` needs something examined);
  `not applicable` from what the entry point declares and which operations succeeded;
- levels, verdict and counts: from statuses;
- deviations: in date, and each one that excuses a finding is listed.

What remains to be believed are counts and findings themselves; rejudging.py compares them with the
transcript as far as rules can. Someone who wants to know what checks saw runs the kit.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tck import requirements
from tck.report import json_report, kit
from tck.report.result import Outcome, Result, Status, not_declared
from tck.requirements import levels


def grounds(value: Any, today: datetime.date) -> list[str]:
    """Reasons why results.json cannot be certified; empty if it can.

    `value`: its parsed JSON; `today`: the day on which deviations must not have expired. If its
    form is wrong or its kit was not released, nothing else is examined.
    """
    if malformed := json_report.problems(value):
        return [f"results.json: {problem}" for problem in malformed]
    if refusal := kit.unreleased(value["kit"]["version"], value["kit"]["digest"]):
        return [refusal]
    try:
        result = json_report.from_json(value)
    except (LookupError, ValueError) as error:
        return [f"results.json: this kit does not know {error}"]
    reasons = [*_whole(value, result), *_consistent(result), *_summary(value, result)]
    reasons += [*_levels(value, result), *_deviations(result, today)]
    return reasons + ([result.obstacle] if result.obstacle else [])


def _whole(value: Mapping[str, Any], result: Result) -> Iterator[str]:
    """Every requirement must be there once, and every exchange in the transcript."""
    ids = Counter(outcome.requirement.id for outcome in result.outcomes)
    catalogue = requirements.load(result.side)
    set_levels = levels.load(result.set_version).levels.values()
    judged = [level for level in set_levels if result.side in (level.side, "both")]
    demanded = {id_ for level in judged for id_ in level.demands}
    # another release may have had other requirements, but those that its set demands
    expected = set(catalogue) if value["kit"]["digest"] == kit.digest() else demanded
    for id_ in sorted(expected - ids.keys()):
        yield f"results.json does not mention {id_}"
    yield from (f"results.json mentions {id_} {n} times" for id_, n in ids.items() if n > 1)
    for entry in value["requirements"]:
        if entry["id"] in expected and entry["level"] != catalogue[entry["id"]].level:
            yield f"{entry['id']} has another level than in the catalogue"
    run_in = {outcome.name for outcome in result.scenarios}
    for name in sorted({name for level in judged for name in level.scenarios} - run_in):
        yield f"the client was not run in the scenario {name}"
    if result.transcript is None:
        yield "the run kept no transcript"
    elif result.transcript.exchanges != result.requests:
        yield (
            f"the transcript has {result.transcript.exchanges} exchanges, "
            f"the run judged {result.requests}"
        )


def _consistent(result: Result) -> Iterator[str]:
    """Statuses must follow from what was examined, found and declared."""
    for outcome, entry in ((o, o.requirement) for o in result.outcomes):
        claim = f"{entry.id} is said to {_CLAIMS[outcome.status]}"
        if outcome.status in _EXAMINED and not outcome.examined:
            yield f"{claim}, but nothing was examined"
        if sum(f.count for f in outcome.findings) > outcome.examined:
            yield f"{entry.id} was violated more often than it was examined"
        if outcome.status is not _from_findings(outcome):
            yield f"{claim}, but its findings say otherwise"
        if outcome.status is Status.NOT_APPLICABLE and not (
            entry.if_any
            or entry.side == "client"  # what a client did is in the transcript
            or (entry.two_accounts and not result.options.get("two_accounts"))
            or (entry.wire and not result.options.get("wire"))
            or not_declared(entry, result.capabilities)
            or (entry.operation and not _succeeded(entry.operation, result))
        ):
            yield f"{claim}, but the endpoint declares what it is about (claimed and skipped)"


def _succeeded(operation: str, result: Result) -> bool:
    """True if the endpoint answered the operation with success at least once."""
    return operation in result.traffic and result.traffic[operation].succeeded > 0


_CLAIMS = {
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
    """The status that follows from the findings; without any, the one in results.json."""
    if any(finding.deviation is None for finding in outcome.findings):
        return Status.FAIL if outcome.requirement.level == "MUST" else Status.WARN
    return Status.EXCLUDED if outcome.findings else outcome.status


def _summary(value: Mapping[str, Any], result: Result) -> Iterator[str]:
    summary = value["summary"]
    if summary["verdict"] != result.verdict:
        yield f"the verdict is given as {summary['verdict']}, but it is {result.verdict}"
    counts = {str(status): count for status, count in result.counts.items()}
    if {s: n for s, n in summary["counts"].items() if n} != counts:
        yield "the counts by status do not add up"
    if (requests := sum(t.requests for t in result.traffic.values())) != result.requests:
        yield f"the traffic adds up to {requests} exchanges, the run judged {result.requests}"
    if result.capabilities is None and result.side != "client":
        yield "results.json does not say what the endpoint declares"


def _levels(value: Mapping[str, Any], result: Result) -> Iterator[str]:
    named, shipped = value["requirement_set"], levels.load(result.set_version)
    if named["digest"] != shipped.digest:
        yield f"the requirement set {named['version']} is not the one that was frozen"
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
    listed = {(entry.number, entry.requirement) for entry in result.deviations.entries}
    for finding in (f for outcome in result.outcomes for f in outcome.findings):
        if finding.deviation is not None and (finding.deviation, finding.requirement) not in listed:
            yield f"{finding.requirement} is excused by a deviation that does not exist"
