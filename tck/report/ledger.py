"""The ledger of a run: how often each requirement was examined, and every finding.

Judgements come from rules and checks. The ledger counts them, and keeps each finding once (by
requirement, rule or check, and place) with the first exchange that shows it. Ledgers of worker
processes are sent to the main process and merged there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tck.endpoint import files
from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import Redactor, curl
from tck.report.deviations import Deviation, Deviations
from tck.report.traffic import Traffic
from tck.report.transcript import TranscriptPart
from tck.rules.engine import judge
from tck.rules.judgement import Judgement

_MOST_EXCHANGES = 20


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
    def key(self) -> tuple[str, str, str, int | None]:
        """Two findings with the same key are one finding; indices in places do not count."""
        return self.requirement, self.by, re.sub(r"\[\d+\]", "[]", self.place), self.deviation


class Ledger:
    """Counts and findings of a run, by requirement id.

    `examined`: number of judgements; `reasons`: why it could not be examined; `lacks`: why it does
    not apply to what the endpoint offers; `kit_errors`: how the kit failed. `retries`: a line for
    each disturbed exchange; `requests` counts all exchanges.
    """

    def __init__(
        self,
        deviations: Deviations | None = None,
        redactor: Redactor | None = None,
        transcript: TranscriptPart | None = None,
    ) -> None:
        """`deviations` that were accepted; `redactor` for what is kept.

        `transcript`: where to write every exchange; None for nowhere.
        """
        self.deviations = deviations or Deviations()
        self.redactor = redactor or Redactor()
        self.examined: Counter[str] = Counter()
        self.findings: dict[tuple[str, str, str, int | None], Finding] = {}
        self.reasons: dict[str, str] = {}
        self.lacks: dict[str, str] = {}
        self.kit_errors: dict[str, str] = {}
        self.requests = 0
        self.retries: list[str] = []
        self.traffic = Traffic()
        self._transcript = transcript

    def observe(self, x: Exchange) -> None:
        """Count an exchange, add it to the transcript, and let every rule judge it.

        A disturbed exchange is listed among the retries instead of being judged.
        """
        self.requests += 1
        self.traffic.observe(x)
        if self._transcript is not None:
            self._transcript.observe(x)
        if x.disturbance:
            self.retries.append(
                self._printable(f"{x.id} {x.request.method} {x.request.url}: {x.disturbance}")
            )
            return
        for rule, judgement in judge(x):
            self.record(rule.name, judgement, x)

    def record(
        self,
        by: str,
        judgement: Judgement,
        x: Exchange | None = None,
        steps: list[str] | None = None,
    ) -> Deviation | None:
        """Count one judgement of a rule or check (`by`), and keep it if it is a finding.

        Returns the accepted deviation that covers it, if one does.
        """
        self.examined[judgement.requirement] += 1
        if judgement.ok:
            self.deviations.note_right(judgement, x)
            return None
        deviation = self.deviations.covering(judgement, x)
        redact = self._printable
        finding = Finding(
            judgement.requirement,
            by,
            redact(judgement.place),
            redact(judgement.expected),
            redact(judgement.got),
            deviation=deviation.number if deviation else None,
            steps=[redact(step) for step in steps or []],
        )
        kept = self.findings.setdefault(finding.key, finding)
        kept.count += 1
        if x is not None:
            if kept.exchange is None:
                clean = self.redactor.exchange(x)
                kept.exchange, kept.curl = files.to_json(clean), curl(clean)
            if len(kept.exchanges) < _MOST_EXCHANGES:
                kept.exchanges.append(x.id)
        return deviation

    def inconclusive(self, requirement: str, reason: str) -> None:
        """Note why a requirement could not be examined; the first reason is kept."""
        self.reasons.setdefault(requirement, reason)

    def lacking(self, requirement: str, reason: str) -> None:
        """Note why a requirement does not apply to what the endpoint offers."""
        self.lacks.setdefault(requirement, reason)

    def kit_error(self, requirement: str, message: str) -> None:
        """Note how the kit itself failed while it examined a requirement."""
        self.kit_errors.setdefault(requirement, self._printable(message))

    def _printable(self, text: str) -> str:
        """Text without secrets, and with lone surrogates escaped."""
        # JSON can contain lone surrogates as escapes, which no encoding can write
        return self.redactor.text(text).encode("utf-8", "backslashreplace").decode("utf-8")

    # ------------------------------------------------------------ across processes

    def dump(self) -> dict[str, Any]:
        """All of it as plain values, to send to another process."""
        return {
            "examined": dict(self.examined),
            "findings": [asdict(finding) for finding in self.findings.values()],
            "reasons": self.reasons,
            "lacks": self.lacks,
            "kit_errors": self.kit_errors,
            "requests": self.requests,
            "retries": self.retries,
            "traffic": self.traffic.to_json(),
            "deviations": [(entry.used, entry.met) for entry in self.deviations.entries],
        }

    def merge(self, dump: Mapping[str, Any]) -> None:
        """Add what another ledger with the same deviations dumped."""
        self.examined.update(dump["examined"])
        self.requests += dump["requests"]
        self.retries += dump["retries"]
        self.traffic.merge(dump["traffic"])
        for entry, (used, met) in zip(self.deviations.entries, dump["deviations"], strict=True):
            entry.used += used
            entry.met += met
        for value in dump["findings"]:
            finding = Finding(**value)
            kept = self.findings.setdefault(finding.key, finding)
            if kept is not finding:
                kept.count += finding.count
                if kept.exchange is None:
                    kept.exchange, kept.curl = finding.exchange, finding.curl
                room = _MOST_EXCHANGES - len(kept.exchanges)
                kept.exchanges += finding.exchanges[:room]
        for requirement, reason in dump["reasons"].items():
            self.inconclusive(requirement, reason)
        for requirement, reason in dump["lacks"].items():
            self.lacking(requirement, reason)
        for requirement, message in dump["kit_errors"].items():
            self.kit_errors.setdefault(requirement, message)
