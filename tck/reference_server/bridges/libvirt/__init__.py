"""The bridge to a hypervisor over libvirt; the driver `bridge-libvirt`."""

from __future__ import annotations

from tck.reference_server.bridges.libvirt.instances import Instances
from tck.reference_server.bridges.libvirt.networks import Networks


class LibvirtBridge(Instances, Networks):
    """All that the bridge can do, part by part."""
