"""Faults and variants as lists: what each entry must have."""

from __future__ import annotations

import json
import re

from tck import requirements
from tck.prove.campaign import judges
from tck.prove.faults import faults
from tck.prove.variants import variants
from tck.reference_server.drivers import registry
from tck.report import proof

FAULTS, VARIANTS = list(faults().values()), list(variants().values())
_NAME = re.compile(r"[a-z0-9]+([-._][a-z0-9]+)*")


def test_there_are_enough() -> None:
    assert len(FAULTS) >= 300
    assert len(VARIANTS) >= 60


def test_names_are_unique_and_plain() -> None:
    names = [*faults(), *variants()]
    assert len(names) == len(set(names))
    assert [name for name in names if not _NAME.fullmatch(name)] == []


def test_faults_violate_requirements_that_exist() -> None:
    catalogue = requirements.load()
    assert [f.name for f in FAULTS if not f.violates] == []
    assert [(f.name, i) for f in FAULTS for i in f.violates if i not in catalogue] == []
    assert [f.name for f in FAULTS if len(set(f.violates)) < len(f.violates)] == []


def test_faults_say_what_is_wrong_in_one_line() -> None:
    assert [f.name for f in FAULTS if not f.changes or not f.text or "\n" in f.text] == []


def test_variants_differ_and_say_what_admits_it() -> None:
    catalogue = requirements.load()
    assert [v.name for v in VARIANTS if not v.source.strip()] == []
    assert [v.name for v in VARIANTS for i in v.warns if catalogue[i].level == "MUST"] == []
    alike = [v.name for v in VARIANTS if not (v.changes or v.options or v.area == "personas")]
    assert alike == []


def test_every_persona_is_a_variant() -> None:
    assert {v.persona for v in VARIANTS} == set(registry.personas())


def test_every_requirement_has_a_fault() -> None:
    exercised = {id_ for fault in FAULTS for id_ in fault.violates}
    assert requirements.load().keys() - exercised == set()


def test_every_rule_and_check_names_what_some_fault_violates() -> None:
    """Whether it finds one is what the whole proof shows; see the figures that ship."""
    exercised = {id_ for fault in FAULTS for id_ in fault.violates}
    assert [name for name, ids in judges().items() if exercised.isdisjoint(ids)] == []


def test_the_figures_that_ship_are_good() -> None:
    """`make figures` renews them; a report says if the kit has changed since."""
    shipped = json.loads(proof.SHIPPED.read_text("utf-8"))
    summary = shipped["summary"]
    assert summary["detected"] >= 0.99 * summary["faults"] >= 0.99 * 300
    assert summary["variants"] >= 60
    assert summary["false_alarms"] == 0
    assert shipped["judges_without_fault"] == []
