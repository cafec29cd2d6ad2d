"""What existing clients demand (C1 to C27): without it one of them breaks."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from tck.reference_server import Server

from .client import CREDENTIALS, Api, basic

HTML = "text/html;charset=utf-8"


def test_c01_parameters_in_the_query(api: Api) -> None:
    assert api.post("/keys?name=from-query").id == "from-query"


def test_c01_parameters_in_an_urlencoded_body(api: Api) -> None:
    assert api.post("/keys", {"name": "from-form"}).id == "from-form"


def test_c01_parameters_in_a_multipart_body(api: Api) -> None:
    form = {"cmd": "uname", "file": (io.BytesIO(b"x"), "x.txt")}
    assert api.post("/instances/inst1/run", form).xml.findtext("command") == "uname"


def test_c01_blob_data_in_the_query(api: Api) -> None:
    reply = api.post("/buckets/bucket1?blob_id=q&blob_data=in+the+query")
    assert reply.status == 201
    assert api.get("/buckets/bucket1/q/content").body == b"in the query"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/xml;q=1", "application/xml"),
        ("*/*; q=0.5, application/xml", "application/xml"),
        ("application/json;q=0.9, application/xml;q=0.5", "application/json"),
        ("application/xml;q=0.9, application/json;q=0.5", "application/xml"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
    ],
)
def test_c02_quality_values(api: Api, accept: str, media_type: str) -> None:
    assert api.get("/realms", Accept=accept).type == media_type


@pytest.mark.parametrize("accept", ["text/plain", "image/jpeg", "application/vnd.x+json"])
def test_c02_unknown_types_are_refused(api: Api, accept: str) -> None:
    reply = api.get("/realms", Accept=accept)
    assert (reply.status, reply.headers["X-Deltacloud-Driver"]) == (406, "mock")


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    ("format_", "media_type"),
    [("xml", "application/xml"), ("json", "application/json"), ("html", HTML)],
)
def test_c03_format_overrides_accept(api: Api, method: str, format_: str, media_type: str) -> None:
    for accept in ("application/xml", "application/json", "text/html"):
        assert api(method, f"/instances/nosuch?format={format_}", Accept=accept).type == media_type


def test_c04_unknown_query_parameters_are_ignored(api: Api) -> None:
    assert len(api.get("/images?_=123456").xml) == 3


@pytest.mark.parametrize(
    ("collection", "id_"),
    [
        ("realms", "eu"),
        ("images", "img2"),
        ("instances", "inst2"),
        ("hardware_profiles", "m1-large"),
        ("keys", "test-key"),
        ("addresses", "192.168.0.2"),
        ("storage_volumes", "vol2"),
        ("storage_snapshots", "snap2"),
        ("buckets", "bucket2"),
        ("networks", "net2"),
        ("subnets", "subnet2"),
        ("network_interfaces", "nic1"),
    ],
)
def test_c05_id_filters_to_one_or_none(api: Api, collection: str, id_: str) -> None:
    assert [e.get("id") for e in api.get(f"/{collection}?id={id_}").xml] == [id_]
    assert list(api.get(f"/{collection}?id=nosuch").xml) == []


def test_c05_instances_by_state_and_images_by_architecture(api: Api) -> None:
    api.post("/instances/inst2/stop")
    assert [e.get("id") for e in api.get("/instances?state=STOPPED").xml] == ["inst2"]
    assert [e.get("id") for e in api.get("/images?architecture=x86_64").xml] == ["img1"]


def test_c06_force_auth_asks_for_credentials(api: Api) -> None:
    assert api.get("/?force_auth=true", auth=None).status == 401
    assert api.get("?force_auth=", auth=("mockuser", "wrong")).status == 401
    assert api.get("?force_auth=true").status == 200
    assert api.get("", auth=None).status == 200


def test_c07_headers_select_driver_and_provider(api: Api) -> None:
    entry = api.get("", X_Deltacloud_Driver="ec2", X_Deltacloud_Provider="eu-west-1")
    assert entry.xml.get("driver") == "ec2"
    assert entry.xml.get("provider") == "eu-west-1"
    rels = {link.get("rel") for link in entry.xml}
    assert {"firewalls", "load_balancers"} <= rels
    assert entry.headers["X-Deltacloud-Driver"] == "ec2"
    assert entry.headers["X-Deltacloud-Provider"] == "eu-west-1"
    after = api.get("")
    assert after.xml.get("driver") == "mock"
    assert after.xml.get("provider") is None
    assert "X-Deltacloud-Provider" not in after.headers


def test_c08_matrix_parameters_of_action_links(api: Api) -> None:
    reply = api.post("/images;instance_id=inst1", {"instance_id": "inst1", "name": "made"})
    assert reply.id == "made"
    assert api.post("/instances/inst1/run;id=inst1", {"cmd": "ls"}).status == 200


def test_c08_an_empty_id_is_not_found(api: Api) -> None:
    for method in ("GET", "DELETE", "OPTIONS"):
        assert api(method, "/images/").status == 404
    assert api.get("/").status == 200


DELETABLE = [
    "/images/img2",
    "/keys/test-key",
    "/addresses/192.168.0.1",
    "/storage_volumes/vol1",
    "/storage_snapshots/snap1",
    "/buckets/bucket1/blob1",
    "/network_interfaces/nic1",
    "/subnets/subnet3",
    "/networks/net2",
]


@pytest.mark.parametrize("path", DELETABLE)
def test_c09_delete_answers_204_and_the_object_is_gone(api: Api, path: str) -> None:
    reply = api.delete(path)
    assert (reply.status, reply.body, reply.type) == (204, b"", None)
    assert api.get(path).status == 404
    assert api.delete(path).status == 404


CREATES: list[tuple[str, dict[str, Any]]] = [
    ("/images", {"instance_id": "inst1", "name": "new-image"}),
    ("/instances", {"image_id": "img1"}),
    ("/keys", {"name": "new-key"}),
    ("/addresses", {}),
    ("/storage_volumes", {"capacity": "3"}),
    ("/storage_snapshots", {"volume_id": "vol1"}),
    ("/buckets", {"name": "new-bucket"}),
    ("/buckets/bucket1", {"blob_id": "new-blob", "blob_data": "x"}),
    ("/networks", {"address_block": "10.9.0.0/16"}),
    ("/subnets", {"network_id": "net1", "address_block": "192.168.9.0/24"}),
    ("/network_interfaces", {"instance": "inst2", "network": "net2"}),
]


@pytest.mark.parametrize(("path", "form"), CREATES)
@pytest.mark.parametrize("media_type", ["application/xml", "application/json"])
def test_c10_c12_create_answers_201_and_location_ends_in_id(
    api: Api, path: str, form: dict[str, Any], media_type: str
) -> None:
    reply = api.post(path, form, Accept=media_type)
    assert reply.status == 201
    id_ = reply.id if "xml" in media_type else next(iter(reply.json.values()))["id"]
    assert reply.location.endswith(f"/{id_}")
    assert api.get(reply.location).id == id_


def test_c11_actions_answer_202_with_the_instance(api: Api) -> None:
    stopped = api.post("/instances/inst1/stop")
    assert (stopped.status, stopped.xml.tag, stopped.id) == (202, "instance", "inst1")
    assert stopped.xml.findtext("state") == "STOPPED"


def test_c11_associate_and_disassociate_answer_202_without_body(api: Api) -> None:
    given = api.post("/addresses/192.168.0.1/associate", {"instance_id": "inst0"})
    taken = api.post("/addresses/192.168.0.1/disassociate")
    assert [(r.status, r.body) for r in (given, taken)] == [(202, b""), (202, b"")]


@pytest.mark.parametrize("collection", sorted(p.split("/")[1] for p in DELETABLE))
def test_c13_unknown_id_is_404(api: Api, collection: str) -> None:
    assert api.get(f"/{collection}/nosuch").status == 404


def test_c14_etag_on_entry_point_and_collections(api: Api) -> None:
    for link in [None, *api.get("").xml]:
        reply = api.get("" if link is None else link.attrib["href"])
        assert re.fullmatch(r'"[0-9a-f]+"', reply.headers["ETag"])


def test_c15_head_and_post_on_a_blob_carry_metadata(api: Api) -> None:
    head = api.head("/buckets/bucket1/blob1")
    assert (head.status, head.headers["X-Deltacloud-Blobmeta-SOMENEWKEY"]) == (204, "NEWVALUE")
    changed = api("POST", "/buckets/bucket1/blob1", X_Deltacloud_Blobmeta_Author="me")
    assert (changed.status, changed.headers["X-Deltacloud-Blobmeta-Author"]) == (204, "me")
    now = api.head("/buckets/bucket1/blob1").headers
    assert "X-Deltacloud-Blobmeta-SOMENEWKEY" not in now
    assert now["X-Deltacloud-Blobmeta-Author"] == "me"


@pytest.mark.parametrize("spelled", [str.lower, str.upper, str.title])
def test_c16_names_of_header_fields_in_any_case(
    server: Server, spelled: Callable[[str], str]
) -> None:
    fields = {"accept": "application/json", "authorization": basic(*CREDENTIALS)}
    fields |= {"x-deltacloud-driver": "ec2", "x-deltacloud-provider": "eu"}
    address = urlsplit(server.url)
    with contextlib.closing(http.client.HTTPConnection(address.netloc)) as line:
        line.request("GET", "/api?force_auth=1", headers={spelled(n): v for n, v in fields.items()})
        found = json.load(line.getresponse())["api"]
    assert (found["driver"], found["provider"]) == ("ec2", "eu")


def _hrefs(api: Api, path: str) -> list[str]:
    return [e.attrib["href"] for e in api.get(path).xml.iter() if "href" in e.attrib]


def test_c17_hrefs_are_absolute_and_follow_the_host(api: Api) -> None:
    hrefs = _hrefs(api, "https://cloud.example:8443/api/instances")
    assert len(hrefs) > 20
    assert all(href.startswith("https://cloud.example:8443/api/") for href in hrefs)


def test_c18_action_links_follow_the_state(api: Api) -> None:
    def actions() -> dict[str, tuple[str, str]]:
        links = api.get("/instances/inst1").xml.iterfind("actions/link")
        return {x.attrib["rel"]: (x.attrib["method"], x.attrib["href"]) for x in links}

    running = actions()
    assert set(running) == {"reboot", "stop", "run", "create_image"}
    assert api("POST", running["stop"][1]).status == 202
    stopped = actions()
    assert set(stopped) == {"start", "destroy", "run", "create_image"}
    method, href = stopped["destroy"]
    assert (method, api("DELETE", href).status) == ("delete", 204)


def test_c19_addresses_have_a_type(api: Api) -> None:
    addresses = list(api.get("/instances").xml.iter("address"))
    assert len(addresses) == 8
    assert {a.get("type") for a in addresses} == {"hostname"}


def test_c20_values_have_no_white_space_around(api: Api) -> None:
    for path in ("/instances", "/subnets", "/networks", "/storage_volumes", "/buckets"):
        leaves = [e for e in api.get(path).xml.iter() if len(e) == 0 and e.text]
        assert leaves
        assert [e.text for e in leaves] == [e.text.strip() for e in leaves]  # type: ignore[union-attr]


def test_c21_states_are_upper_case_in_instances_and_lower_case_in_states(api: Api) -> None:
    machine = {s.attrib["name"] for s in api.get("/instance_states").xml}
    shown = {s.text for s in api.get("/instances").xml.iter("state")}
    assert machine == {"start", "pending", "running", "stopped", "finish"}
    assert shown == {"RUNNING"}


def test_c22_pending_goes_to_running_by_itself(api: Api) -> None:
    way = api.get("/instance_states").xml.find("state[@name='pending']/transition")
    assert way is not None
    assert way.attrib == {"auto": "true", "to": "running"}


def test_c23_no_namespace_and_a_hardware_profile_with_id(api: Api) -> None:
    document = api.get("/instances").xml
    assert not any("}" in e.tag for e in document.iter())
    assert [p.get("id") for p in document.iter("hardware_profile")] == [
        "m1-large",
        "m1-small",
        "m1-large",
        "m1-small",
    ]


def test_c24_errors_name_backend_and_message(api: Api) -> None:
    error = api.get("/instances/nosuch?x=1", X_Deltacloud_Provider="Paris").xml
    assert error.tag == "error"
    assert (error.get("status"), error.get("url")) == ("404", "/api/instances/nosuch?x=1")
    backend = error.find("backend")
    assert backend is not None
    assert backend.attrib == {"driver": "mock", "provider": "Paris"}
    assert error.findtext("message") == "Not Found"
    assert error.find("backtrace") is None


def test_c25_hardware_properties(api: Api) -> None:
    profile = api.get("/hardware_profiles/m1-large").xml
    memory = profile.find("property[@name='memory']")
    storage = profile.find("property[@name='storage']")
    assert memory is not None
    assert storage is not None
    assert memory.attrib == {"name": "memory", "kind": "range", "unit": "MB", "value": "10240"}
    assert memory.find("range").attrib == {"first": "7680", "last": "15360"}  # type: ignore[union-attr]
    assert [e.get("value") for e in storage.iterfind("enum/entry")] == ["850", "1024"]


def test_c25_a_volume_is_mounted_or_not(api: Api) -> None:
    api.post("/storage_volumes/vol1/attach", {"instance_id": "inst2", "device": "/dev/sdb"})
    volume = api.get("/storage_volumes/vol1").xml
    assert (volume.find("capacity").get("unit"), volume.findtext("state")) == ("GB", "IN-USE")  # type: ignore[union-attr]
    assert volume.find("mount/instance").get("id") == "inst2"  # type: ignore[union-attr]
    assert volume.find("mount/device").get("name") == "/dev/sdb"  # type: ignore[union-attr]
    api.post("/storage_volumes/vol1/detach")
    assert api.get("/storage_volumes/vol1").xml.find("mount/instance") is None


def test_c26_json_shapes(api: Api) -> None:
    assert isinstance(api.json("")["api"]["links"], list)
    image = api.json("/images")["images"][0]
    assert image["owner"] == "fedoraproject"
    assert "owner_id" not in image
    assert isinstance(api.json("/instances/inst1")["instance"]["actions"], list)
    created = api.post("/keys", {"name": "k"}, Accept="application/json").json["key"]
    assert "PRIVATE KEY" in created["pem_rsa_key"]


def test_c27_an_action_answers_both_kinds_of_json_clients(api: Api) -> None:
    assert api.json("/instances/inst1")["instance"]["id"] == "inst1"
    answer = api.post("/instances/inst1/stop", Accept="application/json").json
    assert (answer["id"], answer["state"]) == ("inst1", "STOPPED")
    assert answer["instance"]["state"] == "STOPPED"
