"""The ledger of a run: how often each requirement was examined, and every finding.

Judgements come from rules and checks. The ledger counts them, keeps findings once (by
requirement, rule and place) with the exchange that shows them first, and can be sent from
worker processes and merged.
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
    """A violated requirement with its evidence, fit for printing (redacted).

    `exchange` is the JSON Lines form of the exchange that shows it first; `exchanges` ids of
    the first few; `count` how often it occurred; `deviation` the number of the accepted
    deviation that covers it; `steps` the curl commands of a shrunk request sequence.
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
        """What makes two findings the same."""
        return self.requirement, self.by, re.sub(r"\[\d+\]", "[]", self.place), self.deviation


class Ledger:
    """Counts and findings by requirement."""

    def __init__(
        self,
        deviations: Deviations | None = None,
        redactor: Redactor | None = None,
        transcript: TranscriptPart | None = None,
    ) -> None:
        """`deviations` to set findings aside by; `redactor` to show them with.

        `transcript`: where every exchange is written down, if anywhere.
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
        """Let every rule judge an exchange; count it, and write it down."""
        self.requests += 1
        self.traffic.observe(x)
        if self._transcript is not None:
            self._transcript.observe(x)
        if x.disturbance:
            self.retries.append(
                self._told(f"{x.id} {x.request.method} {x.request.url}: {x.disturbance}")
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
        """Count one judgement of a rule or check, and keep it if it is a finding.

        Returns the accepted deviation that covers it, if one does.
        """
        self.examined[judgement.requirement] += 1
        if judgement.ok:
            self.deviations.found_right(judgement, x)
            return None
        deviation = self.deviations.covering(judgement, x)
        redact = self._told
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
        """Say why a requirement could not be examined; the first reason counts."""
        self.reasons.setdefault(requirement, reason)

    def lacking(self, requirement: str, reason: str) -> None:
        """Say why a requirement does not apply to what the endpoint offers."""
        self.lacks.setdefault(requirement, reason)

    def kit_error(self, requirement: str, message: str) -> None:
        """The kit itself failed while it examined a requirement."""
        self.kit_errors.setdefault(requirement, self._told(message))

    def _told(self, text: str) -> str:
        """Text as it can be written down: without secrets and halves of surrogate pairs."""
        # JSON may hold such halves as escapes; nothing can encode them
        return self.redactor.text(text).encode("utf-8", "backslashreplace").decode("utf-8")

    # ------------------------------------------------------------ across processes

    def dump(self) -> dict[str, Any]:
        """Everything, as plain values that can be sent to another process."""
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
        """Add what another ledger dumped."""
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
