"""Reports of a proof: JSON for programs, a page for people, and the figures that are shipped."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from pathlib import Path
from typing import Any

import jinja2

from tck import __version__, requirements
from tck.endpoint import disk
from tck.endpoint.disk import PUBLIC
from tck.prove import precision
from tck.prove.campaign import FaultOutcome, Proof, Timing, VariantOutcome, judges
from tck.report import proof as figures

DETECTION = 0.99
NAMES = ("proof.json", "proof.html")
_SHIPPED = ("kit", "date", "digest", "summary", "surviving", "judges_without_fault")


def ship(proof: Proof) -> Path:
    """Write the figures that the kit's reports print into the package; the path."""
    value = as_json(proof)
    kept = {name: value[name] for name in _SHIPPED}
    disk.write(figures.SHIPPED, (json.dumps(kept, indent=1) + "\n").encode(), PUBLIC)
    return figures.SHIPPED


def write(proof: Proof, folder: Path) -> list[Path]:
    """Write proof.json and proof.html; the paths. Raises Unwritable."""
    value = as_json(proof)
    content = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    paths = [folder / name for name in NAMES]
    disk.prepare(folder, NAMES)
    disk.write(paths[0], content.encode(), PUBLIC)
    disk.write(paths[1], _page(value).encode(), PUBLIC)
    return paths


def holds(proof: Proof, *, whole: bool = False) -> bool:
    """True if the share `DETECTION` of the faults was found and no right server was blamed.

    In a `whole` proof every rule and check must have found a fault, too. No fault may make a run
    much longer.
    """
    detected = sum(outcome.detected for outcome in proof.faults)
    enough = not proof.faults or detected / len(proof.faults) >= DETECTION
    alarms = any(outcome.alarms for outcome in proof.variants)
    in_time = all(timing.within for timing in proof.slowest)
    clients = proof.clients is None or proof.clients.holds
    return enough and in_time and clients and not alarms and not (whole and idle(proof))


def idle(proof: Proof) -> list[str]:
    """Rules and checks that found no fault."""
    of_clients = proof.clients.idle if proof.clients else []
    return sorted(judges().keys() - proof.effective_judges()) + of_clients


def as_json(proof: Proof) -> dict[str, Any]:
    """The content of proof.json."""
    exercised = {id_ for outcome in proof.faults for id_ in outcome.fault.violates}
    catalogue = requirements.load()
    return {
        "kit": __version__,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "digest": figures.digest(),
        "summary": _summary(proof),
        "surviving": [outcome.name for outcome in proof.faults if not outcome.detected],
        "faults": [_fault(outcome) for outcome in proof.faults],
        "variants": [_variant(outcome) for outcome in proof.variants],
        "slowest": [_timing(timing) for timing in proof.slowest],
        "clients": proof.clients.to_json() if proof.clients else None,
        "precision": precision.as_json(proof.blames) if proof.blames else None,
        "requirements_without_fault": [
            {"id": r.id, "level": r.level, "text": r.text}
            for r in catalogue.values()
            if r.id not in exercised
        ],
        "judges_without_fault": idle(proof),
    }


def _summary(proof: Proof) -> dict[str, Any]:
    areas: dict[str, Counter[str]] = {}
    for outcome in proof.faults:
        count = areas.setdefault(outcome.fault.area, Counter())
        count.update(faults=1, detected=outcome.detected)
    return {
        "faults": len(proof.faults),
        "detected": sum(outcome.detected for outcome in proof.faults),
        "variants": len(proof.variants),
        "deprived": proof.count("without-"),
        "refusing": proof.count("refuses-"),
        "false_alarms": sum(bool(outcome.alarms) for outcome in proof.variants),
        **({"clients": proof.clients.summary} if proof.clients else {}),
        "seconds": round(proof.seconds, 1),
        "requests": sum(o.trial.requests for o in proof.faults)
        + sum(o.trial.requests for o in proof.variants),
        "areas": {
            area: {**count, "rate": round(count["detected"] / count["faults"], 4)}
            for area, count in sorted(areas.items())
        },
    }


def _fault(outcome: FaultOutcome) -> dict[str, Any]:
    fault = outcome.fault
    return {
        "name": fault.name,
        "area": fault.area,
        "text": fault.text,
        "persona": fault.persona,
        "detected": outcome.detected,
        "violates": outcome.tied,
        "also": outcome.also,
        "unfit": outcome.trial.unfit,
        "kit_errors": outcome.trial.kit_errors,
        "requests": outcome.trial.requests,
        "seconds": round(outcome.trial.seconds, 2),
    }


def _variant(outcome: VariantOutcome) -> dict[str, Any]:
    variant = outcome.variant
    return {
        "name": variant.name,
        "text": variant.text,
        "source": variant.source,
        "persona": variant.persona,
        "examined": len(outcome.trial.examined),
        "alarms": outcome.alarms,
        "warnings": outcome.warnings,
        "expected_warnings": list(variant.warns),
        "requests": outcome.trial.requests,
        "seconds": round(outcome.trial.seconds, 2),
    }


def _timing(timing: Timing) -> dict[str, Any]:
    return {
        "name": timing.name,
        "within": timing.within,
        "waited": round(timing.trial.waited, 1),
        "seconds": round(timing.trial.seconds, 1),
        "requests": timing.trial.requests,
        "unchanged": {
            "seconds": round(timing.unchanged.seconds, 1),
            "requests": timing.unchanged.requests,
        },
    }


def _page(value: dict[str, Any]) -> str:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("tck.prove"), autoescape=True, trim_blocks=True
    )
    return environment.get_template("proof.html.j2").render(proof=value, detection=DETECTION)
