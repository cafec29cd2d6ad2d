"""The requests that lead to an exchange: as few as are needed to see it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tck.endpoint.disturbance import SAFE
from tck.endpoint.exchange import Exchange

_SHORT = 8
_LONGEST = 25
_MOST = 2_000


class Trail(list[Exchange]):
    """Exchanges without the content of the answers, the first 2,000 since it was cleared.

    So a long check does not take all memory. Nothing leads to an exchange that is not in it.
    """

    def append(self, x: Exchange) -> None:
        """Add an exchange, as a copy."""
        if len(self) < _MOST:
            response = x.response and replace(x.response, body=None, omitted="not kept")
            super().append(replace(x, response=response))


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
