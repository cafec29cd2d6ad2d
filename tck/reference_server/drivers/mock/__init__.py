"""The mock driver: a small cloud in a store, in the shape of any of the personas."""

from __future__ import annotations

from tck.reference_server.drivers.mock.blobs import Blobs
from tck.reference_server.drivers.mock.compute import Compute
from tck.reference_server.drivers.mock.firewalls import Firewalls
from tck.reference_server.drivers.mock.launching import Launching
from tck.reference_server.drivers.mock.metrics import Metrics
from tck.reference_server.drivers.mock.network import Networks
from tck.reference_server.drivers.mock.storage import Storage


class MockDriver(Compute, Launching, Metrics, Storage, Blobs, Networks, Firewalls):
    """All parts of the mock; the shape decides which of their methods are called."""
