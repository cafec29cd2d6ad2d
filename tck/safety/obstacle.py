"""Why something could not be removed."""

from __future__ import annotations

from dataclasses import dataclass

from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import GATE

GONE = (404, 410)
NOT_NOW = (0, 429, 503)  # no answer, or "later", after which a transport pauses
_LONGEST_MESSAGE = 120  # characters of an endpoint's own words


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a resource is still there, in words.

    `silent`: no answer, or one that says "later"; `exchange`: the one that shows why.
    """

    reason: str
    silent: bool = False
    exchange: Exchange | None = None

    @property
    def refused(self) -> bool:
        """The removal was answered, and not with success."""
        x = self.exchange
        return x is not None and x.status >= 400 and x.status not in (*GONE, *NOT_NOW)


NOT_TRIED = Obstacle("unreachable: not tried, as others of the collection got no answer", True)


def message_of(x: Exchange) -> str:
    """What an error document says, in brackets; empty if it says nothing."""
    text = "" if x.xml is None else " ".join((x.xml.findtext("message") or "").split())
    return f" ({GATE.cut(text, _LONGEST_MESSAGE)})" if text else ""
