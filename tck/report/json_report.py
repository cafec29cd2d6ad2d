"""results.json: the result as data (its JSON Schema: tck/schemas/results.schema.json).

All other forms of a report are made from what `from_json` reads back, so results.json contains
everything that they show, and it can be verified that a report.html belongs to a results.json.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any, TypeVar

import jsonschema_rs

from tck import __version__, requirements
from tck.endpoint.capabilities import Capabilities, DeclaredFeature
from tck.endpoint.parsing import parse_json
from tck.endpoint.redaction import GATE
from tck.report import kit
from tck.report.coverage import Coverage
from tck.report.deviations import Deviation, Deviations
from tck.report.ledger import Finding
from tck.report.result import CheckOutcome, Outcome, Result, Scope, Status
from tck.report.scenarios import ScenarioOutcome
from tck.report.traffic import Traffic
from tck.report.transcript import Transcript
from tck.requirements import levels

T = TypeVar("T")


def to_json(result: Result) -> dict[str, Any]:
    """The result as the JSON object of results.json."""
    return {
        "kit": {"name": "deltacloud-tck", "version": __version__, "digest": kit.digest()},
        "run": {
            "id": result.run_id,
            "seed": result.seed,
            "retries": list(result.retries),
            "budget": result.budget,
        },
        "endpoint": {"subject": result.subject, **result.options},
        "capabilities": result.capabilities.to_json() if result.capabilities else None,
        "summary": {
            "verdict": str(result.verdict),
            "scope": str(result.scope),
            "side": result.side,
            "counts": {str(status): count for status, count in sorted(result.counts.items())},
            "requests": result.requests,
            "seconds": round(result.seconds, 3),
            "started": result.started.isoformat(timespec="seconds"),
            "leaks": list(result.leaks),
            "left": list(result.left),
            "others": list(result.others),
            "unjudged": list(result.unjudged),
            "errors": list(result.errors),
            "unwritten": list(result.unwritten),
            "unfinished": result.unfinished,
            "stale_deviations": [entry.requirement for entry in result.deviations.stale],
            "expired_deviations": [entry.requirement for entry in result.deviations.expired],
        },
        "requirement_set": {
            "version": result.set_version,
            "digest": levels.load(result.set_version).digest,
        },
        "levels": [level.to_json() for level in result.levels],
        "requirements": [_outcome(outcome) for outcome in result.outcomes],
        "scenarios": [outcome.to_json() for outcome in result.scenarios],
        "checks": [
            {
                "name": check.name,
                "requirements": list(check.requirements),
                "outcome": check.outcome,
                "seconds": round(check.seconds, 3),
            }
            for check in result.checks
        ],
        "deviations": [_deviation(entry) for entry in result.deviations.entries],
        "refused": [
            {"operation": r.operation.id, "statuses": list(r.statuses), "requests": r.requests}
            for r in result.refused
        ],
        "traffic": result.traffic.to_json(),
        "coverage": result.coverage.to_json(),
        "transcript": asdict(result.transcript) if result.transcript else None,
        "proof": result.proof and dict(result.proof),
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.requirement.id,
        "level": outcome.requirement.level,
        "status": str(outcome.status),
        "examined": outcome.examined,
        "reason": outcome.reason,
        "behind": outcome.behind,
        "findings": [_finding(finding) for finding in outcome.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    value = asdict(finding)
    del value["requirement"]
    return value


def _deviation(entry: Deviation) -> dict[str, Any]:
    value = asdict(entry)
    for name in ("date", "expires"):
        value[name] = value[name] and value[name].isoformat()
    value["where"] = {name: list(patterns) for name, patterns in entry.where.items()}
    return value


def content(result: Result) -> bytes:
    """What results.json holds, redacted."""
    text = GATE.json(to_json(result), indent=1, ensure_ascii=False) + "\n"
    return text.encode("utf-8", "backslashreplace")  # half of a surrogate pair, as JSON writes it


# ---------------------------------------------------------------- reading it back


class BadResults(Exception):
    """A file is no results.json that this kit can read; the message says why."""


def read(content: bytes) -> Result:
    """The result in the bytes of a results.json. Raises BadResults."""
    value = parse(content)
    if found := problems(value):
        raise BadResults(found[0])
    try:
        return from_json(value)
    except (LookupError, ValueError) as error:
        raise BadResults(f"this kit does not know {error}") from error


def parse(content: bytes) -> Any:
    """The value of a JSON text. Raises BadResults."""
    try:
        return parse_json(content)
    except UnicodeDecodeError as error:
        raise BadResults(f"not UTF-8 text (byte {error.start})") from error
    except ValueError as error:
        raise BadResults(f"not JSON: {error}") from error
    except RecursionError as error:
        raise BadResults("nested too deep") from error


def problems(value: Any) -> list[str]:
    """Where a value differs from the JSON Schema of results.json; at most five lines."""
    try:
        if _is_valid(value):
            return []
    except ValueError:  # Rust strings hold no lone surrogates
        return ["half of a surrogate pair stands for no character"]
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow to load

    errors = islice(Draft202012Validator(_schema()).iter_errors(value), 5)
    return [f"{'/'.join(map(str, e.absolute_path)) or '/'}: {e.message[:120]}" for e in errors]


@cache
def _schema() -> dict[str, Any]:
    text = (resources.files("tck.schemas") / "results.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _is_valid(value: Any) -> bool:
    return jsonschema_rs.Draft202012Validator(_schema()).is_valid(value)


def from_json(value: Mapping[str, Any]) -> Result:
    """The result in a results.json of the published form.

    Raises LookupError or ValueError if the catalogue lacks a requirement that it names, if there is
    no such requirement set, or if a date is none.
    """
    levels.load(value["requirement_set"]["version"])
    summary, catalogue = value["summary"], requirements.load("both")
    declared = value["capabilities"]
    return Result(
        outcomes=tuple(_read_outcome(catalogue[o["id"]], o) for o in value["requirements"]),
        capabilities=declared and _read_capabilities(declared),
        deviations=Deviations(tuple(_read_deviation(entry) for entry in value["deviations"])),
        requests=summary["requests"],
        seconds=summary["seconds"],
        subject=value["endpoint"]["subject"],
        started=datetime.datetime.fromisoformat(summary["started"]),
        checks=tuple(
            CheckOutcome(c["name"], tuple(c["requirements"]), c["outcome"], c["seconds"])
            for c in value["checks"]
        ),
        options={name: v for name, v in value["endpoint"].items() if name != "subject"},
        leaks=tuple(summary["leaks"]),
        left=tuple(summary.get("left", ())),
        others=tuple(summary.get("others", ())),  # not in reports of earlier versions
        unjudged=tuple(summary.get("unjudged", ())),
        errors=tuple(summary["errors"]),
        unwritten=tuple(summary.get("unwritten", ())),
        unfinished=summary["unfinished"],
        scope=Scope(summary["scope"]),
        side=summary.get("side", "server"),
        scenarios=tuple(map(ScenarioOutcome.from_json, value.get("scenarios", ()))),
        run_id=value["run"]["id"],
        seed=value["run"]["seed"],
        set_version=value["requirement_set"]["version"],
        traffic=Traffic(value["traffic"]),
        coverage=Coverage(value.get("coverage")),  # results of 2026.11 have none
        transcript=value["transcript"] and _made(Transcript, value["transcript"]),
        retries=tuple(value["run"]["retries"]),
        budget=value["run"]["budget"],
        proof=value["proof"],
    )


def _read_outcome(requirement: requirements.Requirement, value: Mapping[str, Any]) -> Outcome:
    findings = tuple(_made(Finding, f | {"requirement": requirement.id}) for f in value["findings"])
    return Outcome(
        requirement,
        Status(value["status"]),
        value["examined"],
        findings,
        value["reason"],
        value.get("behind"),
    )


def _read_capabilities(value: Mapping[str, Any]) -> Capabilities:
    features = {
        name: DeclaredFeature(f["operation"], (), f["constraints"])
        for name, f in value["features"].items()
    }
    collections = dict.fromkeys(value["collections"], "")  # hrefs are not in results.json
    return Capabilities(value["version"], value["driver"], value["provider"], collections, features)


def _read_deviation(value: Mapping[str, Any]) -> Deviation:
    dates = {n: value[n] and datetime.date.fromisoformat(value[n]) for n in ("date", "expires")}
    where = {name: tuple(patterns) for name, patterns in value["where"].items()}
    leaves = tuple(value.get("leaves", ()))
    return _made(Deviation, {**value, **dates, "where": where, "leaves": leaves})


def _made(kind: type[T], value: Mapping[str, Any]) -> T:
    """A dataclass of those members that it has: later releases may add some."""
    return kind(**{f.name: value[f.name] for f in fields(kind) if f.name in value})  # type: ignore[arg-type]
