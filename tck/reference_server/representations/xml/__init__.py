"""The XML documents, one function for each class of resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tck.reference_server.representations.xml import compute, network, server, storage
from tck.reference_server.representations.xml.elements import Element, tag
from tck.reference_server.site import Site
from tck.schemas.operations import API


def render(document: str, subject: Any, site: Site) -> bytes:
    """A document in UTF-8; arguments as for `representations.render`."""
    if document in _MEMBERS:
        singular = _MEMBERS[document]
        root = tag(document, {}, *(_DOCUMENTS[singular](item, site) for item in subject))
    else:
        root = _DOCUMENTS[document](subject, site)
    return "\n".join(('<?xml version="1.0" encoding="utf-8"?>', *root, "")).encode()


_DOCUMENTS: Mapping[str, Callable[[Any, Site], Element]] = {
    "api": server.api,
    "error": server.error,
    "drivers": server.drivers,
    "states": server.states,
    "run": compute.run,
    "acted_instance": compute.instance,
    "driver": server.driver,
    "realm": compute.realm,
    "hardware_profile": compute.hardware_profile,
    "image": compute.image,
    "instance": compute.instance,
    "key": compute.key,
    "metric": compute.metric,
    "storage_volume": storage.storage_volume,
    "storage_snapshot": storage.storage_snapshot,
    "bucket": storage.bucket,
    "blob": storage.blob,
    "address": network.address,
    "network": network.network,
    "subnet": network.subnet,
    "network_interface": network.network_interface,
    "firewall": network.firewall,
    "load_balancer": network.load_balancer,
}

# Name of a list document to that of its members; two lists have functions of their own.
_MEMBERS = {
    collection.document: collection.singular
    for collection in API.collections.values()
    if collection.parent is None and collection.document not in ("drivers", "states")
}
