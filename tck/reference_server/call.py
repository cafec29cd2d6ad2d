"""One operation that is being served: what was asked, of which driver, in which format."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from tck.reference_server.drivers import registry
from tck.reference_server.drivers.base import Caller, Driver
from tck.reference_server.drivers.provider import ProviderDriver
from tck.reference_server.drivers.shape import Shape
from tck.reference_server.http.parameters import Arguments, arguments
from tck.reference_server.http.request import Request
from tck.reference_server.site import Site
from tck.schemas.operations import Operation


@dataclass(slots=True)
class Call:
    """What a handler is given.

    `format` is xml, json or html. `ids` are those of the path, decoded, in its order. `runtime`
    counts the seconds spent in the driver; None as long as it has not been asked.
    """

    request: Request
    driver: Driver
    site: Site
    format: str
    operation: Operation
    ids: tuple[str, ...]
    caller: Caller
    runtime: float | None = None

    def arguments(self) -> Arguments:
        """The parameters that the operation declares.

        ValidationError if a required one is missing or empty, or XML cannot carry a value.
        """
        request = self.request
        parameters = request.parameters
        if self.format == "html":  # a form also sends the fields that were left empty
            parameters = {name: value for name, value in parameters.items() if value}
        return arguments(self.operation, parameters, frozenset(request.form.files))

    def known_drivers(self) -> tuple[Shape, ...]:
        """The drivers that a request can choose here, and the one that serves this call."""
        ids = registry.personas()
        if isinstance(self.driver, ProviderDriver):
            ids += registry.provider_drivers()
        own = self.driver.shape
        return tuple({**{id_: registry.shape(id_) for id_ in ids}, own.id: own}.values())

    def ask(self, method: str, *positional: Any, **named: Any) -> Any:
        """Call a method of the driver by its name, and add its time to `runtime`.

        Raises what the driver raises; ApiErrors become error documents.
        """
        start = time.perf_counter()
        try:
            return getattr(self.driver, method)(self.caller, *positional, **named)
        finally:
            self.runtime = (self.runtime or 0.0) + time.perf_counter() - start
