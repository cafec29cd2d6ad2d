"""An audit: the exchanges of clients, judged as they come, and the result."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from tck import requirements
from tck.audit.telling import Telling, user
from tck.endpoint import capabilities
from tck.endpoint.capabilities import Capabilities
from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import GATE
from tck.report import proof, write
from tck.report.ledger import Ledger
from tck.report.result import Result, Status, of_exchanges
from tck.report.transcript import TranscriptPart
from tck.rules.clients import ClientJudge, ClientRule
from tck.rules.judgement import Judgement

_MOST_CLIENTS = 1000  # that are told apart
_ADVICE = {"MUST": "wrong", "SHOULD": "better not", "MAY": "note"}


@dataclass(slots=True)
class Client:
    """What is known of one client: its `user`, its `requests`, and what it violated how often."""

    user: str = ""
    requests: int = 0
    violated: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Found:
    """A violation by one client, as it is first seen at one place; without secrets.

    `requirement`: its id, with its `level` and `text`; `request`: method, path and what came;
    `place`, `expected` and `got` are as in `Judgement`.
    """

    client: str
    requirement: str
    level: str
    text: str
    request: str
    place: str
    expected: str
    got: str

    def __str__(self) -> str:
        """One line for people."""
        line = (
            f"{self.client}: {_ADVICE[self.level]} {self.requirement}: {self.request}: "
            f"{self.place}: expected {self.expected}, got {self.got}"
        )
        return GATE.cut("".join(c if c.isprintable() else "?" for c in line), 400)

    def to_json(self) -> dict[str, str]:
        """Its fields by name."""
        return {name: GATE.text(value) for name, value in asdict(self).items()}


def left_out(count: int) -> list[str]:
    """A line about so many exchanges that were not judged, if there are any."""
    return [f"{count} exchanges: too many different credentials to hide them all"][: bool(count)]


class Audit:
    """Judges clients, told apart by `Telling`; `clients` are by name.

    `left_out`: exchanges that were not judged, since they had more different credentials than can
    be hidden. `findings`: each that is new, in the order in which they were made; `operations`: how
    many requests were for an operation of the API.
    """

    def __init__(
        self,
        subject: str,
        tell: Callable[[str], object] = lambda _: None,
        transcript: TranscriptPart | None = None,
    ) -> None:
        """`subject` of the report; `tell` gets a line for each finding that is new."""
        self.subject = subject
        self.clients: dict[str, Client] = {}
        self.findings: list[Found] = []
        self.operations = 0
        self.left_out = 0
        self._tell = tell
        self._judge = ClientJudge()
        self._telling = Telling()
        self._told: set[tuple[str, str, str, str]] = set()
        self._declared: Capabilities | None = None
        self._ledger = Ledger(redactor=GATE, transcript=transcript, judges=(self._judged,))
        self._catalogue = requirements.load("client")
        self._started = datetime.datetime.now(datetime.UTC)

    def observe(self, x: Exchange) -> None:
        """Judge the next exchange."""
        if not GATE.keep_sent(x.request.headers, x.request.url):
            self.left_out += 1
            return
        name = x.session or self._telling.client(x)
        if name not in self.clients and len(self.clients) >= _MOST_CLIENTS:
            name = "other clients"
        client = self.clients.setdefault(name, Client())
        client.user = client.user or user(x)
        client.requests += 1
        self.operations += x.operation is not None
        if x.api_path == "" and self._declared is None:
            self._declared = capabilities.read(x)
        self._ledger.observe(replace(x, session=name))

    def _judged(self, x: Exchange) -> Iterator[tuple[ClientRule, Judgement]]:
        for rule, judgement in self._judge.judge(x):
            if not judgement.ok:
                self.clients[x.session].violated[judgement.requirement] += 1
                self._tell_once(x, rule, judgement)
            yield rule, judgement

    def _tell_once(self, x: Exchange, rule: ClientRule, judgement: Judgement) -> None:
        key = (x.session, judgement.requirement, rule.name, judgement.place)
        if key in self._told or len(self._told) > 10_000:
            return
        self._told.add(key)
        demand = self._catalogue[judgement.requirement]
        found = Found(
            x.session,
            demand.id,
            demand.level,
            demand.text,
            f"{x.request.method} {x.request.path} ({x.status or 'no answer'})",
            judgement.place,
            str(judgement.expected),
            str(judgement.got),
        )
        self.findings.append(found)
        self._tell(str(found))

    def result(self) -> Result:
        """The result so far, of all clients together."""
        return of_exchanges(
            self._ledger,
            self._catalogue,
            self._declared,
            self._started,
            subject=self.subject,
            unjudged=left_out(self.left_out),
            proof=proof.read(side="client"),
            side="client",
        )

    def lines(self) -> Iterator[str]:
        """A line for each client, for people."""
        for name, client in self.clients.items():
            who = f"{name} (user {client.user})" if client.user else name
            levels = Counter(self._catalogue[id_].level for id_ in client.violated)
            found = f"{levels['MUST']} MUSTs and {levels['SHOULD']} SHOULDs violated"
            ids = ": " + ", ".join(sorted(client.violated)) if client.violated else ""
            yield f"{who}: {client.requests} requests, {found}{ids}"


def written(audit: Audit, folder: Path) -> str:
    """Write the report of an audit; a line that says where. Raises Unwritable."""
    result = audit.result()
    write.write(result, folder)
    failed, warned = (result.counts[status] for status in (Status.FAIL, Status.WARN))
    return f"{result.verdict_words}, {failed} failed, {warned} warnings; report in {folder}"
