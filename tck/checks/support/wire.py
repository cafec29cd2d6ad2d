"""Requests as bytes in checks: each malformed one with a well-formed twin of the same shape.

All are GETs of the entry point, so that nothing is changed whatever the endpoint, or a proxy before
it, makes of them. The twin is sent first, on a connection of the same kind; only where it is
answered with 200 does the answer to the malformed one mean anything. To end the connection without
an answer is a refusal, too: proxies do. No answer at all, on a connection that stays open, says
nothing about the requirement, since a firewall may have dropped what it disliked.
"""

from __future__ import annotations

import base64
from urllib.parse import urlsplit

from tck import __version__
from tck.checks.support.client import skip_if_over_budget
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.endpoint import octets
from tck.endpoint.disturbance import disturbance
from tck.endpoint.exchange import Exchange
from tck.endpoint.octets import Message, Sent
from tck.endpoint.transport import Unreachable

BEHIND = "?format=xml"  # makes the request behind the first another than that
IN_TIME = "DC-HTTP-065"
_LONGEST, _LEAST = 10.0, 2.0  # seconds for an answer
_DROPPED = "malformed requests are dropped"  # once one got no answer, others need not be waited for
_QUIET = 0.25  # seconds, at least, in which a further answer comes
SANE = "DC-HTTP-063"


class Wire:
    """What a check sends as bytes."""

    def __init__(self, cloud: Cloud, verify: Verify) -> None:
        """Nothing is sent yet."""
        self._cloud = cloud
        self._verify = verify
        base = urlsplit(cloud.transport.base)
        self._target = (base.path or "/").encode()
        self.host = b"Host: " + base.netloc.encode()

    # ------------------------------------------------------------ what is sent

    def get(
        self,
        *fields: bytes,
        line: bytes = b"GET %b HTTP/1.1",
        first: bytes = b"",
        host: bytes | None = None,
        content: bytes = b"",
        behind: bool = False,
    ) -> bytes:
        """A GET of the entry point.

        `line`: the request line, with %b for the target; `first` comes before all other `fields`;
        `host`: the line of this field, the right one if None, left out if empty. With `behind`,
        another GET follows the content.
        """
        host = self.host if host is None else host
        lines = [line.replace(b"%b", self._target), first, host, *self._standing(), *fields]
        head = b"\r\n".join(part for part in lines if part)
        return head + b"\r\n\r\n" + content + (self.other() if behind else b"")

    def other(self) -> bytes:
        """Another GET of the entry point, after which the connection may end."""
        target = self._target + BEHIND.encode()
        return self.get(b"Connection: close", line=b"GET " + target + b" HTTP/1.1")

    def _standing(self) -> list[bytes]:
        transport = self._cloud.transport
        fields = {"User-Agent": f"deltacloud-tck/{__version__}", "Accept": "application/xml"}
        fields |= transport.standing_headers
        if (
            transport.credentials
            and self._cloud.once("who may see the entry point", self._who) != "all"
        ):
            pair = f"{transport.credentials.user}:{transport.credentials.password}"
            fields["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return [f"{name}: {value}".encode() for name, value in fields.items()]

    def _who(self) -> str:
        return "all" if self._cloud.get("", credentials=False).ok else "users"

    # ------------------------------------------------------------ sending it

    def answered(self, data: bytes, *, twice: bool = False, quiet: float | None = None) -> Sent:
        """Send what is well-formed; ends the check unless it is answered with 200, or `twice`.

        With `quiet`, so many seconds are waited for answers that should not come.
        """
        most = 2 if twice or quiet else 1
        sent = self._send(Message(data, behind=BEHIND), _LONGEST, most, quiet or _LEAST)
        shown = [x.status for x in sent.exchanges if not x.failure]
        if shown[: 1 if quiet else most] != [200] * (2 if twice else 1):
            got = sent.first.failure or ", ".join(map(str, shown))
            what = "two well-formed GETs on one connection" if twice else "a well-formed GET"
            self._verify.inconclusive(f"{what}, sent as bytes, got: {got}")
        return sent

    def malformed(
        self, data: bytes, flaw: str, twin: Sent, answers: int = 1, *, may_wait: bool = False
    ) -> Sent:
        """Send a malformed request, of which `flaw` says what is wrong, after its twin.

        It gets twenty times as long as the twin took, and more unless another got none. `may_wait`:
        the endpoint may rightly wait for more. Ends the check if no answer came and the
        connection stayed open, or if the answer is one of those that say "not now".
        """
        least = _QUIET if self._cloud.once(_DROPPED, str) else _LEAST
        seconds = min(_LONGEST, least + 20 * twin.seconds)
        sent = self._send(Message(data, flaw, BEHIND), seconds, answers, self.quiet_after(twin))
        x = sent.first
        over = sent.ended or x.failure is None
        if not may_wait:
            expected = "an answer, or the end of the connection"
            self._verify.holds(IN_TIME, "response", expected, x.failure or x.status, over, x=x)
        if not over:
            self._cloud.once(_DROPPED, lambda: x.failure or "")
            self._verify.inconclusive(f"a request {flaw} got nothing: {x.failure}")
        if why := disturbance(x):
            self._verify.inconclusive(f"a request {flaw} got {why}")
        sane = x.status < 500 or x.status in (501, 505)
        self._verify.holds(SANE, "status", "not 5xx, but for 501 and 505", x.status, sane, x=x)
        return sent

    @staticmethod
    def quiet_after(twin: Sent) -> float:
        """Seconds in which a further answer comes, if any does."""
        return max(_QUIET, 4 * twin.seconds)

    def _send(self, message: Message, seconds: float, answers: int, quiet: float) -> Sent:
        transport = self._cloud.transport
        seconds = min(seconds, transport.limits.seconds)
        try:
            with skip_if_over_budget():
                return octets.send(transport, message, seconds, answers=answers, quiet=quiet)
        except Unreachable as error:
            return self._verify.inconclusive(f"no connection for bytes: {error}")

    # ------------------------------------------------------------ judging it

    def assert_refused(
        self, requirement: str, data: bytes, flaw: str, twin: bytes, *, behind: bool = False
    ) -> None:
        """Judge that a malformed request is refused, and with `behind` that nothing else is done.

        `behind`: `data` holds a further GET, which must not be answered.
        """
        sent = self.malformed(data, flaw, self.answered(twin), 2 if behind else 1)
        x = sent.first
        expected = "4xx, or the end of the connection without an answer"
        got = x.status or x.failure
        self._verify.holds(requirement, "status", expected, got, is_refused(x), x=x)
        if behind:
            self.assert_alone(requirement, sent)

    def assert_alone(self, requirement: str, sent: Sent) -> None:
        """Judge that no request behind, or within, the first was answered."""
        served = [x for x in sent.exchanges[1:] if not is_refused(x)]
        expected = "no answer to the GET behind it: the connection has ended"
        last = served[-1] if served else sent.first
        self._verify.absent(requirement, "connection", expected, [x.status for x in served], x=last)


def is_refused(x: Exchange) -> bool:
    """Whether a request was refused: by its status, or by ending the connection.

    Which status that is does not matter to the proxy before the endpoint: see `SANE`.
    """
    return x.response is None or x.status >= 400
