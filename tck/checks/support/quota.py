"""Refusals of a cloud that has no room for more: they say nothing about the endpoint."""

from __future__ import annotations

import re

from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import GATE

_STATUSES = (403, 409, 413, 429, 507)
_LONGEST = 200  # characters of a message, in a reason
_LOOKED_AT = 2000
_WORDS = re.compile(
    r"quota|limit|exceed|maximum|too many|more \S+ than|insufficient|capacity|not enough|no space",
    re.IGNORECASE,
)


def limit_reached(x: Exchange) -> str:
    """The provider's message, if a create was refused because of a quota or for lack of room."""
    if x.status not in _STATUSES or x.operation is None or not x.operation.id.endswith(".create"):
        return ""
    message = message_in(x)
    return message if _WORDS.search(message) else ""


def message_in(x: Exchange) -> str:
    """What a refusal says, in its document or as it is; not more than belongs into a reason."""
    text = (
        x.body[:_LOOKED_AT].decode("utf-8", "replace")
        if x.xml is None
        else x.xml.findtext("message")
    )
    return GATE.cut(" ".join((text or "")[:_LOOKED_AT].split()), _LONGEST)
