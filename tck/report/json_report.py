"""results.json: the result as data (its JSON Schema: tck/schemas/results.schema.json)."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tck import __version__
from tck.certification import levels
from tck.report.ledger import Finding
from tck.report.result import Result


def to_json(result: Result) -> dict[str, Any]:
    """The members of results.json."""
    return {
        "kit": {"name": "deltacloud-tck", "version": __version__},
        "endpoint": {"subject": result.subject, **result.options},
        "capabilities": result.capabilities.to_json() if result.capabilities else None,
        "summary": {
            "verdict": str(result.verdict),
            "scope": str(result.scope),
            "counts": {str(status): count for status, count in sorted(result.counts.items())},
            "requests": result.requests,
            "seconds": round(result.seconds, 3),
            "started": result.started.isoformat(timespec="seconds"),
            "leaks": list(result.leaks),
            "errors": list(result.errors),
            "stale_deviations": [entry.requirement for entry in result.deviations.stale],
            "expired_deviations": [entry.requirement for entry in result.deviations.expired],
        },
        "requirement_set": {"version": levels.CURRENT, "digest": levels.load().digest},
        "levels": [level.to_json() for level in result.levels],
        "requirements": [
            {
                "id": outcome.requirement.id,
                "level": outcome.requirement.level,
                "status": str(outcome.status),
                "examined": outcome.examined,
                "reason": outcome.reason,
                "findings": [_finding(finding) for finding in outcome.findings],
            }
            for outcome in result.outcomes
        ],
        "checks": [
            {
                "name": check.name,
                "requirements": list(check.requirements),
                "outcome": check.outcome,
                "seconds": round(check.seconds, 3),
            }
            for check in result.checks
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    value = asdict(finding)
    del value["requirement"]
    return value


def write(result: Result, path: Path) -> None:
    """Write results.json."""
    text = json.dumps(to_json(result), indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
