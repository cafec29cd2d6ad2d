"""The requests that lead to an exchange, as few as show it again."""

from __future__ import annotations

from collections.abc import Sequence

from tck.endpoint.disturbance import SAFE
from tck.endpoint.exchange import Exchange

_SHORT = 8
_LONGEST = 25


def leading_to(last: Exchange, trail: Sequence[Exchange]) -> list[Exchange]:
    """Exchanges of a trail up to `last`; none if it is the first, or if they are too many.

    Of more than a few, reads of other things than the last are left out, and reads that nothing
    comes between: a sequence that was generated looks at everything after each step.
    """
    end = next((number for number, x in enumerate(trail, 1) if x is last), 0)
    found = list(trail[:end])
    if end > _SHORT:
        found = [x for x in found if not _reads(x) or x.request.url == last.request.url]
        following = [*found[1:], None]
        pairs = zip(found, following, strict=True)
        found = [x for x, y in pairs if y is None or not (_reads(x) and _reads(y))]
    return found if 1 < len(found) <= _LONGEST else []


def _reads(x: Exchange) -> bool:
    return x.request.method in SAFE
