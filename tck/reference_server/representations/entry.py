"""What two of the server's own documents show: the entry point and errors."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """The entry point: the API's version. The rest that it shows is in the site."""

    version: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An error: HTTP status, target of the request, message, name of the exception class."""

    status: int
    url: str
    message: str
    wire_name: str
