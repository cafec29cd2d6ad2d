"""Bridges: drivers to real providers, as Apache Deltacloud had them (facts 12).

Personas wear a driver's shape over a cloud in memory; a bridge has its own name and asks the
provider. The providers' libraries are optional extras, imported when a bridge is first used.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module, resources
from typing import Any, cast

from tck.reference_server.drivers import shape as shapes
from tck.reference_server.drivers.base import Driver
from tck.reference_server.drivers.provider import Endpoint, ProviderDriver
from tck.reference_server.drivers.shape import Shape

# Id to (module, class, extra of this project that brings the library).
_BRIDGES = {
    "bridge-ec2": ("tck.reference_server.drivers.ec2", "Ec2Driver", "ec2"),
    "bridge-libvirt": ("tck.reference_server.drivers.libvirt", "LibvirtDriver", "libvirt"),
    "bridge-swift": ("tck.reference_server.drivers.swift", "SwiftDriver", "swift"),
}


def names() -> tuple[str, ...]:
    """Ids of the bridges, sorted: `bridge-ec2` ..."""
    return tuple(sorted(_BRIDGES))


@cache
def shape(name: str) -> Shape:
    """What a bridge declares; KeyError if there is none of that name."""
    if name not in _BRIDGES:
        raise KeyError(name)
    text = (resources.files(_BRIDGES[name][0]) / "shape.toml").read_text("utf-8")
    return shapes.parse(name, tomllib.loads(text))


def offered(driver: Driver) -> Iterator[Shape]:
    """Bridges for the list of drivers: shown where one of them is in force."""
    if isinstance(driver, ProviderDriver):
        yield from map(shape, names())


def start(name: str, provider: str | None, known: tuple[str, str]) -> ProviderDriver[Any]:
    """A bridge to the endpoint that `provider` tells; ValueError if it cannot be.

    `known` are the credentials of the server, for providers that ask for none.
    """
    module, kind, extra = _BRIDGES[name]
    try:
        bridge = getattr(import_module(module), kind)
    except ImportError as missing:
        needed = f"{name} needs {missing.name}: pip install 'deltacloud-tck[{extra}]'"
        raise ValueError(needed) from missing
    return cast("ProviderDriver[Any]", bridge(shape(name), Endpoint.parse(provider), known))
