"""Documents: resources on the wire.

XML and JSON are two models, not one: they differ in names, nesting and in what they show.
"""

from __future__ import annotations

from typing import Any

from tck.reference_server.representations import json, xml
from tck.reference_server.site import Site

_RENDERERS = {"xml": xml.render, "json": json.render}

# Formats of answers, the preferred first (stance 3); HTML is rendered by `pages`.
FORMATS = (*_RENDERERS, "html")


def render(format_: str, document: str, subject: Any, site: Site) -> bytes:
    """A document as bytes.

    `format_` is xml or json. `document` is the name that operations.toml gives it; `subject` is
    the resource that it shows, or a list of them where the name is that of a collection.
    """
    return _RENDERERS[format_](document, subject, site)
