"""The driver `bridge-libvirt`: the machines of a hypervisor, over libvirt."""

from __future__ import annotations

from tck.reference_server.drivers.libvirt.instances import Instances
from tck.reference_server.drivers.libvirt.networks import Networks


class LibvirtDriver(Instances, Networks):
    """All parts of the driver together."""
