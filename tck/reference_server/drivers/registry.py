"""The drivers that ship with the server, by id: what each declares, and how it is started.

A *persona* (`ec2`, `mock` ...) is the mock driver in the shape of one of Apache Deltacloud's
drivers; its shape is the file `personas/ID.toml`. A *provider driver* (`bridge-ec2` ...) asks a
real provider; its shape is the file `shape.toml` of its package. The provider's library is an
optional extra of this project and is imported when the driver is started, not before.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import import_module, resources
from typing import Any

from tck.reference_server.drivers.provider import Endpoint, ProviderDriver
from tck.reference_server.drivers.shape import Shape

_SERVER = resources.files("tck.reference_server")
# Id to (package under drivers/, which is also the name of the extra; class).
_PROVIDER_DRIVERS = {
    "bridge-ec2": ("ec2", "Ec2Driver"),
    "bridge-libvirt": ("libvirt", "LibvirtDriver"),
    "bridge-swift": ("swift", "SwiftDriver"),
}


@cache
def personas() -> tuple[str, ...]:
    """Ids of the personas, sorted."""
    files = (file.name for file in (_SERVER / "personas").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml")))


def provider_drivers() -> tuple[str, ...]:
    """Ids of the provider drivers, sorted; those whose library is not installed included."""
    return tuple(sorted(_PROVIDER_DRIVERS))


@cache
def shape(driver_id: str) -> Shape:
    """What a persona or a provider driver declares; KeyError if there is no such driver."""
    if driver_id in _PROVIDER_DRIVERS:
        file = _SERVER / "drivers" / _PROVIDER_DRIVERS[driver_id][0] / "shape.toml"
    elif driver_id in personas():
        file = _SERVER / "personas" / f"{driver_id}.toml"
    else:
        raise KeyError(driver_id)
    return Shape.parse(driver_id, tomllib.loads(file.read_text("utf-8")))


def start(
    driver_id: str, provider: str | None, credentials: tuple[str, str]
) -> ProviderDriver[Any]:
    """A provider driver for the provider at `provider` (see `Endpoint`).

    `credentials` are the server's own user and password, for providers that ask for none.
    KeyError if there is no such driver; ValueError, with what to do, if its library is not
    installed or the provider cannot be reached.
    """
    package, name = _PROVIDER_DRIVERS[driver_id]
    try:
        kind = getattr(import_module(f"tck.reference_server.drivers.{package}"), name)
    except ImportError as missing:
        needed = f"{driver_id} needs {missing.name}: pip install 'deltacloud-tck[{package}]'"
        raise ValueError(needed) from missing
    driver: ProviderDriver[Any] = kind(shape(driver_id), Endpoint.parse(provider), credentials)
    return driver
