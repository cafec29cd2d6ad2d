"""The course of requests that the vectors are made of: every operation, with all its parameters."""

from __future__ import annotations

from collections.abc import Iterator

from tck.apidocs.examples import NEW, STEPS, Step
from tck.schemas.operations import API

__all__ = ["NEW", "SEGMENTS", "UPLOAD", "Step", "course"]

UPLOAD = "(upload)"  # stands for the id of the upload that was begun last
SEGMENTS = "(segments)"  # stands for its parts, each with its number


# Values by which lists are narrowed: where `full` has something to find.
_FILTERS = {
    "architecture": "x86_64",
    "owner_id": "fedoraproject",
    "realm_id": "us",
    "state": "RUNNING",
}
_MEMBERS = {
    "addresses": "192.168.0.1",
    "buckets": "bucket1",
    "hardware_profiles": "m1-large",
    "images": "img1",
    "instances": "inst1",
    "keys": "test-key",
    "network_interfaces": "nic1",
    "networks": "net1",
    "realms": "us",
    "storage_snapshots": "snap1",
    "storage_volumes": "vol1",
    "subnets": "subnet1",
}
_LAUNCH = {"image_id": "img1", "realm_id": "us", "name": "two words & Ünicode"}
_UPLOAD = {"X-Deltacloud-BlobType": "segmented"}
_TEXT = {"Content-Type": "text/plain"}


def _part(number: int) -> dict[str, str]:
    return {
        "X-Deltacloud-SegmentedBlob": UPLOAD,
        "X-Deltacloud-SegmentOrder": str(number),
    }


_MORE: tuple[Step, ...] = (
    Step("api.show", form={"force_auth": "yes"}),
    Step("api.switch", form={"driver": "ec2", "provider": "us-east-1"}),
    Step("keys.create", form={"name": "imported", "public_key": "ssh-rsa AAAAB3NzaC1yc2E= me"}),
    Step(
        "instances.create",
        form=_LAUNCH
        | {
            "hwp_id": "m1-large",
            "hwp_memory": "10240",
            "hwp_storage": "850",
            "keyname": "test-key",
            "user_data": "IyEvYmluL3NoCg==",
            "firewalls1": "default",
            "metrics": "yes",
            "sandbox": "yes",
        },
    ),
    Step(
        "instances.run",
        (NEW,),
        {"cmd": "id -u", "private_key": "the key, in PEM", "ip": "10.0.0.1", "port": "22"},
    ),
    Step(
        "instances.create", form=_LAUNCH | {"password": "of-the-instance", "user_iso": "H4sIAA=="}
    ),
    Step("instances.create", form=_LAUNCH | {"user_files": "/etc/motd"}),
    Step("instances.create", form=_LAUNCH | {"snapshot_id": "snap1", "device_name": "/dev/sdc"}),
    Step("instances.create", form=_LAUNCH | {"load_balancer_id": "lb1"}),
    Step("instances.create", form={"image_id": "img1", "instance_count": "2"}),
    Step("images.create", form={"instance_id": "inst1", "name": "a", "description": "a copy"}),
    Step(
        "storage_volumes.create",
        form={"snapshot_id": "snap1", "realm_id": "us", "name": "data", "description": "again"},
    ),
    Step(
        "storage_snapshots.create",
        form={"volume_id": "vol1", "name": "friday", "description": "before the weekend"},
    ),
    Step("networks.create", form={"address_block": "10.8.0.0/16", "name": "outer"}),
    Step(
        "subnets.create",
        form={"network_id": NEW, "address_block": "10.8.1.0/24", "name": "first"},
    ),
    Step(
        "network_interfaces.create", form={"instance": "inst1", "network": "net1", "name": "eth1"}
    ),
    Step("firewalls.create", form={"name": "inner", "description": "of the cloud"}),
    Step(
        "firewalls.rules",
        ("inner",),
        {
            "protocol": "udp",
            "port_from": "53",
            "port_to": "54",
            "group1": "default",
            "group1owner": "mockuser",
        },
    ),
    Step("buckets.create", form={"name": "far", "location": "elsewhere"}),
    Step(
        "blobs.create",
        ("far",),
        {
            "blob_id": "with spaces.txt",
            "blob_data": "hello, Wörld",
            "meta_params": "1",
            "meta_name1": "colour",
            "meta_value1": "blue",
        },
    ),
    Step("blobs.show", ("far", "with spaces.txt")),
    Step(
        "blobs.stream",
        ("far", "c.bin"),
        headers=_TEXT | {"X-Deltacloud-Blobmeta-a": "1"},
        body=b"\x00\xff",
    ),
    Step("blobs.content", ("far", "c.bin")),
    Step("blobs.segmented", ("far", "d"), headers=_UPLOAD),
    Step("blobs.put", ("far", "d"), headers=_UPLOAD | _part(1), body=b"one part "),
    Step("blobs.segmented", ("far", "d"), headers=_UPLOAD | _part(2), body=b"and another"),
    Step(
        "blobs.put",
        ("far", "d"),
        {"blob_type": "segmented", "segmented_blob": UPLOAD, "segment_order": "3"},
        body=b", in the query",
    ),
    Step(
        "blobs.segmented",
        ("far", "d"),
        headers=_UPLOAD | {"X-Deltacloud-SegmentedBlob": UPLOAD},
        body=SEGMENTS.encode(),
    ),
    Step("blobs.content", ("far", "d")),
)


def _filters() -> Iterator[Step]:
    for collection in API.collections.values():
        index = collection.operations.get("index")
        names = list(index.filters) if index else []
        for feature in API.features_of(collection.name):
            names += feature.params if feature.operation == "index" else ()
        for name in names:
            value = _FILTERS.get(name) or _MEMBERS[collection.name]
            yield Step(f"{collection.name}.index", form={name: value})


def course() -> tuple[Step, ...]:
    """The steps, in an order in which a right client could send them to a new server.

    `NEW` stands for the id from the last create of the collection, in a parameter for that of the
    collection which the parameter names; the `form` of a GET or of a blob's content is the query.
    """
    return (*STEPS, *_filters(), *_MORE)
