"""Checks of the state machine: both formats describe the same one."""

from __future__ import annotations

from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.rules import instance_states


@check("DC-IST-011", "DC-IST-001", "DC-IST-002", needs="instance_states")
def test_xml_and_json_describe_the_same_machine(cloud: Cloud, verify: Verify) -> None:
    """States and transitions do not depend on the format."""
    xml, json = (cloud.index("instance_states", format=f) for f in ("xml", "json"))
    verify.status("DC-IST-001", xml, 200)
    verify.status("DC-IST-002", json, 200)
    in_xml, in_json = instance_states.read(xml), instance_states.read(json)
    if in_xml is None or in_json is None:
        verify.inconclusive("the machine cannot be read in both formats")
    verify.equal("DC-IST-011", "states", sorted(in_xml[0]), sorted(in_json[0]), x=json)
    expected, got = (
        sorted((t.source, str(t.to), str(t.action), str(t.auto).lower()) for t in machine[1])
        for machine in (in_xml, in_json)
    )
    verify.equal("DC-IST-011", "transitions", expected, got, x=json)


@check("DC-IST-012", needs="instance_states")
def test_picture(cloud: Cloud, verify: Verify) -> None:
    """Where the machine is offered as a picture (`format=png`), it is one."""
    x = cloud.index("instance_states", params={"format": "png"}, format=None)
    if not x.ok:  # stance 6; that it is a proper refusal is for other requirements
        verify.inconclusive("the endpoint offers no picture")
    verify.equal("DC-IST-012", "Content-Type", "image/png", x.media_type, x=x)
