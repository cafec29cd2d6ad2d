"""Judging one exchange from the client's side: what a client sent, after what it had been told.

A client rule is a generator over the `Session` of a client and its next exchange. It yields one
`Judgement` for each thing that it looked at, as a rule on endpoints does; it changes neither, so
the same exchanges in the same order always give the same judgements, live or from a recording.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from tck.endpoint.exchange import Exchange
from tck.rules.clients.session import Session
from tck.rules.judgement import Judgement

ON_PURPOSE = "Deltacloud-TCK-On-Purpose"
"""A field of requests that names the client requirements that they violate on purpose, as tests of
servers do; such a violation is no finding."""

ClientFunction = Callable[[Session, Exchange], Iterator[Judgement]]


@dataclass(frozen=True, slots=True)
class ClientRule:
    """What judges one exchange of a client.

    `name` is `clients.module.function`, as findings show it; `requirements` the ids that it may
    judge; `doc` what it demands, in English.
    """

    name: str
    requirements: tuple[str, ...]
    judge: ClientFunction
    doc: str


CLIENT_RULES: dict[str, ClientRule] = {}


def client_rule(*requirements: str) -> Callable[[ClientFunction], ClientRule]:
    """Register a function as a rule on clients, which may judge these requirements."""

    def register(function: ClientFunction) -> ClientRule:
        name = f"clients.{function.__module__.rsplit('.', 1)[-1]}.{function.__name__}"
        doc = (function.__doc__ or "").strip()
        CLIENT_RULES[name] = ClientRule(name, requirements, function, doc)
        return CLIENT_RULES[name]

    return register


def judge_client(session: Session, x: Exchange) -> Iterator[tuple[ClientRule, Judgement]]:
    """Every judgement on an exchange of a client that has exchanged `session` before.

    The session is not changed: `Session.add` does that, after the exchange was judged. Of each rule
    no more judgements are made than `Limits.judgements`; lone documents show no client. Raises
    ValueError if a rule judges a requirement that it was not registered for.
    """
    if x.lone:
        return
    meant = set(x.request.headers.get(ON_PURPOSE).split())
    for candidate in CLIENT_RULES.values():
        for judgement in islice(candidate.judge(session, x), x.limits.judgements):
            if judgement.requirement not in candidate.requirements:
                raise ValueError(f"{candidate.name} judged {judgement.requirement}, not its own")
            if judgement.ok or judgement.requirement not in meant:
                yield candidate, judgement


class ClientJudge:
    """Judges the exchanges of several clients, told apart by `Exchange.session`.

    It remembers as many clients as `_MOST`, and forgets the one first that was silent longest.
    """

    _MOST = 1000

    def __init__(self) -> None:
        """It has seen nobody yet; `sessions` are by `Exchange.session`."""
        self.sessions: dict[str, Session] = {}

    def judge(self, x: Exchange) -> Iterator[tuple[ClientRule, Judgement]]:
        """Judge the next exchange of its client, and add it to what that client has exchanged."""
        session = self.sessions.pop(x.session, None) or Session()
        self.sessions[x.session] = session
        if len(self.sessions) > self._MOST:
            del self.sessions[next(iter(self.sessions))]
        yield from judge_client(session, x)
        session.add(x)
