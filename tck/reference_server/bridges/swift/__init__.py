"""The bridge to OpenStack's object storage over HTTP; the driver `bridge-swift`."""

from __future__ import annotations

from tck.reference_server.bridges.swift.blobs import SwiftBridge

__all__ = ["SwiftBridge"]
