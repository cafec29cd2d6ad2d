"""The result of a run: a status for every requirement, and one verdict.

Reporters read a `Result` and nothing else.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from tck.endpoint.capabilities import NO_PERMISSION, Capabilities
from tck.report.coverage import Coverage
from tck.report.deviations import Deviations
from tck.report.ledger import Finding, Ledger
from tck.report.refused import Refused, refused
from tck.report.scenarios import ScenarioOutcome
from tck.report.traffic import Traffic
from tck.report.transcript import Transcript
from tck.requirements import Catalogue, Requirement, levels
from tck.requirements.catalogue import Side

ONE_ACCOUNT = "no second user, of another account, was given (--other-user)"
NO_WIRE = "the wire is examined with --wire"


class Status(StrEnum):
    """Status of a requirement after a run; docs/glossary.md defines each."""

    PASS = "pass"
    FAIL = "fail"
    WARN = "warn"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not-applicable"
    EXCLUDED = "excluded"
    KIT_ERROR = "kit-error"


class Scope(StrEnum):
    """How much a run set out to examine; only a whole run can be certified."""

    WHOLE = "whole"
    READ_ONLY = "read-only"
    SELECTION = "selection"
    RECORDING = "recording"


class Verdict(StrEnum):
    """The outcome of a run as a whole (see `Result.verdict`)."""

    CONFORMANT = "conformant"
    NOT_CONFORMANT = "not conformant"
    INCONCLUSIVE = "inconclusive"
    KIT_ERROR = "kit error"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One requirement with its status, count of judgements, findings, and the reason if needed.

    `behind`: number of the accepted deviation that kept it from being examined.
    """

    requirement: Requirement
    status: Status
    examined: int
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    behind: int | None = None


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """One check as pytest ran it: `outcome` is passed, failed or skipped."""

    name: str
    requirements: tuple[str, ...]
    outcome: str
    seconds: float


