"""What the official Ruby client reads and sends, object by object (R1 to R19)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from .client import Api

# Element or attribute paths that the client reads in a show document of `full`.
READS: dict[str, tuple[str, Sequence[str]]] = {
    "address": ("/addresses/192.168.0.1", ["ip", "instance@id"]),
    "blob": (
        "/buckets/bucket1/blob1",
        [
            "bucket",
            "content_length",
            "content_type",
            "last_modified",
            "user_metadata/entry",
            "user_metadata/entry@key",
        ],
    ),
    "bucket": ("/buckets/bucket1", ["size", "blob@id"]),
    "driver": ("/drivers/ec2", ["provider@id", "provider/entrypoint@kind", "provider/entrypoint"]),
    "firewall": (
        "/firewalls/default",
        [
            "owner_id",
            "rules/rule/allow_protocol",
            "rules/rule/port_from",
            "rules/rule/port_to",
            "rules/rule/direction",
            "rules/rule/sources/source@type",
        ],
    ),
    "hardware_profile": (
        "/hardware_profiles/m1-large",
        [
            "property@kind",
            "property@name",
            "property@unit",
            "property@value",
            "property/range@first",
            "property/enum/entry@value",
        ],
    ),
    "image": (
        "/images/img1",
        [
            "owner_id",
            "architecture",
            "state",
            "creation_time",
            "root_type",
            "hardware_profiles/hardware_profile@id",
        ],
    ),
    "instance": (
        "/instances/inst1",
        [
            "state",
            "owner_id",
            "realm@id",
            "image@id",
            "hardware_profile@id",
            "public_addresses/address",
            "public_addresses/address@type",
            "private_addresses/address",
            "actions/link@rel",
        ],
    ),
    "key": ("/keys/test-key", ["fingerprint"]),
    "load_balancer": (
        "/load_balancers/lb1",
        [
            "created_at",
            "realm@id",
            "actions/link@rel",
            "public_addresses/address",
            "listeners/listener@protocol",
            "instances/instance@id",
        ],
    ),
    "metric": ("/metrics/inst1", ["entity", "properties/cpuUtilization/sample/property@value"]),
    "realm": ("/realms/us", ["state"]),
    "storage_snapshot": ("/storage_snapshots/snap1", ["created", "storage_volume@id"]),
    "storage_volume": (
        "/storage_volumes/vol3",
        [
            "created",
            "state",
            "capacity",
            "capacity@unit",
            "device",
            "realm_id",
            "mount/instance@id",
            "mount/device@name",
        ],
    ),
}


@pytest.mark.parametrize("singular", READS)
def test_the_client_finds_what_it_reads(full: Api, singular: str) -> None:
    full.post("/addresses/192.168.0.1/associate", {"instance_id": "inst0"})
    path, wanted = READS[singular]
    document = full.get(path).xml
    assert document.tag == singular
    assert document.get("href", "").endswith(path)
    for place in wanted:
        element, _, attribute = place.partition("@")
        found = document.findall(element)
        assert found, place
        values = [e.get(attribute) if attribute else e.text for e in found]
        assert all(value is None or value for value in values), place
        assert any(values), place


def test_the_client_finds_states_and_transitions(full: Api) -> None:
    states = full.get("/instance_states").xml
    assert states[0].get("name") == "start"
    assert all(t.get("to") for t in states.iter("transition"))


def test_the_client_finds_features(full: Api) -> None:
    entry = full.get("?force_auth=true").xml
    assert entry.get("version") == "1.1.3"
    names = [f.get("name") for f in entry.iterfind("link[@rel='instances']/feature")]
    assert "user_name" in names


# What the client sends: method, path with its parameters in the query, expected status.
SENDS = [
    ("POST", "/addresses", 201),
    ("POST", "/addresses/192.168.0.1/associate?instance_id=inst1", 202),
    ("POST", "/addresses/192.168.0.1/disassociate", 202),
    (
        "POST",
        "/buckets/bucket1?blob_id=b&blob_data=x&meta_params=1&meta_name1=k&meta_value1=v",
        201,
    ),
    ("DELETE", "/buckets/bucket1/b", 204),
    ("POST", "/buckets?name=nb", 201),
    ("DELETE", "/buckets/nb", 204),
    ("POST", "/firewalls?name=fw&description=d", 201),
    ("POST", "/firewalls/fw/rules?protocol=tcp&port_from=22&port_to=22", 400),  # no source
    ("DELETE", "/firewalls/fw", 204),
    ("POST", "/images?instance_id=inst1&name=img", 201),
    ("DELETE", "/images/img", 204),
    ("POST", "/instances?image_id=img1&user_data=aGVsbG8%3D&name=n", 201),
    ("POST", "/instances/inst2/reboot", 202),
    ("POST", "/instances/inst2/stop", 202),
    ("POST", "/instances/inst2/start", 202),
    ("POST", "/instances/inst2/stop", 202),
    ("DELETE", "/instances/inst2", 204),
    ("POST", "/keys?name=k&public_key=ssh-rsa+AAAA", 201),
    ("DELETE", "/keys/k", 204),
    (
        "POST",
        "/load_balancers?name=lb&realm_id=us&listener_protocol=HTTP"
        "&listener_balancer_port=80&listener_instance_port=80",
        201,
    ),
    ("POST", "/load_balancers/lb/register?instance_id=inst1", 200),
    ("POST", "/load_balancers/lb/unregister?instance_id=inst1", 200),
    ("DELETE", "/load_balancers/lb", 204),
    ("POST", "/storage_snapshots?volume_id=vol1", 201),
    ("DELETE", "/storage_snapshots/snap1", 204),
    ("POST", "/storage_volumes?capacity=10&name=v", 201),
    ("POST", "/storage_volumes/vol1/attach?instance_id=inst1&device=/dev/sdc", 202),
    ("POST", "/storage_volumes/vol1/detach", 202),
    ("DELETE", "/storage_volumes/vol1", 204),
]


def test_the_client_is_served(full: Api) -> None:
    """A session of the client, in order; it sends parameters in the query, bodies empty."""
    answers = [(method, path, full(method, path).status) for method, path, _ in SENDS]
    assert answers == SENDS


def test_the_client_attaches_without_a_device(api: Api) -> None:
    """It then sends the parameter without a value; two volumes must not meet on one device."""
    devices = set()
    for volume in ("vol1", "vol2"):
        reply = api.post(f"/storage_volumes/{volume}/attach?device&instance_id=inst1")
        assert reply.status == 202
        devices.add(reply.xml.find("mount/device").attrib["name"])  # type: ignore[union-attr]
    assert len(devices) == 2
    assert api.post("/storage_volumes/vol1/detach").status == 202
    missing = api.post("/storage_volumes/vol1/attach?instance_id=inst1")
    assert missing.status == 400


def test_the_client_knows_bad_credentials(full: Api) -> None:
    assert full.get("?force_auth=true", auth=("mockuser", "wrong")).status == 401
