"""The bridge to a hypervisor over libvirt; the driver `bridge-libvirt`."""

from __future__ import annotations

from tck.reference_server.drivers.libvirt.instances import Instances
from tck.reference_server.drivers.libvirt.networks import Networks


class LibvirtDriver(Instances, Networks):
    """All that the bridge can do, part by part."""
