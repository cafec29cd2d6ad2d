"""The driver to EC2 and S3, on a moto server that checks credentials."""

from __future__ import annotations

import base64
import tracemalloc

import pytest

from reference_server.client import Api as Stranger
from tck.reference_server import create_app
from tck.reference_server.drivers.provider import Endpoint

from .conftest import Api, Moto

pytest.importorskip("boto3", reason="needs boto3: pip install deltacloud-tck[ec2]")

from tck.reference_server.drivers.ec2 import Ec2Driver


@pytest.fixture
def instance(aws: Api, image: str) -> str:
    return aws.post("/instances", {"image_id": image}).id


@pytest.mark.parametrize(
    "collection",
    [
        "addresses",
        "buckets",
        "firewalls",
        "hardware_profiles",
        "images",
        "instances",
        "keys",
        "load_balancers",
        "networks",
        "network_interfaces",
        "realms",
        "storage_snapshots",
        "storage_volumes",
        "subnets",
    ],
)
def test_nobody_in_particular_sees_nothing(aws: Api, moto: Moto, collection: str) -> None:
    assert aws.get(f"/{collection}").status == 200
    for wrong in (None, ("nobody", moto.password), (moto.user, "x" + moto.password)):
        answer = aws.get(f"/{collection}", auth=wrong)
        assert answer.status == 401
        assert "WWW-Authenticate" in answer.headers


def test_the_drivers_list_has_the_bridge(aws: Api) -> None:
    names = [driver.attrib["id"] for driver in aws.get("/drivers").xml]
    assert "bridge-ec2" in names
    assert aws.get("/drivers/bridge-ec2").xml.findtext("name") == "Bridge-EC2"


def test_a_provider_that_does_not_answer_is_502() -> None:
    gone = Stranger(create_app("bridge-ec2", "http://127.0.0.1:1"))
    answer = gone.get("/realms")
    assert answer.status == 502
    assert "127.0.0.1:1" in (answer.xml.findtext("message") or "")


def test_another_host_is_not_asked(aws: Api) -> None:
    answer = aws.get("/realms", X_Deltacloud_Provider="http://elsewhere.example")
    assert answer.status == 502


def test_a_request_names_its_region(aws: Api) -> None:
    realms = aws.get("/realms", X_Deltacloud_Provider="eu-west-1").xml
    assert {realm.attrib["id"][:-1] for realm in realms} == {"eu-west-1"}


def test_the_life_of_an_instance(aws: Api, image: str, moto: Moto) -> None:
    form = {"image_id": image, "name": "née <tck>", "hwp_id": "t3.small", "realm_id": "us-east-1b"}
    made = aws.post("/instances", form)
    assert made.status == 201
    shown = aws.get(f"/instances/{made.id}").xml
    assert shown.findtext("name") == "née <tck>"
    assert shown.find("realm[@id='us-east-1b']") is not None
    assert shown.find("hardware_profile[@id='t3.small']") is not None
    for action, state in (("reboot", "RUNNING"), ("stop", "STOPPED"), ("start", "RUNNING")):
        assert aws.post(f"/instances/{made.id}/{action}").status == 202
        assert aws.state(made.id) == state
    assert aws.post(f"/instances/{made.id}/start").status == 405
    assert aws.delete(f"/instances/{made.id}").status == 204
    assert aws.get(f"/instances/{made.id}").status == 404
    found = moto.client("ec2").describe_instances(InstanceIds=[made.id])
    assert found["Reservations"][0]["Instances"][0]["State"]["Name"] == "terminated"


def test_user_data_arrive_as_they_were(aws: Api, image: str, moto: Moto) -> None:
    data = bytes(range(256))
    form = {"image_id": image, "user_data": base64.b64encode(data).decode()}
    id_ = aws.post("/instances", form).id
    asked = {"InstanceId": id_, "Attribute": "userData"}
    kept = moto.client("ec2").describe_instance_attribute(**asked)["UserData"]["Value"]
    assert base64.b64decode(kept) == data
    aws.delete(f"/instances/{id_}")


@pytest.mark.parametrize(
    "wrong",
    [
        {"image_id": "ami-none"},
        {"hwp_id": "t3.*"},
        {"hwp_id": ""},
        {"realm_id": "nowhere"},
        {"instance_count": "0"},
        {"hwp_memory": "1"},
        {"load_balancer_id": "none"},
        {"firewalls1": "sg-none"},
    ],
)
def test_launches_that_cannot_be(aws: Api, image: str, wrong: dict[str, str]) -> None:
    before = aws.get("/instances").xml
    answer = aws.post("/instances", {"image_id": image, **wrong})
    assert 400 <= answer.status < 500
    assert len(aws.get("/instances").xml) == len(before)


def test_several_at_once_are_as_many(aws: Api, image: str) -> None:
    made = aws.post("/instances", {"image_id": image, "instance_count": "3"}).xml
    assert len({instance.attrib["id"] for instance in made}) == 3
    for instance in made:
        aws.delete(f"/instances/{instance.attrib['id']}")


