"""Which rules and checks judge a requirement, and which faults violate it on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from tck import requirements
from tck.checks.support.inventory import Check, checks_by_requirement
from tck.prove.faults import Fault, faults
from tck.requirements import Requirement
from tck.rules import RULES
from tck.rules.engine import Rule


@dataclass(frozen=True, slots=True)
class Judged:
    """A requirement with its rules, checks and faults."""

    requirement: Requirement
    rules: tuple[Rule, ...]
    checks: tuple[Check, ...]
    faults: tuple[Fault, ...]


@cache
def judged() -> dict[str, Judged]:
    """Every requirement of the catalogue by id, with what judges it."""
    return {
        id_: Judged(
            requirement,
            tuple(rule for rule in RULES.values() if id_ in rule.requirements),
            tuple(checks_by_requirement().get(id_, ())),
            tuple(fault for fault in faults().values() if id_ in fault.violates),
        )
        for id_, requirement in requirements.load().items()
    }


def applicability(requirement: Requirement) -> str:
    """When a requirement applies, in words; `always` if there is no condition."""
    parts = []
    if requirement.operation:
        parts.append(f"the endpoint offers {requirement.operation}")
    elif requirement.collection:
        parts.append(f"the endpoint lists {requirement.collection}")
    if requirement.feature:
        parts.append(f"it announces the feature {requirement.feature}")
    if requirement.format:
        parts.append(f"answers in {requirement.format.upper()}")
    if requirement.write:
        parts.append("the run may write")
    if requirement.if_any:
        parts.append(f"there are any {requirement.if_any}")
    return "; ".join(parts) or "always"
