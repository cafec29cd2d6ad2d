"""Checks of metrics."""

from __future__ import annotations

from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify


@check("DC-MTR-005", "DC-MTR-003", "DC-MTR-004", needs="metrics")
def test_metric_is_of_its_instance(cloud: Cloud, verify: Verify) -> None:
    """Each metric is the one whose id was asked for."""
    members = cloud.members("metrics")
    if not members:
        verify.inconclusive("metrics has no members")
    for member in members[:4]:
        x = cloud.show("metrics", member.id)
        verify.status("DC-MTR-005", x, 200)
        got = x.xml.get("id") if x.xml is not None else None
        verify.equal("DC-MTR-005", "/metric/@id", member.id, got, x=x)
        entity = x.xml.findtext("entity") if x.xml is not None else None
        wanted = member.element.findtext("entity")
        verify.equal("DC-MTR-005", "/metric/entity", wanted, entity, x=x)
    x = cloud.show("metrics", cloud.unknown_id())
    verify.status("DC-MTR-005", x, 404, why="there is no such instance")
