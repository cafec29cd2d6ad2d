"""What judges a requirement, which faults violate it on purpose, and which variants cite it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tck import requirements
from tck.checks.support.inventory import Check, checks_by_requirement
from tck.prove.clients.campaign import clients
from tck.prove.clients.client import ScriptedClient
from tck.prove.faults import Fault, faults
from tck.prove.variants import Variant, variants
from tck.requirements import Requirement
from tck.rules import RULES
from tck.rules.clients import CLIENT_RULES, ENDING_RULES, ClientRule, EndingRule
from tck.rules.engine import Rule


@dataclass(frozen=True, slots=True)
class Judged:
    """A requirement with its rules, checks and faults, and the variants that cite its id.

    `clients` are broken ones that violate it.
    """

    requirement: Requirement
    rules: tuple[Rule | ClientRule | EndingRule, ...]
    checks: tuple[Check, ...]
    faults: tuple[Fault, ...]
    variants: tuple[Variant, ...]
    clients: tuple[ScriptedClient, ...] = ()


@cache
def judged() -> dict[str, Judged]:
    """Every requirement of the catalogue by id, with what judges it."""
    return {
        id_: Judged(
            requirement,
            tuple(rule for rule in _rules() if id_ in rule.requirements),
            tuple(checks_by_requirement().get(id_, ())),
            tuple(fault for fault in faults().values() if id_ in fault.violates),
            tuple(variant for variant in variants().values() if id_ in _cited(variant)),
            tuple(client for client in clients().values() if id_ in client.violates),
        )
        for id_, requirement in requirements.load("both").items()
    }


def _rules() -> Iterator[Rule | ClientRule | EndingRule]:
    yield from RULES.values()
    yield from CLIENT_RULES.values()
    yield from ENDING_RULES.values()


def _cited(variant: Variant) -> set[str]:
    """Ids of the requirements that permit a variant, or that it does not follow."""
    return {*re.findall(r"DC-\w+-\d+", variant.source), *variant.warns}


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
