"""Checks of the entry point: what it declares is true."""

from __future__ import annotations

import pytest

from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.endpoint import capabilities
from tck.schemas.operations import API


@check("DC-API-001", "DC-API-002", "DC-API-010")
def test_xml_and_json_declare_the_same(cloud: Cloud, verify: Verify) -> None:
    """Driver, version, collections and features of the entry point do not depend on format."""
    xml, json = cloud.get("", format="xml"), cloud.get("", format="json")
    verify.status("DC-API-001", xml, 200)
    verify.status("DC-API-002", json, 200)
    said, also = capabilities.read(xml), capabilities.read(json)
    verify.holds("DC-API-001", "", "an api document", xml.media_type, said is not None, x=xml)
    verify.holds("DC-API-002", "", "an api document", json.media_type, also is not None, x=json)
    assert said is not None
    assert also is not None
    verify.equal("DC-API-010", "api.driver", said.driver, also.driver, x=json)
    verify.equal("DC-API-010", "api.version", said.version, also.version, x=json)
    verify.equal(
        "DC-API-010", "api.links", sorted(said.collections), sorted(also.collections), x=json
    )
    operative = sorted(name for name, feature in also.features.items() if feature.operation)
    verify.equal("DC-API-010", "api.links[].features", sorted(said.features), operative, x=json)


@check("DC-API-006")
@pytest.mark.parametrize("collection", API.top_level)
def test_listed_collection_answers(cloud: Cloud, verify: Verify, collection: str) -> None:
    """The href of every listed collection leads to that collection."""
    x = cloud.index(collection)
    verify.status("DC-API-006", x, 200, why=f"the entry point lists {collection}")
    if x.xml is not None:
        wanted = API.collections[collection].document
        verify.equal("DC-API-006", "/*", wanted, x.xml.tag, x=x)


@check("DC-API-012", needs="drivers")
def test_driver_in_force_is_a_known_driver(cloud: Cloud, verify: Verify) -> None:
    """The entry point's driver is one of the drivers collection."""
    x = cloud.index("drivers")
    if x.xml is None:
        verify.inconclusive("the drivers collection is no XML document")
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
    verify.status("DC-HTTP-036", x, 200)
    found = capabilities.read(x)
    ok = found is not None and found.driver == cloud.capabilities.driver
    verify.holds("DC-HTTP-036", "body", "the entry point", x.media_type, ok, x=x)


@check("DC-ERR-016")
@pytest.mark.parametrize("unlisted", API.top_level)
def test_unlisted_collection_is_refused(cloud: Cloud, verify: Verify, unlisted: str) -> None:
    """What the endpoint does not list it does not serve, and it says so with a clear status."""
    if cloud.capabilities.declares(unlisted):
        pytest.skip("listed")
    x = cloud.get(cloud.path(unlisted))
    verify.status("DC-ERR-016", x, 412, 404, 405, 403, 501, why=f"{unlisted} is not listed")
