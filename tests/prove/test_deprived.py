"""Deprived and refusing servers: every ability has one, and a pass by fiat there is an alarm."""

from __future__ import annotations

import dataclasses

import pytest

from tck import requirements
from tck.prove.campaign import try_variant
from tck.prove.variants import variants
from tck.reference_server.drivers import registry
from tck.rules.links import RELS
from tck.schemas.operations import API

READING = ("index", "show", "content")


def test_every_ability_has_a_server_without_it() -> None:
    known, full = variants(), registry.shape("full")
    assert {f"without-collection-{name}" for name in full.collections} - known.keys() == {
        "without-collection-drivers"  # the server's own
    }
    features = {f"without-feature-{f.collection}.{f.name}" for f, _ in full.features}
    assert features - known.keys() == set()
    capable = [op for op in API.operations.values() if op.capability and op.name not in READING]
    for status in (405, 412, 501):
        assert {f"refuses-{op.id}-{status}" for op in capable} - known.keys() == set()
    without = " ".join(name for name in known if name.startswith("without-link-"))
    rels = {rel for by_rel in RELS.values() for rel in by_rel} - {"create_instance"}
    assert [rel for rel in rels if rel not in without] == []


def test_what_a_server_lacks_follows_from_the_catalogue() -> None:
    known, catalogue = variants(), requirements.load()
    for id_, requirement in catalogue.items():
        if requirement.feature:
            assert id_ in known[f"without-feature-{requirement.feature}"].lacks
        if requirement.operation == "addresses.create":
            assert id_ in known["without-operation-addresses.create"].lacks
            assert id_ in known["without-collection-addresses"].lacks


@pytest.mark.parametrize(
    "name",
    [
        "without-operation-addresses.create",
        "without-link-rule-destroy",
        "without-feature-keys.import_key",
        "without-collection-metrics",
        "refuses-keys.create-405",
        "refuses-networks.create-501",
    ],
)
def test_a_sample_is_not_blamed_and_passes_nothing(name: str) -> None:
    assert try_variant(name).alarms == {}


def test_what_passes_by_fiat_is_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = variants()["without-collection-metrics"]
    present = dataclasses.replace(honest, lacks=("DC-API-003",))
    monkeypatch.setattr("tck.prove.campaign.variants", lambda: {honest.name: present})
    assert try_variant(honest.name).alarms.keys() == {"DC-API-003"}
