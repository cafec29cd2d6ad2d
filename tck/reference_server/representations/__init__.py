"""Documents: resources on the wire. XML and JSON are two models, not one (facts 3.3)."""

from __future__ import annotations

from typing import Any

from tck.reference_server.http.negotiation import MEDIA_TYPES
from tck.reference_server.representations import json, xml
from tck.reference_server.site import Site

_RENDERERS = {"xml": xml.render, "json": json.render}

# Formats that answers can have, the preferred first (stance 3); pages are made by themselves.
FORMATS = (*_RENDERERS, "html")


def render(format_: str, document: str, subject: Any, site: Site) -> tuple[bytes, str]:
    """A document and its media type.

    `document` is the name that operations.toml gives it; `subject` is the resource that it
    shows, or a list of them where the name is that of a collection.
    """
    return _RENDERERS[format_](document, subject, site), MEDIA_TYPES[format_][0]
