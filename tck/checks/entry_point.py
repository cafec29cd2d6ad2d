"""Checks of the entry point: what it declares is true."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.shared import need_shown
from tck.checks.support.verify import Verify
from tck.endpoint import capabilities
from tck.endpoint.capabilities import Capabilities
from tck.rules.places import brief
from tck.schemas.operations import API


def _where(capabilities: Capabilities) -> dict[str, str]:
    """The path of each collection; an href in JSON may say that it is JSON."""
    paths = {name: urlsplit(href).path for name, href in capabilities.collections.items()}
    return {n: re.sub(r"(\.json|\.xml)?/?$", "", path) for n, path in sorted(paths.items())}


@check("DC-API-001", "DC-API-002", "DC-API-010", "DC-API-018")
def test_xml_and_json_declare_the_same(cloud: Cloud, verify: Verify) -> None:
    """What the entry point declares does not depend on its format."""
    xml, json = cloud.get("", format="xml"), cloud.get("", format="json")
    verify.status("DC-API-001", xml, 200)
    verify.status("DC-API-002", json, 200)
    in_xml, in_json = capabilities.read(xml), capabilities.read(json)
    for requirement, declared, x in (("DC-API-001", in_xml, xml), ("DC-API-002", in_json, json)):
        ok = declared is not None
        verify.holds(requirement, "body", "an api document", x.media_type, ok, x=x)
    in_xml = verify.need(in_xml, "there is no api document in XML")
    in_json = verify.need(in_json, "there is no api document in JSON")
    verify.equal("DC-API-010", "api.driver", in_xml.driver, in_json.driver, x=json)
    verify.equal("DC-API-010", "api.version", in_xml.version, in_json.version, x=json)
    verify.equal("DC-API-010", "api.provider", in_xml.provider, in_json.provider, x=json)
    verify.equal("DC-API-010", "api.links", _where(in_xml), _where(in_json), x=json)
    operative = sorted(name for name, feature in in_json.features.items() if feature.operation)
    verify.equal("DC-API-010", "api.links[].features", sorted(in_xml.features), operative, x=json)
    for name in operative:
        expected, got = in_xml.features[name], in_json.features[name]
        place = f"api.links[].features {brief(name)}"
        verify.equal("DC-API-018", f"{place}.rel", expected.operation, got.operation, x=json)
        params = sorted(expected.params), sorted(got.params)
        verify.equal("DC-API-018", f"{place}.params", *params, x=json)
        limits = dict(expected.constraints), dict(got.constraints)
        verify.equal("DC-API-018", f"{place}.constraints", *limits, x=json)


@check("DC-API-006")
@pytest.mark.parametrize("collection", API.top_level)
def test_listed_collection_answers(cloud: Cloud, verify: Verify, collection: str) -> None:
    """The href of every listed collection leads to that collection."""
    x = cloud.index(collection)
    verify.accepted("DC-API-006", x, why=f"the entry point lists {collection}", declared=True)
    if x.xml is not None:
        expected = API.collections[collection].document
        verify.equal("DC-API-006", "/*", expected, x.xml.tag, x=x)


@check("DC-API-012", needs="drivers")
def test_driver_in_force_is_a_known_driver(cloud: Cloud, verify: Verify) -> None:
    """The entry point's driver is one of the drivers collection."""
    x = cloud.index("drivers")
    if x.xml is None:
        verify.inconclusive("the drivers collection is not an XML document")
    names = [(driver.findtext("name") or "").lower() for driver in x.xml]
    ids = [driver.get("id", "") for driver in x.xml]
    verify.contains("DC-API-012", "/drivers", cloud.capabilities.driver, names + ids, x=x)


@check("DC-API-013", needs="instances")
def test_instances_come_with_what_they_need(cloud: Cloud, verify: Verify) -> None:
    """To launch an instance a client needs images, realms and the state machine."""
    x = cloud.get("")
    for collection in ("images", "realms", "instance_states"):
        listed = sorted(cloud.capabilities.collections)
        verify.contains("DC-API-013", "api/link/@rel", collection, listed, x=x)


@check("DC-HTTP-036")
def test_entry_point_with_a_trailing_slash(cloud: Cloud, verify: Verify) -> None:
    """`/api/` is `/api`."""
    x = cloud.get("/")
    verify.accepted("DC-HTTP-036", x)
    declared = capabilities.read(x)
    ok = declared is not None and declared.driver == cloud.capabilities.driver
    verify.holds("DC-HTTP-036", "body", "the entry point", x.media_type, ok, x=x)


@check("DC-ERR-016")
@pytest.mark.parametrize("unlisted", API.top_level)
def test_unlisted_collection_is_refused(cloud: Cloud, verify: Verify, unlisted: str) -> None:
    """A collection that is not listed is not served: 412, 404, 405, 403 or 501."""
    if cloud.capabilities.declares(unlisted):
        pytest.skip("listed")
    for listed in sorted(cloud.capabilities.collections)[:1]:
        need_shown(cloud, verify, cloud.path(listed))
    x = cloud.get(cloud.path(unlisted))
    verify.status("DC-ERR-016", x, 412, 404, 405, 403, 501, why=f"{unlisted} is not listed")


@check("DC-API-017")
@pytest.mark.parametrize("accept", ["*/*", "application/xml", "application/json", None])
def test_documentation_for_everybody(cloud: Cloud, verify: Verify, accept: str | None) -> None:
    """Clients follow `/docs` with the Accept that they send always (C31)."""
    first = cloud.get("/docs", format="html")
    if first.status in (401, 403, 404, 410, 501):
        verify.not_applicable("the endpoint has no documentation")
    x = cloud.get("/docs", format=None, headers={"Accept": accept} if accept else {})
    got = (x.status, x.media_type)
    verify.equal("DC-API-017", "status and Content-Type", (200, "text/html"), got, x=x)
