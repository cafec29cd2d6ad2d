"""One operation that is being served: what was asked, of which driver, in which format."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from tck.reference_server.drivers.base import Caller, Driver
from tck.reference_server.parameters import Arguments, arguments
from tck.reference_server.representations import render
from tck.reference_server.request import Request
from tck.reference_server.response import Headers, Response, field_value
from tck.reference_server.site import Site
from tck.schemas.operations import Operation


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
        return arguments(self.operation, request.parameters, frozenset(request.files))

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
        body, media_type = render(self.format, name or self.operation.document, subject, self.site)
        sent = [("Content-Type", media_type), *(headers or [])]
        return Response(status or self.operation.success[0], sent, body)

    def empty(self, headers: Headers | None = None) -> Response:
        """An answer without a body."""
        return Response(self.operation.success[0], headers or [])

    def location(self, *segments: str) -> Headers:
        """The Location of a new object (stances 20, 21; C12)."""
        return [("Location", field_value(self.site.url(*segments)))]
