"""Checks of content negotiation. Much of what they send is judged by the rules, too."""

from __future__ import annotations

import pytest

from tck.checks.support.check import check
from tck.checks.support.client import TYPES
from tck.checks.support.cloud import Cloud
from tck.checks.support.shared import need_shown, skip_unless_listed
from tck.checks.support.verify import Verify

# The entry point, a list, a member path that is unknown everywhere and a plain resource.
TARGETS = ("", "/realms", "/instance_states")


@check("DC-NEG-001", "DC-NEG-002", "DC-NEG-003")
@pytest.mark.parametrize("target", TARGETS)
def test_one_type(cloud: Cloud, verify: Verify, target: str) -> None:
    """XML, JSON and nothing in Accept give XML, JSON and XML."""
    skip_unless_listed(cloud, target)
    for accept, requirement in (
        (None, "DC-NEG-001"),
        ("xml", "DC-NEG-002"),
        ("json", "DC-NEG-003"),
    ):
        x = cloud.get(target, format=accept)
        expected = "json" if accept == "json" else "xml"
        verify.equal(requirement, "Content-Type", expected, x.format if x.ok else x.status, x=x)


@check("DC-NEG-004", "DC-NEG-014", "DC-NEG-009", "DC-NEG-008")
@pytest.mark.parametrize(
    "accept",
    [
        *("text/xml", "Application/XML", "*/*", "application/*", "text/*"),
        *("application/xml;charset=utf-8", "application/xml; charset=utf-8"),
    ],
)
@pytest.mark.parametrize("target", TARGETS)
def test_other_ways_to_say_it(cloud: Cloud, verify: Verify, target: str, accept: str) -> None:
    """Another name or case of a type, a wildcard or a parameter is understood."""
    skip_unless_listed(cloud, target)
    x = cloud.get(target, format=None, headers={"Accept": accept})
    if x.status not in (200, 406):
        verify.inconclusive(f"{x.status} for Accept: {accept}")
    rule = {"text/xml": "DC-NEG-004", "Application/XML": "DC-NEG-014", "*/*": "DC-NEG-009"}
    verify.accepted(rule.get(accept, "DC-NEG-008"), x, why=f"Accept: {accept}")


@check("DC-NEG-005", "DC-NEG-016", "DC-NEG-017", "DC-NEG-006", "DC-NEG-007")
@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/xml;q=1", "xml"),
        ("application/xml;q=0, application/json", "json"),
        ("text/plain, application/json", "json"),
        ("*/*; q=0.5, application/xml", "xml"),
        ("application/xml, */*;q=0.5", "xml"),
        ("application/json;q=0.9, application/xml;q=0.4", "json"),
        ("application/xml;q=0.4,application/json;q=0.9", "json"),
        ("application/json ; q=0.2 , application/xml ; q=0.8", "xml"),
        ("application/xml;q=0.001, application/json;q=0.002", "json"),
        ("application/x-tck, application/xml;q=0.1", "xml"),
        ("application/json;q=0, */*;q=0.1, application/xml;q=0.2", "xml"),
    ],
)
@pytest.mark.parametrize("target", TARGETS)
def test_quality_values(
    cloud: Cloud, verify: Verify, target: str, accept: str, expected: str
) -> None:
    """Real clients send quality values (C2); the best acceptable format is given."""
    skip_unless_listed(cloud, target)
    x = cloud.get(target, format=None, headers={"Accept": accept})
    requirement = "DC-NEG-007" if "x-tck" in accept or "plain" in accept else "DC-NEG-017"
    if "q=0," in accept or accept.endswith("q=0"):
        requirement = "DC-NEG-006"
    verify.equal(requirement, "Content-Type", expected, x.format if x.ok else x.status, x=x)


@check("DC-NEG-010")
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("accept", ["application/x-tck", "text/csv, image/tiff;q=0.5"])
def test_nothing_acceptable(cloud: Cloud, verify: Verify, target: str, accept: str) -> None:
    """A client that can read none of the formats gets 406, not something else."""
    skip_unless_listed(cloud, target)
    need_shown(cloud, verify, target)
    x = cloud.get(target, format=None, headers={"Accept": accept})
    verify.status("DC-NEG-010", x, 406)


@check("DC-NEG-011")
@pytest.mark.parametrize("target", TARGETS)
def test_format_parameter(cloud: Cloud, verify: Verify, target: str) -> None:
    """`?format=` wins over Accept (C3)."""
    skip_unless_listed(cloud, target)
    for format_, accept in (("xml", "json"), ("json", "xml"), ("xml", None), ("json", None)):
        x = cloud.get(target, format=accept, params={"format": format_})
        verify.equal("DC-NEG-011", "Content-Type", format_, x.format if x.ok else x.status, x=x)


@check("DC-NEG-013")
@pytest.mark.parametrize("target", TARGETS)
def test_unknown_format(cloud: Cloud, verify: Verify, target: str) -> None:
    """`?format=` with a format that does not exist is refused."""
    skip_unless_listed(cloud, target)
    need_shown(cloud, verify, target)
    x = cloud.get(target, params={"format": "tck-none"})
    verify.status("DC-NEG-013", x, 406, 400, why="there is no such format")


@check("DC-NEG-015")
@pytest.mark.parametrize("target", TARGETS)
def test_html(cloud: Cloud, verify: Verify, target: str) -> None:
    """A request for HTML gets a page, where the endpoint has any."""
    skip_unless_listed(cloud, target)
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    cloud.get(target, format=None, headers={"Accept": browser})
    x = cloud.get(target, format=None, headers={"Accept": TYPES["html"]})
    if x.status == 406:
        verify.inconclusive("the endpoint offers no HTML")
    verify.equal("DC-NEG-015", "Content-Type", "html", x.format if x.ok else x.status, x=x)


@check("DC-NEG-018")
def test_extension_is_part_of_the_id(cloud: Cloud, verify: Verify) -> None:
    """`/realms/us.xml` is the realm `us.xml`."""
    members = cloud.members("realms") if cloud.capabilities.declares("realms") else []
    if not members:
        verify.inconclusive("no realm to ask for")
    need_shown(cloud, verify, cloud.path("realms", members[0].id))
    x = cloud.get(cloud.path("realms", members[0].id + ".xml"))
    verify.status("DC-NEG-018", x, 404)


@check("DC-ERR-017", "DC-ERR-008")
@pytest.mark.parametrize("target", ["/realms", "/images", "/instances", "/buckets"])
def test_failures_are_told_in_the_format_asked_for(
    cloud: Cloud, verify: Verify, target: str
) -> None:
    """A client that reads JSON gets its errors in JSON."""
    skip_unless_listed(cloud, target)
    path = f"{target}/{cloud.unknown_id()}"
    xml, json = cloud.get(path, format="xml"), cloud.get(path, format="json")
    verify.equal("DC-ERR-017", "status", xml.status, json.status, x=json)
