"""Moto's server: EC2, S3 and classic ELB."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clouds import Missing, Provider

REGION = "us-east-1"
TAG = [{"Key": "Name", "Value": "foreign"}]

# Operation of EC2 to the key of its answer, and the key of the id.
EC2 = {
    "describe_volumes": ("Volumes", "VolumeId"),
    "describe_snapshots": ("Snapshots", "SnapshotId"),
    "describe_images": ("Images", "ImageId"),
    "describe_key_pairs": ("KeyPairs", "KeyName"),
    "describe_security_groups": ("SecurityGroups", "GroupId"),
    "describe_addresses": ("Addresses", "PublicIp"),
    "describe_network_interfaces": ("NetworkInterfaces", "NetworkInterfaceId"),
    "describe_vpcs": ("Vpcs", "VpcId"),
    "describe_subnets": ("Subnets", "SubnetId"),
    "describe_route_tables": ("RouteTables", "RouteTableId"),
    "describe_network_acls": ("NetworkAcls", "NetworkAclId"),
}


@contextmanager
def provider() -> Iterator[Provider]:
    try:
        import boto3  # noqa: PLC0415
        import moto  # noqa: F401, PLC0415
    except ImportError as missing:
        raise Missing(f"{missing.name} is not installed: make venv") from missing
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).parents[1] / "moto-server")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        url, key, secret = (server.stdout.readline().strip() for _ in range(3))
        options = {"endpoint_url": url, "region_name": REGION}
        options |= {"aws_access_key_id": key, "aws_secret_access_key": secret}
        clients = {name: boto3.client(name, **options) for name in ("ec2", "s3", "elb")}
        plant(**clients)
        yield Provider("bridge-ec2", f"{url}#{REGION}", key, secret, lambda: inventory(**clients))
        server.stdin.close()


def plant(ec2: Any, s3: Any, elb: Any) -> None:
    """Create one resource of each kind, with references to each other."""
    architecture = [{"Name": "architecture", "Values": ["x86_64"]}]
    image = ec2.describe_images(Filters=architecture)["Images"][0]["ImageId"]
    machine = {"MinCount": 1, "MaxCount": 1, "InstanceType": "t3.micro", "ImageId": image}
    instance = ec2.run_instances(
        **machine, TagSpecifications=[{"ResourceType": "instance", "Tags": TAG}]
    )["Instances"][0]["InstanceId"]
    zone = ec2.describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]
    volume = ec2.create_volume(AvailabilityZone=zone, Size=3)["VolumeId"]
    ec2.create_tags(Resources=[volume], Tags=TAG)
    ec2.create_snapshot(VolumeId=volume, Description="foreign")
    ec2.create_image(InstanceId=instance, Name="foreign")
    ec2.create_key_pair(KeyName="foreign")
    group = ec2.create_security_group(GroupName="foreign", Description="foreign")["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="10.0.0.0/8"
    )
    free, held = (ec2.allocate_address(Domain="vpc") for _ in range(2))
    ec2.associate_address(AllocationId=held["AllocationId"], InstanceId=instance)
    ec2.create_tags(Resources=[free["AllocationId"]], Tags=TAG)
    net = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2.create_subnet(VpcId=net, CidrBlock="10.9.1.0/24")
    s3.create_bucket(Bucket="foreign-bucket")
    s3.put_object(Bucket="foreign-bucket", Key="a/b", Body=b"theirs", Metadata={"whose": "theirs"})
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}
    elb.create_load_balancer(
        LoadBalancerName="foreign", Listeners=[listener], AvailabilityZones=[zone]
    )
    elb.register_instances_with_load_balancer(
        LoadBalancerName="foreign", Instances=[{"InstanceId": instance}]
    )


def inventory(ec2: Any, s3: Any, elb: Any) -> Mapping[str, object]:
    """All that the account holds.

    Terminated instances are left out: they are shown for an hour, and hold nothing. So are access
    lists and routes of deleted networks: moto keeps the lists, which nobody can delete then.
    """
    networks = {raw["VpcId"] for raw in ec2.describe_vpcs()["Vpcs"]}
    found: dict[str, object] = {
        f"instance {raw['InstanceId']}": raw
        for reservation in ec2.describe_instances()["Reservations"]
        for raw in reservation["Instances"]
        if raw["State"]["Name"] != "terminated"
    }
    for operation, (key, name) in EC2.items():
        for raw in getattr(ec2, operation)()[key]:
            if "VpcId" in raw and raw["VpcId"] not in networks:
                continue
            found[f"{key} {raw[name]}"] = raw
    for raw in elb.describe_load_balancers()["LoadBalancerDescriptions"]:
        found[f"balancer {raw['LoadBalancerName']}"] = raw
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        found[f"bucket {name}"] = bucket
        for upload in s3.list_multipart_uploads(Bucket=name).get("Uploads", ()):
            found[f"upload {name} {upload['UploadId']}"] = upload
        for raw in s3.list_objects_v2(Bucket=name).get("Contents", ()):
            head = s3.head_object(Bucket=name, Key=raw["Key"])
            del head["ResponseMetadata"]  # of the response: its id, its date
            found[f"object {name} {raw['Key']}"] = head
    return found
