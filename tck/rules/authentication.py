"""Rules on answers that demand credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tck.endpoint.exchange import Exchange
from tck.rules.engine import rule
from tck.rules.judgement import Judgement, holds, present

# Parameters in any order, of which one is the realm: a quoted string or a token (RFC 9110 11.2).
_VALUE = r"""\s*+=\s*+(?:"(?:[^"\\]++|\\.)*+"|[^\s,"]++)\s*+"""
_BASIC = re.compile(
    rf"(?:^|,)\s*+Basic\s++(?:[\w-]++{_VALUE},\s*+)*realm{_VALUE}(?:,|$)", re.IGNORECASE
)
_MOST = 4096  # characters of challenges that are looked at


@rule("DC-AUT-004", "DC-AUT-005")
def challenge(x: Exchange) -> Iterator[Judgement]:
    """A 401 carries a challenge (RFC 9110 15.5.2), and one challenge is Basic (A9)."""
    if x.status != 401:
        return
    challenges = x.headers.get("WWW-Authenticate")
    place, expected = "WWW-Authenticate", 'a challenge such as Basic realm="deltacloud"'
    yield present("DC-AUT-004", place, expected, challenges or None)
    if challenges:
        is_basic = _BASIC.search(challenges[:_MOST]) is not None
        yield holds("DC-AUT-005", place, expected, challenges, is_basic)