def test_a_device_holds_one_volume(aws: Api, instance: str) -> None:
    """Moto would lose the first one; without a device the next free one is taken."""
    one, two = (aws.post("/storage_volumes").id for _ in range(2))
    form = {"instance_id": instance, "device": "/dev/sdf"}
    assert aws.post(f"/storage_volumes/{one}/attach", form).status == 202
    assert aws.post(f"/storage_volumes/{two}/attach", form).status == 409
    assert aws.post(f"/storage_volumes/{two}/attach", form | {"device": ""}).status == 202
    device = aws.get(f"/storage_volumes/{two}").xml.find("mount/device")
    assert device is not None
    assert device.attrib["name"] == "/dev/sdg"
    aws.delete(f"/instances/{instance}")
    for volume in (one, two):
        assert aws.delete(f"/storage_volumes/{volume}").status == 204


def test_an_image_leaves_no_snapshots(aws: Api, instance: str, moto: Moto) -> None:
    def snapshots() -> set[str]:
        found = moto.client("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]
        return {snapshot["SnapshotId"] for snapshot in found}

    before = snapshots()
    image = aws.post("/images", {"instance_id": instance, "name": "an image"}).id
    assert snapshots() > before
    assert aws.delete(f"/images/{image}").status == 204
    assert snapshots() == before
    assert aws.get(f"/images/{image}").status == 404
    aws.delete(f"/instances/{instance}")


def test_rules_have_ids_and_sources(aws: Api) -> None:
    where = aws.post("/firewalls", {"name": "rules", "description": "of a test"}).id
    rule = {"protocol": "tcp", "port_from": "22", "port_to": "23", "ip_address1": "10.0.0.0/8"}
    answer = aws.post(f"/firewalls/{where}/rules", rule | {"group1": "rules"})
    assert answer.status == 201
    rules = answer.xml.findall("rules/rule")
    assert {r.findtext("port_to") for r in rules} == {"23"}
    sources = [source.attrib for r in rules for source in r.iterfind("sources/source")]
    assert sorted(s.get("name") or s["address"] for s in sources) == ["10.0.0.0", "rules"]
    for r in rules:
        assert aws.delete(f"/firewalls/{where}/{r.attrib['id']}").status == 204
    assert aws.delete(f"/firewalls/{where}").status == 204
    assert aws.delete(f"/firewalls/{where}").status == 404


def test_bytes_and_metadata(aws: Api) -> None:
    aws.post("/buckets", {"name": "tck-bytes"})
    content = bytes(range(256)) * 40
    put = aws.put("/buckets/tck-bytes/a%20b", content, X_Deltacloud_Blobmeta_Some_Author="me")
    assert put.status == 200
    got = aws.get("/buckets/tck-bytes/a%20b/content")
    assert got.body == content
    part = aws.get("/buckets/tck-bytes/a%20b/content", Range="bytes=10-19")
    assert (part.status, part.body) == (206, content[10:20])
    head = aws.head("/buckets/tck-bytes/a%20b")
    assert head.headers["X-Deltacloud-Blobmeta-some_author"] == "me"
    assert aws.post("/buckets/tck-bytes/a%20b", X_Deltacloud_Blobmeta_New="1").status == 204
    entries = aws.get("/buckets/tck-bytes/a%20b").xml.findall("user_metadata/entry")
    assert [(e.attrib["key"], e.text) for e in entries] == [("new", "1")]
    assert aws.delete("/buckets/tck-bytes").status == 409
    assert aws.delete("/buckets/tck-bytes/a%20b").status == 204
    assert aws.delete("/buckets/tck-bytes/a%20b").status == 404
    assert aws.delete("/buckets/tck-bytes").status == 204


def test_large_blobs_pass_through_in_pieces(aws: Api, moto: Moto) -> None:
    """48 MiB go up and down through the driver in less memory than half of them."""
    size = 48 * 1024 * 1024
    aws.post("/buckets", {"name": "tck-large"})
    with open("/dev/zero", "rb") as zeros:
        from tck.reference_server.content import Content  # noqa: PLC0415
        from tck.reference_server.drivers.ec2.blobs import _Remote  # noqa: PLC0415

        class Source:
            left = size

            def read(self, wanted: int = -1, /) -> bytes:
                self.left -= (taken := min(wanted, self.left))
                return zeros.read(taken)

        from tck.reference_server.drivers import registry  # noqa: PLC0415
        from tck.reference_server.drivers.base import Caller  # noqa: PLC0415

        bridge = Ec2Driver(registry.shape("bridge-ec2"), Endpoint.parse(moto.url))
        caller = Caller(moto.user, moto.password)
        bridge.authenticate(caller)
        tracemalloc.start()
        content = Content.receive(Source())
        made = bridge.create_blob(
            caller, "tck-large", "zeros", content, content_type="", metadata={}
        )
        remote = bridge.blob_content(caller, "tck-large", "zeros")
        assert isinstance(remote, _Remote)
        received = sum(map(len, remote.chunks()))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert made.content_length == received == size
    assert peak < size / 2
    aws.delete("/buckets/tck-large/zeros")
    aws.delete("/buckets/tck-large")
