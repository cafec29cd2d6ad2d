"""What the server's own documents show: the entry point, its links, and errors."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """The entry point; all that it shows is in the site."""

    version: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An error document: status, the request's path and query, message, and its wire name."""

    status: int
    url: str
    message: str
    wire_name: str
