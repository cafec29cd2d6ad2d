"""The ledger of a run: how often each requirement was examined, and every finding.

Judgements come from rules and checks. The ledger counts them, and keeps each finding once (by
requirement, rule or check, and place) with the first exchange that shows it. An endpoint that is
wrong in thousands of places cannot fill it (`ReportLimits`): beyond a limit further places of a
requirement are one finding, and evidence is cut. Only what is kept is redacted, once. Ledgers of
worker processes are sent to the main process and merged there.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import Any, Protocol

from tck.endpoint.disk import Unwritable
from tck.endpoint.exchange import Exchange
from tck.endpoint.limits import ReportLimits
from tck.endpoint.redaction import Redactor
from tck.report.coverage import Coverage
from tck.report.deviations import Deviation, Deviations
from tck.report.kept import kept_curl, kept_exchange, kept_sequence, kept_text
from tck.report.traffic import Traffic
from tck.report.transcript import TranscriptPart
from tck.report.unjudged import Unjudged
from tck.rules.agreement import Agreement
from tck.rules.engine import judge
from tck.rules.judgement import Judgement

_MOST_EXCHANGES = 20
_CURL = 4_000  # characters of a curl command
# Evidence of one finding: this share of the room that is left, so that some is left for others.
_SHARE, _LEAST = 64, 500  # bytes at least
OTHER_PLACES = "other places"
_Key = tuple[str, str, str, int | None]


class Judging(Protocol):
    """A rule, as far as a ledger knows it."""

    @property
    def name(self) -> str:
        """As findings show it."""

    @property
    def requirements(self) -> tuple[str, ...]:
        """Ids that it may judge."""


Judge = Callable[[Exchange], Iterable[tuple[Judging, Judgement]]]


@dataclass(slots=True)
class Finding:
    """A violated requirement with its evidence, without secrets.

    `requirement`: id; `by`: name of the rule or check; `place`, `expected`, `got`: as in
    `Judgement`. `count`: how often it occurred; `exchange`: the first exchange that shows it, in
    JSON Lines form; `exchanges`: ids of the first twenty; `curl`: a command that sends its request
    again; `steps`: instead, curl commands of a short sequence that leads there. `deviation`: number
    of the accepted deviation that covers it.
    """

    requirement: str
    by: str
    place: str
    expected: str
    got: str
    count: int = 0
    exchange: dict[str, Any] | None = None
    exchanges: list[str] = field(default_factory=list)
    curl: str = ""
    steps: list[str] = field(default_factory=list)
    deviation: int | None = None

    @property
    def key(self) -> _Key:
        """Two findings with the same key are one finding; indices in places do not count."""
        return self.requirement, self.by, re.sub(r"\[\d+\]", "[]", self.place), self.deviation

    @property
    def size(self) -> int:
        """Bytes of its evidence in results.json, at most."""
        return len(json.dumps([self.exchange, self.curl, self.steps]))


class Ledger:
    """Counts and findings of a run, by requirement id.

    `examined`: number of judgements; `reasons`: why it could not be examined; `lacks`: why it does
    not apply to what the endpoint offers; `behind`: which accepted deviation stood in the way, by
    its number; `kit_errors`: how the kit failed. `retries`: a line for each disturbed exchange;
    `requests` counts all exchanges; `unwritten`: what could not be written down, a line each;
    `unjudged`: what was beyond a limit. `steps_to`: what must be sent before an exchange that a
    rule blames, with that exchange.
    """

    def __init__(
        self,
        deviations: Deviations | None = None,
        redactor: Redactor | None = None,
        transcript: TranscriptPart | None = None,
        limits: ReportLimits | None = None,
        judges: Sequence[Judge] = (),
    ) -> None:
        """`deviations` that were accepted; `redactor` for what is kept.

        `transcript`: where to write every exchange; None for nowhere. `judges` look at every
        exchange: the rules on endpoints, unless others are given (`ClientJudge.judge`).
        """
        self._judges = judges or (judge, Agreement().judge)
        self.deviations = deviations or Deviations()
        self.redactor = redactor or Redactor()
        self.limits = limits = limits or ReportLimits()
        self.examined: Counter[str] = Counter()
        self.findings: dict[_Key, Finding] = {}
        self.reasons: dict[str, str] = {}
        self.lacks: dict[str, str] = {}
        self.behind: dict[str, int] = {}
        self.kit_errors: dict[str, str] = {}
        self.requests = 0
        self.retries: list[str] = []
        self.unwritten: list[str] = []
        self.traffic = Traffic()
        self.coverage = Coverage()
        self.unjudged = Unjudged(limits.unjudged, self._printable)
        self.steps_to: Callable[[Exchange], Sequence[Exchange]] = lambda _: ()
        self._right: list[tuple[Judgement, Exchange | None]] = []
        self._transcript = transcript
        self._room = limits.evidence
        self._counts: Counter[tuple[str, int | None]] = Counter()  # by requirement and deviation
        self._known: dict[_Key, Finding] = {}  # by what was judged, before it was redacted

    def observe(self, x: Exchange) -> None:
        """Count an exchange, add it to the transcript, and let every rule judge it.

        A disturbed exchange is listed among the retries; only its connection is judged.
        """
        self.requests += 1
        self.traffic.observe(x)
        self.coverage.observe(x)
        if self._transcript is not None:
            try:
                self._transcript.observe(x)
            except Unwritable as error:  # says nothing about the endpoint: the run goes on
                self._transcript = None
                self.unwritten.append(str(error))
        if x.disturbance:
            self.retried(f"{x.id} {x.request.method} {x.request.url}: {x.disturbance}")
        made: Counter[str] = Counter()
        for rule, judgement in chain.from_iterable(judges(x) for judges in self._judges):
            made[rule.name] += 1
            if deviation := self._count(rule.name, judgement, x):
                self.stood_in_the_way(deviation, rule.requirements)
            if judgement.ok:
                self.deviations.note_right(judgement, x)
        self.unjudged.observe(x, made)

    def record(
        self,
        by: str,
        judgement: Judgement,
        x: Exchange | None = None,
        steps: Sequence[Exchange] = (),
    ) -> Deviation | None:
        """Count one judgement of a check (`by`), and keep it if it is a finding.

        `steps`: a short sequence of exchanges that leads to `x`. Returns the accepted deviation
        that covers the finding, if one does.
        """
        if judgement.ok and self.deviations.concerns(judgement.requirement):
            self._right.append((judgement, x))
        return self._count(by, judgement, x, steps)

    def end_check(self, *, whole: bool) -> None:
        """A check has ended. If it got to its end, what it judged right refutes deviations.

        One that ended early may not have come to where the deviation shows.
        """
        for judgement, x in self._right if whole else ():
            self.deviations.note_right(judgement, x)
        self._right.clear()

    def stood_in_the_way(self, deviation: Deviation, requirements: Iterable[str]) -> None:
        """An accepted deviation ended what would have examined some requirements, too."""
        for id_ in requirements:
            self.behind.setdefault(id_, deviation.number)

    def _count(
        self,
        by: str,
        judgement: Judgement,
        x: Exchange | None = None,
        steps: Sequence[Exchange] = (),
    ) -> Deviation | None:
        self.examined[judgement.requirement] += 1
        if judgement.ok:
            return None
        deviation = self.deviations.covering(judgement, x)
        kept = self._finding(by, judgement, deviation)
        kept.count += 1
        if x is not None:
            if kept.exchange is None and kept.place != OTHER_PLACES and self._room > 0:
                self._add_evidence(kept, x, steps)
            if len(kept.exchanges) < _MOST_EXCHANGES:
                kept.exchanges.append(x.id)
        return deviation

    def _finding(self, by: str, judgement: Judgement, deviation: Deviation | None) -> Finding:
        """The finding to which a judgement belongs; made, and redacted, at the first one."""
        id_, number = judgement.requirement, deviation.number if deviation else None
        place = judgement.place[: self.limits.text]
        key = Finding(id_, by, place, "", "", deviation=number).key
        if kept := self._known.get(key):
            return kept
        if self._is_full(id_, number):
            return self._keep(Finding(id_, by, OTHER_PLACES, "", "", deviation=number))
        told = [self._printable(str(part)) for part in judgement[2:]]
        kept = self._keep(Finding(id_, by, told[0], told[1], told[2], deviation=number))
        self._known[key] = kept
        return kept

    def _is_full(self, requirement: str, deviation: int | None) -> bool:
        """True if no further finding of a requirement is kept; one of each always is."""
        count = self._counts[requirement, deviation]
        full = len(self.findings) >= self.limits.findings
        return count >= self.limits.findings_each or (full and count > 0)

    def _keep(self, finding: Finding) -> Finding:
        """The finding of the same key: this one if it is new, or one for all beyond the limits."""
        id_, number = finding.requirement, finding.deviation
        if finding.key not in self.findings and (
            finding.place == OTHER_PLACES or self._is_full(id_, number)
        ):
            expected = "the same as at the places that are listed"
            got = "more findings than a report keeps"
            finding = Finding(id_, "several", OTHER_PLACES, expected, got, deviation=number)
        elif finding.key not in self.findings:
            self._counts[id_, number] += 1
        return self.findings.setdefault(finding.key, finding)

    def _add_evidence(self, finding: Finding, x: Exchange, steps: Sequence[Exchange]) -> None:
        share = max(_LEAST, min(self.limits.shown, self._room // _SHARE))
        longest = min(share, _CURL)
        finding.exchange = kept_exchange(x, self.redactor, body=share, head=share)
        finding.curl = kept_curl(x, self.redactor, longest)
        finding.steps = kept_sequence(steps or self.steps_to(x), self.redactor, share)
        self._room -= finding.size

    def statuses(self, operation: str) -> Collection[int]:
        """With which statuses an operation (`instances.create`) was answered so far."""
        return self.traffic[operation].statuses if operation in self.traffic else ()

    def inconclusive(self, requirement: str, reason: str) -> None:
        """Note why a requirement could not be examined; the first reason is kept."""
        self._note(self.reasons, requirement, reason)

    def lacking(self, requirement: str, reason: str) -> None:
        """Note why a requirement does not apply to what the endpoint offers."""
        self._note(self.lacks, requirement, reason)

    def kit_error(self, requirement: str, message: str) -> None:
        """Note how the kit itself failed while it examined a requirement."""
        self._note(self.kit_errors, requirement, message)

    def retried(self, line: str) -> None:
        """Note that a request or a check was disturbed and sent or run again."""
        if len(self.retries) < self.limits.retries:
            self.retries.append(self._printable(line))

    def _note(self, notes: dict[str, str], requirement: str, text: str) -> None:
        if requirement not in notes:
            notes[requirement] = self._printable(text)

    def _printable(self, text: str) -> str:
        return kept_text(text, self.redactor, self.limits.text)

    # ------------------------------------------------------------ across processes

    def dump(self) -> dict[str, Any]:
        """All of it as plain values, to send to another process."""
        return {
            "examined": dict(self.examined),
            "findings": [asdict(finding) for finding in self.findings.values()],
            "reasons": self.reasons,
            "lacks": self.lacks,
            "behind": self.behind,
            "kit_errors": self.kit_errors,
            "requests": self.requests,
            "retries": self.retries,
            "unwritten": self.unwritten,
            "traffic": self.traffic.to_json(),
            "coverage": self.coverage.to_json(),
            "unjudged": self.unjudged.dump(),
            "deviations": [(entry.used, entry.met) for entry in self.deviations.entries],
        }

    def merge(self, dump: Mapping[str, Any]) -> None:
        """Add what another ledger with the same deviations dumped."""
        self.examined.update(dump["examined"])
        self.requests += dump["requests"]
        self.retries += dump["retries"][: self.limits.retries - len(self.retries)]
        self.unwritten += dump["unwritten"]
        self.traffic.merge(dump["traffic"])
        self.coverage.merge(dump["coverage"])
        self.unjudged.merge(dump["unjudged"])
        for entry, (used, met) in zip(self.deviations.entries, dump["deviations"], strict=True):
            entry.used += used
            entry.met += met
        for value in dump["findings"]:
            self._merge(Finding(**value))
        self.behind = {**dump["behind"], **self.behind}
        for notes, others in (
            (self.reasons, dump["reasons"]),
            (self.lacks, dump["lacks"]),
            (self.kit_errors, dump["kit_errors"]),
        ):
            notes.update({id_: text for id_, text in others.items() if id_ not in notes})

    def _merge(self, finding: Finding) -> None:
        kept = self._keep(finding)
        if kept is not finding:
            kept.count += finding.count
            room = _MOST_EXCHANGES - len(kept.exchanges)
            kept.exchanges += finding.exchanges[:room]
            if kept.exchange is not None or kept.place == OTHER_PLACES:
                return
            kept.exchange, kept.curl = finding.exchange, finding.curl
        if kept.size > self._room:
            kept.exchange, kept.steps = None, []
        self._room -= kept.size
