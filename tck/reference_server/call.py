"""One operation that is being served: what was asked, of which driver, in which format."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tck.reference_server.drivers import registry
from tck.reference_server.drivers import shape as shapes
from tck.reference_server.drivers.base import Caller, Driver
from tck.reference_server.drivers.shape import Shape
from tck.reference_server.http.parameters import Arguments, arguments
from tck.reference_server.http.request import Request
from tck.reference_server.http.response import Headers, Response, field_value
from tck.reference_server.representations import render
from tck.reference_server.site import Site
from tck.schemas.operations import Operation

HTML = "text/html;charset=utf-8"


@dataclass(slots=True)
class Call:
    """Given to a handler; `ids` are those of the path, `runtime` the driver's seconds."""

    request: Request
    driver: Driver
    site: Site
    format: str
    operation: Operation
    ids: tuple[str, ...]
    caller: Caller
    runtime: float | None = None

    def arguments(self) -> Arguments:
        """The parameters that the operation declares, checked for presence."""
        request = self.request
        given = request.parameters
        if self.format == "html":  # forms send what was not filled in as well
            given = {name: value for name, value in given.items() if value}
        return arguments(self.operation, given, frozenset(request.files))

    def known_drivers(self) -> tuple[Shape, ...]:
        """Drivers that a request can choose here; one of somebody's own is one of them."""
        known = [*map(shapes.load, shapes.names()), *registry.offered(self.driver)]
        return tuple({shape.id: shape for shape in [*known, self.driver.shape]}.values())

    def ask(self, method: str, *positional: Any, **named: Any) -> Any:
        """Call a method of the driver by its name and take its time."""
        start = time.perf_counter()
        try:
            return getattr(self.driver, method)(self.caller, *positional, **named)
        finally:
            self.runtime = (self.runtime or 0.0) + time.perf_counter() - start

    def document(
        self,
        subject: Any,
        name: str | None = None,
        *,
        status: int | None = None,
        headers: Headers | None = None,
    ) -> Response:
        """An answer with a document: by default the operation's own, with its usual status."""
        name = name or self.operation.document
        if self.format == "html":
            return self.page(lambda pages: pages.page(self, name, subject), status, headers)
        body, media_type = render(self.format, name, subject, self.site)
        sent = [("Content-Type", media_type), *(headers or [])]
        return Response(status or self.operation.success[0], sent, body)

    def page(
        self,
        made: Callable[[ModuleType], bytes],
        status: int | None = None,
        headers: Headers | None = None,
    ) -> Response:
        """An answer in HTML, which `made` makes with the package for it."""
        from tck.reference_server import pages  # noqa: PLC0415 - takes long to load

        sent = [("Content-Type", HTML), *pages.HEADERS, *(headers or [])]
        return Response(status or self.operation.success[0], sent, made(pages))

    def empty(self, headers: Headers | None = None) -> Response:
        """An answer without a body."""
        return Response(self.operation.success[0], headers or [])

    def location(self, *segments: str) -> Headers:
        """The Location of a new object (stances 20, 21; C12)."""
        return [("Location", field_value(self.site.url(*segments)))]
