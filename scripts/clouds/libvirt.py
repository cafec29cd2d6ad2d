"""The test driver of libvirt, test:///default: one host, shared by all of this process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from clouds import Missing, Provider

IMAGE = """
<volume>
  <name>foreign.qcow2</name>
  <capacity unit='GiB'>2</capacity>
  <target><format type='qcow2'/></target>
</volume>
"""


@contextmanager
def provider() -> Iterator[Provider]:
    try:
        import libvirt  # noqa: PLC0415
    except ImportError as missing:
        raise Missing(
            "libvirt-python is not installed: pip install 'deltacloud-tck[libvirt]', "
            "which needs a C compiler and libvirt's headers (libvirt-dev)"
        ) from missing
    with closing(libvirt.open("test:///default")) as host:
        host.storagePoolLookupByName("default-pool").createXML(IMAGE)
        yield Provider(
            "bridge-libvirt", "test:///default", "tck", "a-secret", lambda: inventory(host)
        )


def inventory(host: Any) -> Mapping[str, object]:
    found: dict[str, object] = {
        f"domain {domain.name()}": (domain.XMLDesc(), domain.state())
        for domain in host.listAllDomains()
    }
    found |= {f"network {net.name()}": net.XMLDesc() for net in host.listAllNetworks()}
    for pool in host.listAllStoragePools():
        found |= {f"disk {disk.name()}": disk.XMLDesc() for disk in pool.listAllVolumes()}
    return found
