"""The bridge to OpenStack's object storage over HTTP; the driver `bridge-swift`."""

from __future__ import annotations

from tck.reference_server.drivers.swift.blobs import SwiftDriver

__all__ = ["SwiftDriver"]
