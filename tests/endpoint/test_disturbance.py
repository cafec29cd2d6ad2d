"""How long a disturbed answer makes a run wait, whatever it asks for."""

from __future__ import annotations

import pytest

from tck.endpoint.disturbance import Retries
from tck.endpoint.exchange import Exchange, Headers, Request, Response

BASE = "http://host/api"
FIRST = 0.2
LONGEST = 15.0
ASKED = {
    "5": 5.0,
    "1000000000": LONGEST,
    "9" * 5000: LONGEST,
    "-5": FIRST,
    "": FIRST,
    "²": FIRST,
    "soon": FIRST,
    "1.5": FIRST,
    "Thu, 01 Jan 1970 00:00:00 GMT": FIRST,
    "Fri, 31 Dec 9999 23:59:59 GMT": LONGEST,
    "Sat, 01 Jan 99999999999 00:00:00 GMT": FIRST,
    "Sat, 01 Jan 2026 99:00:00 GMT": FIRST,
    "22-Nov-26 13.45.24 99999999999999999999": FIRST,
    "Sat, 01 Jan 0001 00:00:00 +2359": FIRST,
}


def unavailable(after: str) -> Exchange:
    fields = Headers({"Retry-After": after})
    return Exchange("x", Request("GET", f"{BASE}/keys"), Response(503, headers=fields), BASE)


@pytest.mark.parametrize("after", ASKED)
def test_retry_after_is_obeyed_within_reason(after: str) -> None:
    assert Retries(3).pause(unavailable(after)) == ASKED[after]


def test_waits_end() -> None:
    """Also without a limit on tries: the endpoint does not recover."""
    retries, waited = Retries(10**9), 0.0
    while (pause := retries.pause(unavailable("1000000000"))) is not None:
        waited += pause
    assert 300 <= waited <= 315
