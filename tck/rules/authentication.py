"""Rules on refusals for want of credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tck.endpoint.exchange import Exchange
from tck.rules.engine import Judgement, rule
from tck.rules.reading import shown

# Parameters in any order, of which one is the realm: a quoted string or a token (RFC 9110 11.2).
_VALUE = r"""\s*=\s*("([^"\\]|\\.)*"|[^\s,"]+)\s*"""
_BASIC = re.compile(rf"(^|,)\s*Basic\s+([\w-]+{_VALUE},\s*)*realm{_VALUE}(,|$)", re.IGNORECASE)


@rule("DC-AUT-004", "DC-AUT-005")
def challenge(x: Exchange) -> Iterator[Judgement]:
    """401 comes with a challenge (RFC 9110 15.5.2), and one of them is Basic (A9)."""
    if x.status != 401:
        return
    said = x.headers.get("WWW-Authenticate")
    expected = 'a challenge such as Basic realm="deltacloud"'
    yield Judgement("DC-AUT-004", bool(said), "WWW-Authenticate", expected, "none")
    if said:
        right = bool(_BASIC.search(said))
        yield Judgement("DC-AUT-005", right, "WWW-Authenticate", expected, shown(said))
