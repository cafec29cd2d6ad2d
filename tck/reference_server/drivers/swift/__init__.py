"""The driver `bridge-swift`: OpenStack's object storage, over HTTP."""

from __future__ import annotations

from tck.reference_server.drivers.swift.blobs import SwiftDriver

__all__ = ["SwiftDriver"]
