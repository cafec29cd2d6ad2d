"""Rules on the messages of clients: whether they are HTTP, and say what they want."""

from __future__ import annotations

from collections.abc import Iterator

from tck.endpoint import accept
from tck.endpoint.exchange import Exchange
from tck.rules.clients.engine import client_rule
from tck.rules.clients.session import Session
from tck.rules.judgement import Judgement, holds


@client_rule("DC-CLI-001")
def readable(_: Session, x: Exchange) -> Iterator[Judgement]:
    """A request can be read as HTTP."""
    got = x.request.malformed or x.request.method
    yield holds("DC-CLI-001", "request", "well-formed HTTP/1.1", got, not x.request.malformed)


@client_rule("DC-CLI-003")
def accept_is_well_formed(_: Session, x: Exchange) -> Iterator[Judgement]:
    """Accept is a list of media ranges.

    `*` alone is taken for `*/*`: a widely used library has always sent it.
    """
    value = x.request.headers.get("Accept")
    if value:
        entries = ("*/*" + e.strip()[1:] if _is_star(e) else e for e in value.split(","))
        ok = accept.parse(",".join(entries)) is not None
        yield holds("DC-CLI-003", "Accept", "a list of media ranges", value, ok)


def _is_star(entry: str) -> bool:
    return entry.partition(";")[0].strip() == "*"
