"""A connection to a hypervisor, and its errors."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import libvirt
from lxml import etree

from tck.reference_server.drivers.base import Caller
from tck.reference_server.drivers.provider import Endpoint, ProviderDriver, refusal
from tck.reference_server.drivers.shape import Shape
from tck.reference_server.errors import (
    ApiError,
    AuthenticationError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    NotSupportedError,
    ProviderError,
    ProviderTimeoutError,
    ValidationError,
)

LOCAL = "qemu:///system"

P = ParamSpec("P")
T = TypeVar("T")

# Error codes of libvirt (virErrorNumber) to errors of the API; all others become 502.
_CODES: dict[type[ApiError], str] = {
    AuthenticationError: "AUTH_FAILED AUTH_CANCELLED AUTH_UNAVAILABLE",
    ForbiddenError: "OPERATION_DENIED ACCESS_DENIED",
    NotFoundError: "NO_DOMAIN NO_NETWORK NO_STORAGE_VOL NO_STORAGE_POOL",
    ConflictError: "OPERATION_INVALID RESOURCE_BUSY DOM_EXIST NETWORK_EXIST STORAGE_VOL_EXIST",
    ValidationError: "INVALID_ARG XML_ERROR XML_DETAIL CONFIG_UNSUPPORTED XML_INVALID_SCHEMA",
    NotSupportedError: "NO_SUPPORT OPERATION_UNSUPPORTED",
    ProviderTimeoutError: "OPERATION_TIMEOUT",
}
_KINDS = {
    getattr(libvirt, f"VIR_ERR_{name}"): kind
    for kind, names in _CODES.items()
    for name in names.split()
}

# Messages of libvirt go into error documents, not to stderr.
libvirt.registerErrorHandler(lambda _context, _error: None, None)


@contextmanager
def translating() -> Iterator[None]:
    """Raise an error of libvirt as an error of the API."""
    try:
        yield
    except libvirt.libvirtError as error:
        kind = _KINDS.get(error.get_error_code(), ProviderError)
        raise refusal(kind, error.get_error_message() or str(error)) from error


def translated(method: Callable[P, T]) -> Callable[P, T]:
    """`translating` around a whole method."""

    @functools.wraps(method)
    def translating_method(*args: P.args, **kwargs: P.kwargs) -> T:
        with translating():
            return method(*args, **kwargs)

    return translating_method


def parsed(text: str) -> etree._Element:
    """A document of libvirt as a tree; entities are not resolved."""
    return etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False))


def written(root: etree._Element) -> str:
    """A tree as a document for libvirt."""
    return etree.tostring(root, encoding="unicode")


class Hypervisor:
    """One connection, its host and the pool that holds the disks."""

    def __init__(self, url: str, pool: str | None, caller: Caller) -> None:
        self.asked = False  # whether libvirt has asked for credentials
        kinds = [libvirt.VIR_CRED_AUTHNAME, libvirt.VIR_CRED_PASSPHRASE]

        def answer(questions: list[list[Any]], _data: object) -> int:
            self.asked = True
            for item in questions:
                name = item[0] == libvirt.VIR_CRED_AUTHNAME
                item[4] = caller.user if name else caller.password
            return 0

        with translating():
            self.virt = libvirt.openAuth(url, [kinds, answer, None], 0)
            self.host = str(self.virt.getHostname())
            self._pool = pool
            guests = parsed(self.virt.getCapabilities()).findall("guest/arch")
        chosen = min(guests, key=lambda arch: arch.get("name") != "x86_64")
        kinds_of = [domain.get("type", "") for domain in chosen.iterfind("domain")]
        self.kind = "kvm" if "kvm" in kinds_of else kinds_of[0]
        self.arch = chosen.get("name", "")

    @property
    def architecture(self) -> str:
        """The architecture by its name in the API (A59)."""
        return "i386" if self.arch == "i686" else self.arch

    @property
    def pool(self) -> Any:
        """The pool by its name, or the first that is active."""
        if self._pool is not None:
            return self.virt.storagePoolLookupByName(self._pool)
        active = self.virt.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)
        if not active:
            raise ProviderError("The hypervisor has no active storage pool.")
        return min(active, key=lambda pool: pool.name())


class Part(ProviderDriver[Hypervisor]):
    """What all parts of the driver share.

    A local libvirt does not ask for a password: then callers need the credentials that the server
    was started with, and share one connection. A remote libvirt that asks gets those of each
    request, over a connection of its own.
    """

    def __init__(self, shape: Shape, endpoint: Endpoint, credentials: tuple[str, str]) -> None:
        super().__init__(shape, endpoint, credentials)
        self._url = endpoint.url or LOCAL
        self._shared: Hypervisor | None = None
        try:
            opened = Hypervisor(self._url, endpoint.region, Caller("", ""))
        except AuthenticationError:
            return
        except ApiError as refused:
            raise ValueError(f"{self._url}: {refused.message}") from refused
        if not opened.asked:
            self._shared = opened

    def connect(self, caller: Caller) -> Hypervisor:
        self.endpoint.region_for(caller.provider)
        if self._shared is None:
            return Hypervisor(self._url, self.endpoint.region, caller)
        if not caller.has(*self.credentials):
            raise AuthenticationError("Authentication Failure")
        return self._shared
