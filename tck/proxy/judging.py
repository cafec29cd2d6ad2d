"""Judging what passes the proxy: both sides, by the rules that there are for each.

What was seen waits to be judged in the order in which exchanges began (`tck.audit.ordering`). Where
something was lost because nothing had room to wait, clients are not judged any more, since rules on
clients need all that a client was told.
"""

from __future__ import annotations

import datetime
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from tck import requirements
from tck.audit.ordering import InOrder
from tck.audit.telling import Telling
from tck.endpoint import capabilities, raw
from tck.endpoint.capabilities import Capabilities
from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import GATE
from tck.proxy.forwarding import FAILED, LEFT, REFUSED
from tck.proxy.handing import Told
from tck.report import proof, transcript, write
from tck.report.ledger import Judging, Ledger
from tck.report.recording import Recording
from tck.report.result import Result, of_exchanges
from tck.report.transcript import TranscriptPart
from tck.requirements.catalogue import Side
from tck.rules import judge
from tck.rules.clients import ClientJudge
from tck.rules.judgement import Judgement

_ADVICE = {"MUST": "wrong", "SHOULD": "better not", "MAY": "note"}
_WAITING, _WAITING_BYTES = 1_000, 64 << 20  # of exchanges that wait to be judged
_MOST_TOLD = 10_000
_LONGEST = 400  # characters of a line
_LOST = "exchanges found no room to wait for being judged"

Judged = Iterator[tuple[Judging, Judgement]]


class Judges:
    """Both judges, and the ledger that they share; `tell` gets a line for each new finding."""

    def __init__(
        self,
        subject: str,
        side: Side = "both",
        tell: Callable[[str], object] = lambda _: None,
        folder: Path | None = None,
    ) -> None:
        """`side`: server, client or both; `folder` of the report, which the transcript goes to."""
        self.side, self._subject, self._tell, self._folder = side, subject, tell, folder
        self._catalogue = requirements.load(side)
        self._clients, self._telling = ClientJudge(), Telling()
        judges = {"server": [self._server], "client": [self._client]}
        part = TranscriptPart(folder, "", GATE) if folder else None
        self.ledger = Ledger(
            redactor=GATE,
            transcript=part,
            judges=judges.get(side) or judges["server"] + judges["client"],
        )
        self._declared: Capabilities | None = None
        self._told: set[tuple[str, str, str, str]] = set()
        self._started = datetime.datetime.now(datetime.UTC)
        self.unjudged: Counter[str] = Counter()

    def observe(self, x: Exchange) -> None:
        """Judge the next exchange; one that the proxy answered says nothing of the endpoint."""
        if not GATE.keep_sent(x.request.headers, x.request.url):
            self.unjudged["too many different credentials to hide them all"] += 1
            return
        if x.disturbance:
            self.unjudged[x.disturbance] += 1
            return
        if self._declared is None and x.api_path == "":
            self._declared = capabilities.read(x)
        self.ledger.observe(replace(x, session=self._telling.client(x)))

    def _server(self, x: Exchange) -> Judged:
        return self._telling_of("server", x, judge(x))

    def _client(self, x: Exchange) -> Judged:
        if self.unjudged[_LOST]:
            return iter(())
        return self._telling_of(x.session, x, self._clients.judge(x))

    def _telling_of(
        self, who: str, x: Exchange, judgements: Iterable[tuple[Judging, Judgement]]
    ) -> Judged:
        for rule, judgement in judgements:
            if not judgement.ok:
                self._tell_once(who, x, rule, judgement)
            yield rule, judgement

    def _tell_once(self, who: str, x: Exchange, rule: Judging, judgement: Judgement) -> None:
        key = (who, judgement.requirement, rule.name, judgement.place)
        if key in self._told or len(self._told) >= _MOST_TOLD:
            return
        self._told.add(key)
        demand = self._catalogue[judgement.requirement]
        line = (
            f"{who}: {_ADVICE[demand.level]} {demand.id}: {x.request.method} {x.request.path} "
            f"({x.status or 'no answer'}): {judgement.place}: "
            f"expected {judgement.expected}, got {judgement.got}"
        )
        self._tell(GATE.cut("".join(c if c.isprintable() else "?" for c in line), _LONGEST))

    def result(self) -> Result:
        """The result of all that was judged. Raises Unwritable."""
        return of_exchanges(
            self.ledger,
            self._catalogue,
            self._declared,
            self._started,
            subject=self._subject,
            transcript=transcript.join(self._folder) if self._folder else None,
            unjudged=self._unjudged_lines(),
            proof=proof.read(self._folder),
            side=self.side,
        )

    def _unjudged_lines(self) -> Iterator[str]:
        for reason, count in (+self.unjudged).most_common(20):
            yield f"{count} exchanges: {reason}"
        if self.unjudged[_LOST] and self.side != "server":
            yield "clients, from then on: rules on them need all that they were told"

    def write(self, result: Result) -> None:
        """Write the report, if there is a folder for it. Raises Unwritable."""
        if self._folder:
            write.write(result, self._folder)


class Watching:
    """Makes exchanges of what was seen, and hands them to judges and to a recording, in order."""

    def __init__(self, judges: Judges, recording: Recording | None = None) -> None:
        """Nothing was seen yet."""
        self._judges, self._recording = judges, recording
        self._origin = self._base = ""
        self._failure: Exception | None = None
        self._most = _WAITING
        self._waiting = deque[int]()  # bytes of each exchange
        self._room = threading.Condition()
        self._in_order = InOrder(self._observe)

    def begin(self, origin: str, base_path: str) -> None:
        """The proxy is at `origin` now, and the API at it below `base_path`."""
        self._origin, self._base = origin, base_path

    def take(self, told: Told, lost: int) -> None:
        """The next exchange, after so many in all that found no room; waits for room."""
        self._judges.unjudged[_LOST] = lost
        x = raw.exchange(
            told.id,
            told.received,
            told.sent,
            origin=self._origin,
            base_path=self._base,
            ms=told.ms,
            started=told.started,
            gone=told.gone,
        )
        if told.note.startswith(FAILED) and not told.gone:
            x = replace(x, response=None, failure=told.note.removeprefix(FAILED), broke=True)
        elif told.note.startswith(REFUSED):
            x = replace(x, disturbance=REFUSED.rstrip(": "))
        elif told.note == LEFT:
            x = replace(x, disturbance=LEFT)
        with self._room:
            self._room.wait_for(self._has_room)
            self._waiting.append(len(told.received.data) + len(told.sent.data))
        self._in_order.add(x)

    def _has_room(self) -> bool:
        return len(self._waiting) < self._most and sum(self._waiting) < _WAITING_BYTES

    def _observe(self, x: Exchange) -> None:
        with self._room:
            self._waiting.popleft()
            self._room.notify_all()
        if self._failure is not None:
            return
        try:
            if self._recording is not None:
                self._recording.observe(x)
            self._judges.observe(x)
        except Exception as error:  # noqa: BLE001 - told at the end: this thread has no caller
            self._failure = error

    def close(self, lost: int) -> None:
        """Judge all that waits. Raises what failed on the way."""
        self._judges.unjudged[_LOST] = lost
        self._in_order.close()
        if self._failure is not None:
            raise self._failure
