"""Checks of metrics."""

from __future__ import annotations

from tck.checks.support import life
from tck.checks.support.answers import id_at, text_at
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify


@check("DC-MTR-005", "DC-MTR-003", "DC-MTR-004", needs="metrics")
def test_metric_is_of_its_instance(cloud: Cloud, verify: Verify) -> None:
    """Each metric is the one whose id was asked for."""
    for member in life.some_members(cloud, verify, "metrics", 4):
        x = cloud.show("metrics", member.id)
        verify.status("DC-MTR-005", x, 200)
        verify.equal("DC-MTR-005", "/metric/@id", member.id, id_at(x), x=x)
        listed, shown = member.element.findtext("entity"), text_at(x, "entity")
        verify.equal("DC-MTR-005", "/metric/entity", listed, shown, x=x)
    x = cloud.show("metrics", cloud.unknown_id())
    verify.status("DC-MTR-005", x, 404, why="there is no such instance")
