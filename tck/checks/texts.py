"""Checks that text comes back from the endpoint as it was sent, in both formats."""

from __future__ import annotations

from collections.abc import Mapping

from tck.checks.support import life
from tck.checks.support.answers import object_in, text_at
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.generated import given
from tck.checks.support.strategies import names
from tck.checks.support.verify import Verify

# Parameters that take any text: collection, feature, parameter, the rest of the form.
CARRIERS: tuple[tuple[str, str | None, str, dict[str, str]], ...] = (
    ("firewalls", None, "description", {"name": ""}),
    ("storage_volumes", "storage_volumes.volume_name", "name", {}),
)


@check("DC-DOC-019", writes=True)
def test_text_comes_back(cloud: Cloud, verify: Verify) -> None:
    """Markup, quotes and any alphabet come back as they were sent."""
    carriers = [c for c in CARRIERS if cloud.capabilities.declares(c[0], c[1])]
    if not carriers:
        verify.inconclusive("nothing here takes a text of the caller's")
    for collection, _, parameter, rest in carriers:
        _judge(cloud, verify, collection, parameter, rest)


def _judge(
    cloud: Cloud, verify: Verify, collection: str, parameter: str, rest: Mapping[str, str]
) -> None:
    singular = collection.removesuffix("s")

    @given(names(40))
    def holds(text: str) -> None:
        cloud.trail.clear()
        form = {name: value or cloud.new_name() for name, value in rest.items()} | {parameter: text}
        _, resource = life.create(cloud, verify, "DC-DOC-019", collection, form)
        xml, json = cloud.get(resource.href), cloud.get(resource.href, format="json")
        got = text_at(xml, parameter)
        verify.equal("DC-DOC-019", f"/{singular}/{parameter}", text, got, x=xml)
        got = object_in(json, singular).get(parameter)
        verify.equal("DC-DOC-019", f"{singular}.{parameter}", text, got, x=json)
        cloud.cleaner.remove(resource)

    holds()
