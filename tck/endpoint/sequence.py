"""The requests that lead to an exchange: as few as are needed to see it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tck.endpoint.disturbance import SAFE
from tck.endpoint.exchange import Exchange

_SHORT = 8
_LONGEST = 25
_MOST_CONTENT = 8 << 20


class Trail(list[Exchange]):
    """Exchanges, with nothing that was read out of them and 8 MiB of content between them.

    What comes after that is without content, so that a long check does not take all memory.
    """

    _room = _MOST_CONTENT

    def append(self, x: Exchange) -> None:
        """Add an exchange, as a copy."""
        self._room -= len(x.body)
        if self._room < 0 and x.response is not None:
            why = "too much content to keep"
            x = replace(x, response=replace(x.response, body=None, omitted=why))
        super().append(replace(x))

    def clear(self) -> None:
        """Begin again."""
        super().clear()
        self._room = _MOST_CONTENT


def leading_to(last: Exchange, trail: Sequence[Exchange]) -> list[Exchange]:
    """Exchanges of a trail up to and including `last`; empty if it is the first, or too many.

    If there are more than a few, reads are dropped that cannot matter: reads of other URLs than
    the last, and all but the last of several reads in a row (a generated sequence reads everything
    after each step).
    """
    end = next((number for number, x in enumerate(trail, 1) if x.id == last.id), 0)
    leading = list(trail[:end])
    if end > _SHORT:
        leading = [x for x in leading if not _reads(x) or x.request.url == last.request.url]
        pairs = zip(leading, [*leading[1:], None], strict=True)
        leading = [x for x, y in pairs if y is None or not (_reads(x) and _reads(y))]
    return leading if 1 < len(leading) <= _LONGEST else []


def _reads(x: Exchange) -> bool:
    return x.request.method in SAFE
