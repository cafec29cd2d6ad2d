"""Reports and submissions made in a moment.

Their exchanges with the embedded server are real, and judged by rules; what only checks can
judge is taken for examined.
"""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tck import requirements
from tck.certification import envelope, statement, submission
from tck.certification.statement import Claim
from tck.certification.submission import FILES, RESULTS, STATEMENT
from tck.endpoint import capabilities
from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import Redactor
from tck.endpoint.transport import Credentials, Transport
from tck.prove.altered.alteration import Alteration
from tck.prove.faults import faults
from tck.report import html, json_report, transcript, write
from tck.report.deviations import Deviations
from tck.report.ledger import Ledger
from tck.report.result import Result, conclude, not_declared
from tck.report.transcript import TranscriptPart
from tck.rules.judgement import Judgement

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
CLAIM = Claim("Example Ltd", "Cloud 3", "tck@example.org", NOW.isoformat())
# What a run found beside passes: called with its ledger.
Found = Callable[[Ledger], None]


@cache
def exchanges(persona: str, fault: str = "") -> tuple[Exchange, ...]:
    """The entry point and every collection of a server, in both formats."""
    subject = faults()[fault] if fault else Alteration("none", (), persona)
    with subject.server() as server:
        transport = Transport(server.url, Credentials("mockuser", "mockpassword"))
        seen: list[Exchange] = []
        transport.observers.append(seen.append)
        for accept in ("application/xml", "application/json"):
            transport.send("GET", "", headers={"Accept": accept})
            declared = capabilities.read(seen[0])
            assert declared is not None
            for href in declared.collections.values():
                transport.send("GET", href, headers={"Accept": accept})
        transport.close()
        return tuple(seen)


def result(
    folder: Path,
    found: Found | None = None,
    persona: str = "ec2",
    fault: str = "",
    **more: Any,
) -> Result:
    """A whole run that examined everything and left its transcript in a folder."""
    deviations = more.pop("deviations", Deviations())
    folder.mkdir(parents=True, exist_ok=True)
    part = TranscriptPart(folder, "", Redactor())
    ledger = Ledger(deviations, transcript=part)
    for x in exchanges(persona, fault):
        ledger.observe(x)
    declared = capabilities.read(exchanges(persona, fault)[0])
    if found:
        found(ledger)
    left_out = more.pop("left_out", ())
    for id_, requirement in requirements.load().items():
        if not (ledger.examined[id_] or not_declared(requirement, declared) or id_ in left_out):
            ledger.record("made", Judgement(id_, True, "/*", "made", "made"))
    ledger.end_check(whole=True)
    return Result(
        outcomes=conclude(requirements.load(), ledger, declared),
        capabilities=declared,
        deviations=deviations,
        requests=ledger.requests,
        seconds=2.5,
        subject="http://cloud.example:3001/api",
        started=NOW,
        options={"driver": None, "provider": None, "profile": "standard", "read_only": False},
        run_id="4a2f",
        seed=1,
        traffic=ledger.traffic,
        transcript=transcript.join(folder),
        **more,
    )


def report(folder: Path, found: Found | None = None, **more: Any) -> Path:
    """The folder of the report of such a run."""
    write.write(result(folder, found, **more), folder)
    return folder


def submitted(folder: Path) -> Path:
    """A submission that verifies."""
    submission.sign(report(folder / "report"), folder / "submission", KEY, CLAIM)
    return folder / "submission"


def forged(folder: Path, alter: Callable[[dict[str, Any]], object], source: Path) -> Path:
    """A submission whose vendor changed results.json, wrote a fitting page, and then signed."""
    if source != folder:
        shutil.copytree(source, folder)
    value = json.loads((folder / RESULTS).read_text("utf-8"))
    alter(value)
    (folder / RESULTS).write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")
    try:
        page = html.render(json_report.from_json(value))
        (folder / "report.html").write_text(page, "utf-8")
    except (LookupError, TypeError, ValueError):
        pass  # no page can be made of it; that of before stays
    return signed(folder, value)


def signed(folder: Path, value: dict[str, Any]) -> Path:
    """Signed by whoever does not ask whether it would verify."""
    (folder / "README.md").write_text("trust me", "utf-8")
    digests = {name: submission._digest(folder / name) for name in FILES}
    content = statement.payload(statement.build(value, digests, CLAIM))
    (folder / STATEMENT).write_bytes(envelope.seal(content, KEY))
    return folder


def reasons(folder: Path) -> list[str]:
    """Why a submission is refused; none if it verifies."""
    try:
        submission.verify(folder, lambda _id, _day: ("Example", KEY.public_key()))
    except submission.Refused as refused:
        return refused.reasons
    return []
