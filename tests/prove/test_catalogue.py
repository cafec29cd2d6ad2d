"""Faults and variants as lists: what each entry must have."""

from __future__ import annotations

import re

from tck import requirements
from tck.reference_server.drivers import shape
from tck.reference_server.faults import faults
from tck.reference_server.variants import variants

FAULTS, VARIANTS = list(faults().values()), list(variants().values())
_NAME = re.compile(r"[a-z0-9]+([-.][a-z0-9]+)*")


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
    assert {v.persona for v in VARIANTS} == set(shape.names())


def test_every_area_of_the_catalogue_has_faults() -> None:
    catalogue = requirements.load()
    exercised = {catalogue[id_].area for fault in FAULTS for id_ in fault.violates}
    assert {r.area for r in catalogue.values()} - exercised == set()