@dataclass(frozen=True)
class Result:
    """Everything a report can say about a run.

    `subject`: what was judged (URL, persona or file names); `started`: UTC; `options`: those that
    a report shows, by name; `leaks`: resources left behind, a line for each; `left`: those of
    which an accepted deviation says that they stay; `unwritten`: files
    that could not be written, a line for each; `others`: what of others is gone or changed since
    the run began; `errors`: failures of the kit outside of
    requirements; `unfinished`: why the run ended early, empty if it did not;
    `set_version`: of the requirement set; `retries`: a line for each disturbed exchange;
    `unjudged`: a line for each operation and limit that its answers were beyond; `budget`:
    limits and what was used of them, by name; `proof`: see tck.report.proof; `side`: who was
    judged; `scenarios` in which a client was run.
    """

    outcomes: tuple[Outcome, ...]
    capabilities: Capabilities | None
    deviations: Deviations
    requests: int
    seconds: float
    subject: str
    started: datetime.datetime
    checks: tuple[CheckOutcome, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    leaks: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    unfinished: str = ""
    scope: Scope = Scope.WHOLE
    run_id: str = ""
    seed: int | None = None
    set_version: str = levels.CURRENT
    traffic: Traffic = field(default_factory=Traffic)
    coverage: Coverage = field(default_factory=Coverage)
    transcript: Transcript | None = None
    retries: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    budget: Mapping[str, Any] = field(default_factory=dict)
    proof: Mapping[str, int | str | bool] | None = None
    side: Side = "server"
    scenarios: tuple[ScenarioOutcome, ...] = ()

    @property
    def counts(self) -> Counter[Status]:
        """Number of requirements by status."""
        return Counter(outcome.status for outcome in self.outcomes)

    @property
    def verdict(self) -> Verdict:
        """The outcome as a whole.

        Inconclusive if no MUST was examined at all, if the run ended early, or if a whole run left
        a MUST unexamined that applies to what the endpoint declares.
        """
        counts = self.counts
        if counts[Status.KIT_ERROR] or self.errors:
            return Verdict.KIT_ERROR
        if counts[Status.FAIL]:
            return Verdict.NOT_CONFORMANT
        musts = [o for o in self.outcomes if o.requirement.level == "MUST" and o.examined]
        blocked = self.unfinished or (self.scope is Scope.WHOLE and any(self.blocking()))
        enough = bool(musts) and not blocked
        return Verdict.CONFORMANT if enough else Verdict.INCONCLUSIVE

    def blocking(self) -> Iterator[Outcome]:
        """MUSTs that apply and were not examined, but for those behind an accepted deviation."""
        inconclusive = self.having(Status.INCONCLUSIVE)
        return (o for o in inconclusive if o.requirement.level == "MUST" and o.behind is None)

    @property
    def exit_code(self) -> int:
        """0 conformant · 1 not conformant · 3 too little examined · 4 kit error · 5 leaks.

        4 also if something could not be written, whatever the verdict: those who need it would
        miss it. Accepted deviations that are stale or have expired turn 0 into 1: their owner has
        to look.
        """
        if self.leaks:
            return 5
        if self.unwritten:
            return 4
        codes = {Verdict.CONFORMANT: 0, Verdict.NOT_CONFORMANT: 1, Verdict.INCONCLUSIVE: 3}
        code = codes.get(self.verdict, 4)
        return 1 if code == 0 and self.deviations.outdated else code

    @property
    def exchanges_left_out(self) -> int:
        """How many exchanges found no room in the transcript, if there is one."""
        return self.requests - self.transcript.exchanges if self.transcript else 0

    @property
    def obstacle(self) -> str:
        """Why this run cannot certify anything, whatever it found; empty if it can."""
        obstacles = (
            (self.scope is not Scope.WHOLE, f"the run was not a whole one ({self.scope})"),
            (self.unfinished, f"the run was not finished: {self.unfinished}"),
            (self.options.get("profile") == "smoke", "the profile smoke examines too little"),
            (self.leaks or self.left, "the run left resources behind"),
            (self.errors, "the kit itself failed"),
            (self.unwritten, "not everything could be written"),
            (self.exchanges_left_out, "not every exchange found room in the transcript"),
        )
        return next((why for holds, why in obstacles if holds), "")

    @property
    def verdict_words(self) -> str:
        """The verdict for people: a smoke run that found nothing is `conformant so far`."""
        smoke = self.options.get("profile") == "smoke" and self.verdict is Verdict.CONFORMANT
        return f"{self.verdict} so far" if smoke else str(self.verdict)

    @property
    def extent(self) -> str:
        """`standard: 361 of 414 requirements examined, 47 do not apply`, for people."""
        profile = self.options.get("profile")
        examined = sum(1 for outcome in self.outcomes if outcome.examined)
        undue = self.counts[Status.NOT_APPLICABLE]
        return (f"{profile}: " if profile else "") + (
            f"{examined} of {len(self.outcomes)} requirements examined, "
            f"{undue} {'does' if undue == 1 else 'do'} not apply"
        )

    @cached_property
    def no_permission(self) -> str:
        """Why nothing that needs a write was examined: what the endpoint says; else empty."""
        reasons = (outcome.reason for outcome in self.having(Status.INCONCLUSIVE))
        return next((reason for reason in reasons if reason.startswith(NO_PERMISSION)), "")

    @cached_property
    def refused(self) -> tuple[Refused, ...]:
        """What the endpoint declares and refused always in this run."""
        if self.no_permission:
            return ()
        of_server = self.side != "client"
        return tuple(refused(self.capabilities, self.traffic)) if of_server else ()

    @cached_property
    def levels(self) -> tuple[levels.LevelOutcome, ...]:
        """Whether the endpoint meets each level of the requirement set, and why not."""
        statuses = {outcome.requirement.id: str(outcome.status) for outcome in self.outcomes}
        declared = self.capabilities.collections if self.capabilities else ()
        refusals = [(r.collection, r.words) for r in self.refused if r.operation.name == "create"]
        wanted = levels.load(self.set_version)
        return levels.assess(wanted, statuses, declared, self.obstacle, refusals, self.side)

    def by_area(self) -> dict[str, Counter[Status]]:
        """Number of requirements by status, for each area in the catalogue's order."""
        areas: dict[str, Counter[Status]] = {}
        for outcome in self.outcomes:
            areas.setdefault(outcome.requirement.area, Counter())[outcome.status] += 1
        return areas

    def having(self, *statuses: Status) -> Iterator[Outcome]:
        """Outcomes that have one of the statuses."""
        return (outcome for outcome in self.outcomes if outcome.status in statuses)


@dataclass(frozen=True, slots=True)
class Given:
    """What a run was given beyond an endpoint: see `conclude`."""

    two_accounts: bool = False
    wire: bool = False

    def missing(self, requirement: Requirement) -> str:
        """Why a requirement could not be examined with that; empty if it could."""
        if requirement.two_accounts and not self.two_accounts:
            return ONE_ACCOUNT
        return NO_WIRE if requirement.wire and not self.wire else ""


def of_exchanges(
    ledger: Ledger,
    catalogue: Catalogue,
    capabilities: Capabilities | None,
    started: datetime.datetime,
    **more: Any,
) -> Result:
    """The result of what was not asked for by checks: files, an audit, the traffic of a proxy.

    `started`: when that began, with a time zone; `more`: other members of the result.
    """
    unjudged = (*more.pop("unjudged", ()), *ledger.unjudged.lines())
    return Result(
        outcomes=conclude(catalogue, ledger, capabilities, Scope.RECORDING),
        scope=Scope.RECORDING,
        capabilities=capabilities,
        deviations=ledger.deviations,
        requests=ledger.requests,
        seconds=(datetime.datetime.now(datetime.UTC) - started).total_seconds(),
        started=started,
        traffic=ledger.traffic,
        coverage=ledger.coverage,
        retries=tuple(ledger.retries),
        unwritten=tuple(ledger.unwritten),
        unjudged=unjudged,
        **more,
    )


def conclude(
    catalogue: Catalogue,
    ledger: Ledger,
    capabilities: Capabilities | None,
    scope: Scope = Scope.WHOLE,
    *,
    two_accounts: bool = False,
    wire: bool = False,
) -> tuple[Outcome, ...]:
    """The outcome of every requirement of the catalogue.

    `capabilities`: None if no entry point was seen; then nothing counts as undeclared.
    `two_accounts`: a second user was given; `wire`: requests were sent as bytes.
    """
    given = Given(two_accounts, wire)
    findings: dict[str, list[Finding]] = {}
    for finding in ledger.findings.values():
        findings.setdefault(finding.requirement, []).append(finding)
    return tuple(
        _outcome(requirement, findings.get(id_, []), ledger, capabilities, scope, given)
        for id_, requirement in catalogue.items()
    )


def _outcome(
    requirement: Requirement,
    findings: list[Finding],
    ledger: Ledger,
    capabilities: Capabilities | None,
    scope: Scope,
    given: Given,
) -> Outcome:
    examined = ledger.examined[requirement.id]
    unexcused = tuple(f for f in findings if f.deviation is None)
    if unexcused:
        status = Status.FAIL if requirement.level == "MUST" else Status.WARN
        return Outcome(requirement, status, examined, unexcused)
    if message := ledger.kit_errors.get(requirement.id):
        return Outcome(requirement, Status.KIT_ERROR, examined, reason=message)
    if findings:
        return Outcome(requirement, Status.EXCLUDED, examined, tuple(findings))
    if examined:
        return Outcome(requirement, Status.PASS, examined)
    not_given = given.missing(requirement) if capabilities is not None else ""
    if reason := not_declared(requirement, capabilities) or not_given:
        return Outcome(requirement, Status.NOT_APPLICABLE, 0, reason=reason)
    return _unexamined(requirement, ledger, scope)


def _unexamined(requirement: Requirement, ledger: Ledger, scope: Scope) -> Outcome:
    if number := ledger.behind.get(requirement.id):
        entry = next(entry for entry in ledger.deviations.entries if entry.number == number)
        reason = f"an accepted deviation stands before it: {entry}"
        return Outcome(requirement, Status.INCONCLUSIVE, 0, reason=reason, behind=number)
    if requirement.side == "client" and scope is Scope.WHOLE:
        reason = "the client did nothing of the kind in any scenario"
        return Outcome(requirement, Status.NOT_APPLICABLE, 0, reason=reason)
    if requirement.if_any and scope is Scope.WHOLE:
        reason = f"there was nothing of the kind: {requirement.if_any}"
        return Outcome(requirement, Status.NOT_APPLICABLE, 0, reason=reason)
    reason = ledger.reasons.get(requirement.id, "")
    lack = ledger.lacks.get(requirement.id, "")
    if lack and not reason and requirement.operation and scope is Scope.WHOLE:
        return Outcome(requirement, Status.NOT_APPLICABLE, 0, reason=lack)
    reason = reason or lack
    if not reason and scope is Scope.READ_ONLY and requirement.write:
        reason = "needs write access, and the run was read-only"
    return Outcome(
        requirement, Status.INCONCLUSIVE, 0, reason=reason or "nothing in this run examined it"
    )


def not_declared(requirement: Requirement, capabilities: Capabilities | None) -> str:
    """Why a requirement does not apply, judging by what the endpoint declares; empty if it does."""
    if capabilities is None:
        return ""
    collections = [requirement.collection, *((requirement.operation or "").split(".")[:1])]
    if requirement.feature:
        collections.append(requirement.feature.split(".")[0])
    for collection in filter(None, collections):
        parent = {"blobs": "buckets", "rules": "firewalls"}.get(collection, collection)
        if not capabilities.declares(parent):
            return f"the endpoint does not list {parent}"
    if requirement.feature and not capabilities.declares(feature=requirement.feature):
        return f"the endpoint does not announce the feature {requirement.feature}"
    return ""
