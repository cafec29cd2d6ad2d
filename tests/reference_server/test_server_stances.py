"""What the server does where the sources disagree: docs/stances.md, right-hand column."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .client import Api


def test_stance_01_02_xml_unless_something_else_is_asked(api: Api) -> None:
    for accept in ("*/*", "", None):
        assert api.get("/realms", Accept=accept).type == "application/xml"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/json, application/xml", "application/xml"),
        ("application/json, */*", "application/json"),  # named beats covered
        ("application/xml;q=0, application/json", "application/json"),
        ("text/plain, application/json;q=0.1", "application/json"),
        ("application/json;q=0.2, application/*", "application/xml"),
        ("APPLICATION/JSON", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("text/xml", "application/xml"),
    ],
)
def test_stance_03_04_accept(api: Api, accept: str, media_type: str) -> None:
    assert api.get("/realms", Accept=accept).type == media_type


@pytest.mark.parametrize("accept", ["application/*", "text/*", "application/xml;charset=utf-8"])
def test_stance_04_wildcards_and_parameters_are_understood(api: Api, accept: str) -> None:
    assert api.get("/realms", Accept=accept).status == 200


@pytest.mark.parametrize("accept", ["application/xml;q=0", "*/*;q=0", "text/plain"])
def test_stance_05_nothing_acceptable_is_406_in_plain_text(api: Api, accept: str) -> None:
    reply = api.get("/realms", Accept=accept)
    assert (reply.status, reply.type) == (406, "text/plain;charset=utf-8")
    assert b"application/xml" in reply.body


@pytest.mark.parametrize("wanted", ["", "XML", "bogus"])
def test_stance_06_an_unknown_format_is_406(api: Api, wanted: str) -> None:
    assert api.get(f"/realms?format={wanted}").status == 406


def test_stance_06_format_overrides_any_accept(api: Api) -> None:
    assert api.get("/realms?format=json", Accept="text/plain").type == "application/json"


REQUIRED = [
    ("/instances", "image_id"),
    ("/images", "instance_id"),
    ("/keys", "name"),
    ("/buckets", "name"),
    ("/buckets/bucket1", "blob_id"),
    ("/storage_snapshots", "volume_id"),
    ("/storage_volumes/vol1/attach", "instance_id"),
    ("/addresses/192.168.0.1/associate", "instance_id"),
    ("/subnets", "network_id"),
    ("/network_interfaces", "instance"),
    ("/instances/inst1/run", "cmd"),
]


@pytest.mark.parametrize(("path", "name"), REQUIRED)
@pytest.mark.parametrize("form", [{}, {"other": "x"}])
def test_stance_07_a_missing_parameter_is_named(
    api: Api, path: str, name: str, form: dict[str, str]
) -> None:
    reply = api.post(path, form, Accept="application/json")
    assert reply.json["code"] == reply.status == 400
    assert name in reply.json["message"]


@pytest.mark.parametrize(("path", "name"), REQUIRED)
def test_stance_08_an_empty_required_parameter_is_refused(api: Api, path: str, name: str) -> None:
    assert api.post(path, {name: ""}).status == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/firewalls"),
        ("POST", "/firewalls"),
        ("DELETE", "/firewalls/x"),
        ("HEAD", "/load_balancers/x"),
        ("POST", "/load_balancers/x/register"),
    ],
)
@pytest.mark.parametrize("auth", [None, ("mockuser", "mockpassword")])
def test_stance_09_what_the_driver_lacks_is_412(
    api: Api, method: str, path: str, auth: tuple[str, str] | None
) -> None:
    reply = api(method, path, auth=auth)
    assert (reply.status, reply.type) == (412, "application/xml")
    assert "Expect" not in reply.headers


@pytest.mark.parametrize("auth", [None, ("mockuser", "wrong"), ("nobody", "mockpassword")])
@pytest.mark.parametrize("path", ["/instances", "/instances/inst1", "/realms"])
def test_stance_10_no_or_wrong_credentials_are_401(
    api: Api, path: str, auth: tuple[str, str] | None
) -> None:
    reply = api.get(path, auth=auth)
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"] == 'Basic realm="deltacloud"'
    assert reply.xml.tag == "error"


@pytest.mark.parametrize(
    "header",
    ["Bearer bW9ja3VzZXI6bW9ja3Bhc3N3b3Jk", "Basic !!!", "Basic bm9jb2xvbg==", "Basic", ""],
)
def test_stance_10_malformed_credentials_are_401(api: Api, header: str) -> None:
    assert api.get("/realms", auth=None, Authorization=header).status == 401


@pytest.mark.parametrize(
    "path", ["", "/drivers", "/drivers/ec2", "/instance_states", "/hardware_profiles"]
)
def test_stance_10_these_need_no_credentials(api: Api, path: str) -> None:
    assert api.get(path, auth=None).status == 200


@pytest.mark.parametrize(
    ("method", "path", "accept", "auth", "status"),
    [
        ("POST", "/nosuch", "text/plain", None, 406),
        ("POST", "/nosuch", "application/xml", None, 404),
        ("DELETE", "/realms", "application/xml", None, 405),
        ("POST", "/firewalls", "application/xml", None, 412),
        ("POST", "/instances", "application/xml", None, 401),
        ("POST", "/instances", "application/xml", ("mockuser", "mockpassword"), 400),
    ],
)
def test_stance_11_order_of_refusals(
    api: Api, method: str, path: str, accept: str, auth: tuple[str, str] | None, status: int
) -> None:
    assert api(method, path, auth=auth, Accept=accept).status == status


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/instances", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("PUT", "/instances/inst1", {"GET", "HEAD", "DELETE", "OPTIONS"}),
        ("GET", "/instances/inst1/stop", {"POST", "OPTIONS"}),
        ("PATCH", "/buckets/bucket1/blob1", {"GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"}),
        ("DELETE", "/firewalls/default/rules", {"POST", "OPTIONS"}),
        ("OPTIONS", "/firewalls/default/rules", {"POST", "OPTIONS"}),
        ("BREW", "", {"GET", "HEAD", "POST", "OPTIONS"}),
    ],
)
def test_stance_12_wrong_methods_are_405_with_allow(
    api: Api, method: str, path: str, allowed: set[str]
) -> None:
    reply = api(method, path)
    assert reply.status == (200 if method == "OPTIONS" else 405)
    assert set(reply.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/instances/inst1/start", {"POST", "OPTIONS"}),
        ("DELETE", "/instances/inst1", {"GET", "HEAD", "DELETE", "OPTIONS"}),
    ],
)
def test_stance_13_an_action_that_the_state_forbids_is_405(
    api: Api, method: str, path: str, allowed: set[str]
) -> None:
    reply = api(method, path)
    assert (reply.status, reply.xml.findtext("message")) == (405, "Method Not Allowed")
    assert set(reply.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize("action", ["start", "stop", "reboot", "run?cmd=x"])
def test_stance_14_actions_on_unknown_instances_are_404(api: Api, action: str) -> None:
    assert api.post(f"/instances/nosuch/{action}").status == 404
    assert api.delete("/instances/nosuch").status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/networks"), ("POST", "/subnets"), ("POST", "/network_interfaces")],
)
def test_stance_20_networks_are_created_in_both_formats(api: Api, method: str, path: str) -> None:
    forms = {
        "/networks": {"address_block": "10.9.0.0/16"},
        "/subnets": {"network_id": "net1", "address_block": "192.168.9.0/24"},
        "/network_interfaces": {"instance": "inst2", "network": "net1"},
    }
    for accept in ("application/xml", "application/json"):
        reply = api(method, path, form=forms[path], Accept=accept)
        assert reply.status == 201
        assert api.get(reply.location).status == 200


@pytest.mark.parametrize("path", ["", "/instances", "/instances/inst1", "/realms/eu"])
@pytest.mark.parametrize("accept", ["application/xml", "application/json"])
def test_stance_24_etag_gives_304(api: Api, path: str, accept: str) -> None:
    first = api.get(path, Accept=accept)
    tag = first.headers["ETag"]
    for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = api.get(path, Accept=accept, If_None_Match=condition)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    assert api.get(path, Accept=accept, If_None_Match='"other"').status == 200
    assert api.head(path, Accept=accept, If_None_Match=tag).status == 304


def test_stance_24_etag_changes_with_the_document(api: Api) -> None:
    tags = [api.get("/instances").headers["ETag"]]
    api.post("/instances/inst1/stop")
    tags.append(api.get("/instances").headers["ETag"])
    tags.append(api.get("/instances", Accept="application/json").headers["ETag"])
    assert len(set(tags)) == 3


@pytest.mark.parametrize("path", ["", "/instances", "/keys/test-key", "/realms/nosuch", "/drivers"])
@pytest.mark.parametrize("accept", ["application/xml", "application/json"])
def test_stance_25_head_is_get_without_body(api: Api, path: str, accept: str) -> None:
    get, head = api.get(path, Accept=accept), api.head(path, Accept=accept)
    assert (head.status, head.body) == (get.status, b"")
    differs = {"X-Backend-Runtime"}
    assert {h for h in get.headers if h[0] not in differs} == {
        h for h in head.headers if h[0] not in differs
    }


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("", "GET, OPTIONS, POST, HEAD"),
        ("/instances", "GET, POST, HEAD, OPTIONS"),
        ("/instances/inst1", "GET, DELETE, HEAD, OPTIONS"),
        ("/instances/inst1/stop", "POST, OPTIONS"),
        ("/firewalls", "GET, POST, HEAD, OPTIONS"),
    ],
)
def test_stance_26_options_lists_methods(api: Api, path: str, allowed: str) -> None:
    reply = api("OPTIONS", path, auth=None)
    assert (reply.status, reply.body) == (200, b"")
    assert set(reply.headers["Allow"].split(", ")) == set(allowed.split(", "))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nosuch"),
        ("GET", "/realms/nosuch"),
        ("GET", "/realms/502"),
        ("GET", "/drivers/nosuch"),
        ("GET", "/firewalls"),
        ("PUT", "/realms"),
        ("POST", "/keys"),
    ],
)
def test_stance_27_28_errors_in_both_formats_without_traces(
    api: Api, method: str, path: str
) -> None:
    xml = api(method, path).xml
    json = api(method, path, Accept="application/json").json
    assert xml.get("status") == xml.findtext("code") == str(json["code"])
    assert xml.findtext("message") == json["message"]
    assert {e.tag for e in xml} == {"backend", "code", "message"}
    assert set(json) == {"code", "message", "error"}


@pytest.mark.parametrize("name", ["bogus", "", "mock2", "../mock"])
def test_stance_30_unknown_drivers_are_400(api: Api, name: str) -> None:
    for reply in (
        api.get("", X_Deltacloud_Driver=name),
        api.get(f"/realms?api[driver]={name}"),
        api.post("/keys", {"name": "k"}, X_Deltacloud_Driver=name),
    ):
        assert (reply.status, reply.xml.tag) == (400, "error")


def test_stance_31_the_case_of_a_provider_survives(api: Api) -> None:
    provider = "https://Keystone.example:5000/v2.0"
    reply = api.get("", X_Deltacloud_Provider=provider)
    assert reply.xml.get("provider") == reply.headers["X-Deltacloud-Provider"] == provider


@pytest.mark.parametrize(
    "path", [";driver=ec2;provider=p1", ";provider=p1;driver=EC2", ";;;driver=ec2;x;provider=p1"]
)
def test_stance_32_matrix_parameters_select(api: Api, path: str) -> None:
    entry = api.get(path, auth=None).xml
    assert (entry.get("driver"), entry.get("provider")) == ("ec2", "p1")
    assert api.get(f"{path}/instance_states").xml.tag == "states"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "PUT", "OPTIONS"])
def test_stance_32_matrix_parameters_work_for_every_method(api: Api, method: str) -> None:
    reply = api(method, ";driver=condor/keys")
    assert reply.headers["X-Deltacloud-Driver"] == "condor"


def test_stance_32_precedence_is_matrix_then_query_then_header(api: Api) -> None:
    def driver(path: str) -> str | None:
        return api.get(path, X_Deltacloud_Driver="condor").xml.get("driver")

    assert driver("") == "condor"
    assert driver("?api[driver]=sbc") == "sbc"
    assert driver(";driver=rhevm?api[driver]=sbc") == "rhevm"


def test_stance_33_matrix_parameters_are_delivered(api: Api) -> None:
    assert api.post("/instances;image_id=img2").xml.find("image").get("id") == "img2"  # type: ignore[union-attr]
    assert (
        api.post("/instances;image_id=img2", {"image_id": "img1"})
        .xml.find("image")
        .get(  # type: ignore[union-attr]
            "id"
        )
        == "img1"
    )
    assert len(api.get("/instances;state=STOPPED").xml) == 0


@pytest.mark.parametrize(
    "form", [{"image_id": "nosuch"}, {"image_id": "img1", "realm_id": "nosuch"}]
)
def test_stance_34_unknown_images_and_realms_are_400(api: Api, form: dict[str, str]) -> None:
    assert api.post("/instances", form).status == 400
    assert len(api.get("/instances").xml) == 4


@pytest.mark.parametrize("profile", ["nosuch", ""])
def test_stance_35_unknown_profiles_are_400(api: Api, profile: str) -> None:
    assert api.post("/instances", {"image_id": "img1", "hwp_id": profile}).status == 400


@pytest.mark.parametrize(
    ("profile", "name", "value"),
    [
        ("m1-large", "memory", "7680"),
        ("m1-large", "memory", "15360"),
        ("m1-large", "cpu", "6"),
        ("m1-large", "storage", "1024"),
        ("m1-large", "architecture", "x86_64"),
        ("m1-small", "memory", "1740.8"),
    ],
)
def test_stance_36_sizes_inside_the_profile_are_honoured(
    api: Api, profile: str, name: str, value: str
) -> None:
    id_ = api.launch(hwp_id=profile, **{f"hwp_{name}": value})
    shown = api.get(f"/instances/{id_}").xml.find("hardware_profile/property")
    assert shown is not None
    assert (shown.get("name"), shown.get("value"), shown.get("kind")) == (name, value, "fixed")
    model = api.json(f"/instances/{id_}")["instance"]["hardware_profile"]
    assert model["properties"] == {name: value}


@pytest.mark.parametrize(
    ("profile", "name", "value"),
    [
        ("m1-large", "memory", "7679"),
        ("m1-large", "memory", "15361"),
        ("m1-large", "memory", "much"),
        ("m1-large", "memory", "8000.5"),  # bounds are whole numbers
        ("m1-large", "memory", "-8000"),
        ("m1-large", "memory", "9e3"),
        ("m1-large", "storage", "900"),
        ("m1-large", "architecture", "i386"),
        ("m1-large", "root_type", "persistent"),
        ("m1-large", "bogus", "1"),
        ("m1-small", "cpu", "64"),
        ("opaque", "memory", "1"),
    ],
)
def test_stance_37_38_other_sizes_are_400(api: Api, profile: str, name: str, value: str) -> None:
    form = {"image_id": "img1", "hwp_id": profile, f"hwp_{name}": value}
    assert api.post("/instances", form).status == 400
    assert len(api.get("/instances").xml) == 4


def test_stance_39_a_private_key_is_shown_once(api: Api) -> None:
    created = api.post("/keys", {"name": "k"}).xml
    pem = created.findtext("pem")
    assert pem is not None
    assert pem.startswith("-----BEGIN RSA PRIVATE KEY-----\n")
    shown = api.get("/keys/k").xml
    assert shown.find("pem") is None
    assert shown.findtext("fingerprint") == created.findtext("fingerprint")
    assert api.json("/keys/k")["key"]["pem_rsa_key"] is None


def test_stance_40_two_keys_of_one_name_are_403(api: Api) -> None:
    assert api.post("/keys", {"name": "k"}).status == 201
    assert api.post("/keys", {"name": "k"}).status == 403


def test_stance_42_a_volume_is_destroyed_by_delete(api: Api) -> None:
    link = api.get("/storage_volumes/vol1").xml.find("actions/link[@rel='destroy']")
    assert link is not None
    assert (link.get("method"), api("DELETE", link.attrib["href"]).status) == ("delete", 204)


def test_stance_43_firewall_links_in_index_and_show(full: Api) -> None:
    index, show = full.get("/firewalls").xml[0], full.get("/firewalls/default").xml
    for firewall in (index, show):
        rels = [link.get("rel") for link in firewall.iterfind("actions/link")]
        assert rels == ["destroy", "add_rule", "update"]
    assert full.post("/firewalls/default/rules", RULE).status == 201


RULE = {"protocol": "tcp", "port_from": "80", "port_to": "81", "ip_address1": "0.0.0.0/0"}


def test_stance_44_a_snapshot_shows_its_name(api: Api) -> None:
    created = api.post("/storage_snapshots", {"volume_id": "vol1", "name": "nightly"})
    assert created.xml.findtext("name") == "nightly"
    assert api.get("/storage_snapshots/snap1").xml.findtext("name") == "snap1"


def test_stance_45_representations_agree(api: Api) -> None:
    nic, nic_json = (
        api.get("/network_interfaces/nic1").xml.find("network"),
        api.json("/network_interfaces/nic1")["network_interface"]["network"],
    )
    assert nic is not None
    assert nic.attrib == nic_json
    assert api.get(nic.attrib["href"]).id == nic.get("id") == "subnet1"
    subnet = api.get("/subnets/subnet1").xml.find("network")
    assert subnet is not None
    assert (subnet.text, subnet.get("id")) == ("net1", "net1")
    volume = api.get("/storage_volumes/vol1").xml.findtext("name")
    assert volume == api.json("/storage_volumes/vol1")["storage_volume"]["name"]


NAMES = ["a b", "100%", "ä/ö", "q?x=1#f", "雲", "<&>\"'", "semi;colon", "+plus", "~@,:*", "tab\tx"]


@pytest.mark.parametrize("name", NAMES)
def test_stance_47_hrefs_are_percent_encoded_and_resolve(api: Api, name: str) -> None:
    created = api.post("/buckets", {"name": name})
    assert created.id == name
    assert created.location.isascii()
    assert not set(created.location) & set(' "<>#;|\\^`{}')
    assert api.get(created.location).xml.findtext("name") == name
    assert api.delete(created.location).status == 204


@pytest.mark.parametrize("name", [".", ".."])
def test_stance_47_names_that_no_url_can_hold_are_refused(api: Api, name: str) -> None:
    for path in ("/keys", "/buckets", "/networks"):
        assert api.post(path, {"name": name}).status == 400


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x1b", "\ufffe", "\uffff"])
@pytest.mark.parametrize("accept", ["application/xml", "application/json"])
@pytest.mark.parametrize(
    ("path", "name", "form"),
    [
        ("/instances", "name", {"image_id": "img1"}),
        ("/keys", "name", {}),
        ("/storage_volumes", "description", {}),
        ("/buckets/bucket1", "blob_id", {"blob_data": "x"}),
        ("/buckets/bucket1", "meta_value1", {"blob_id": "b", "blob_data": "x", "meta_name1": "m"}),
    ],
)
def test_characters_that_xml_cannot_carry_are_400(
    api: Api, path: str, name: str, form: dict[str, str], accept: str, character: str
) -> None:
    reply = api.post(path, {**form, name: f"a{character}b"}, Accept=accept)
    assert reply.status == 400
    assert reply.xml if "xml" in accept else reply.json


@pytest.mark.parametrize("name", ["", " ", "two\nlines", "cr\rlf\r\n", "tab\t", *NAMES])
def test_any_text_that_xml_can_carry_survives(api: Api, name: str) -> None:
    id_ = api.launch(name=name)
    assert (api.get(f"/instances/{id_}").xml.findtext("name") or "") == name
    assert api.json(f"/instances/{id_}")["instance"]["name"] == name


@pytest.mark.parametrize(
    "path",
    ["/keys?name=%ff", "/buckets?name=%c3%28", "/buckets/%ff", ";provider=%00", ";driver=%ff"],
)
def test_bytes_that_are_no_text_are_400(api: Api, path: str) -> None:
    assert api("POST" if "?" in path else "GET", path).status == 400


def test_a_host_that_is_none_is_400(api: Api) -> None:
    assert api.get("", Host="a b").status == 400
    assert api.get("", Host='"><script>').status == 400


def test_stance_50_the_server_names_itself(make: Callable[..., Api]) -> None:
    for reply in (make().get(""), make().get("/nosuch"), make().get("/realms", Accept="x/y")):
        assert reply.headers["Server"].startswith("Deltacloud-TCK/")


def test_stance_52_dates_of_new_objects(api: Api) -> None:
    assert api.post("/storage_volumes").xml.findtext("created") == "2026-11-22T13:26:40Z"
    assert api.get("/storage_volumes/vol1").xml.findtext("created") == (
        "Thu Jul 30 14:35:11 UTC 2009"
    )


def test_method_override_from_a_form(api: Api) -> None:
    assert api.post("/keys/test-key", {"_method": "delete"}).status == 204
    assert api.post("/keys?_method=delete", {"name": "k"}).status == 201  # the query is none


@pytest.mark.parametrize(
    ("form", "path"),
    [
        ({"driver": "ec2"}, "/api;driver=ec2"),
        ({"provider": "eu west"}, "/api;provider=eu%20west"),
        ({"provider": "default"}, "/api/"),
        ({}, "/api/"),
    ],
)
def test_the_form_of_the_pages_switches(api: Api, form: dict[str, str], path: str) -> None:
    reply = api.post("", form, auth=None)
    assert (reply.status, reply.location) == (301, f"http://localhost{path}")


def test_the_form_of_the_pages_keeps_the_driver_of_its_page(api: Api) -> None:
    reply = api.post("", {"provider": "p"}, Referer="http://localhost/api;driver=ec2/instances")
    assert reply.location == "http://localhost/api;driver=ec2;provider=p"
