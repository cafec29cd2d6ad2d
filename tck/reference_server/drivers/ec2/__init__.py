"""The driver `bridge-ec2`: EC2, S3 and classic ELB, over boto3."""

from __future__ import annotations

from tck.reference_server.drivers.ec2.blobs import Blobs
from tck.reference_server.drivers.ec2.firewalls import Firewalls
from tck.reference_server.drivers.ec2.keys import Keys
from tck.reference_server.drivers.ec2.launching import Launching
from tck.reference_server.drivers.ec2.networks import Networks
from tck.reference_server.drivers.ec2.storage import Storage


class Ec2Driver(Launching, Networks, Keys, Storage, Firewalls, Blobs):
    """All parts of the driver together."""
