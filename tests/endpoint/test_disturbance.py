"""How long a disturbed answer makes a run wait, whatever it asks for."""

from __future__ import annotations

import re
import socket

import pytest

from tck.endpoint import transport as transports
from tck.endpoint.disturbance import Away, Retries
from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.endpoint.limits import Limits
from tck.endpoint.transport import Transport

from .sockets import answer, peer

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


class Gateway:
    """In front of an endpoint that goes away; what it then says, and of which paths."""

    def __init__(self, at: bytes, said: bytes, back_after: int) -> None:
        self._at, self._said, self._left = at, said, back_after
        self.away = False

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        if self.away and self._at in request.split(b"\r\n")[0] and self._left:
            self._left -= 1
            connection.sendall(self._said)
        else:
            connection.sendall(answer())


PAGE = b"Content-Type: text/html"
BAD_GATEWAY = answer(b"<html>Bad gateway</html>", PAGE, status=b"502 Bad Gateway")


def asked(
    monkeypatch: pytest.MonkeyPatch, gateway: Gateway, retries: int = 3, outage: int = 60
) -> tuple[Exchange | Away, float]:
    """What a GET of a client comes to after the endpoint went away, and seconds waited."""
    waits: list[float] = []
    monkeypatch.setattr(transports.time, "sleep", waits.append)
    with peer(gateway) as server:
        transport = Transport(server.origin + "/api", limits=Limits(outage=outage), retries=retries)
        transport.send("GET", "/keys")
        gateway.away = True
        try:
            return transport.send("GET", "/keys"), sum(waits)
        except Away as away:
            return away, sum(waits)


def test_an_outage_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    x, waited = asked(monkeypatch, Gateway(b"/api", BAD_GATEWAY, back_after=15))
    assert isinstance(x, Exchange)
    assert x.status == 200
    assert waited > 10


def test_an_endpoint_that_does_not_come_back_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    away, waited = asked(monkeypatch, Gateway(b"/api", BAD_GATEWAY, back_after=10**6))
    assert isinstance(away, Away)
    assert re.fullmatch(
        r"the endpoint was away from [0-9:]{8} to [0-9:]{8} UTC \(502 .*\)", str(away)
    )
    assert 60 <= waited <= 75


def test_how_long_an_outage_is_waited_for_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Gateway(b"/api", BAD_GATEWAY, back_after=10**6)
    away, waited = asked(monkeypatch, gateway, outage=Limits().changed(["outage=4"]).outage)
    assert isinstance(away, Away)
    assert 4 <= waited <= 8


def test_one_operation_that_always_fails_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    x, waited = asked(monkeypatch, Gateway(b"/keys", BAD_GATEWAY, back_after=10**6))
    assert isinstance(x, Exchange)
    assert (x.status, x.disturbance) == (502, "")
    assert waited < 2


def test_without_retries_every_answer_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    x, waited = asked(monkeypatch, Gateway(b"/api", BAD_GATEWAY, back_after=10**6), retries=0)
    assert isinstance(x, Exchange)
    assert (x.status, waited) == (502, 0)
