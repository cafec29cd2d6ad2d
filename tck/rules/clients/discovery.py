"""Rules on how clients find what they ask for: entry point, links, what is declared."""

from __future__ import annotations

from collections.abc import Iterator

from tck.endpoint.exchange import Exchange
from tck.rules.clients.engine import client_rule
from tck.rules.clients.session import Session
from tck.rules.judgement import Judgement, holds


@client_rule("DC-CLI-030")
def entry_point_first(session: Session, x: Exchange) -> Iterator[Judgement]:
    """A client reads the entry point before it uses a collection."""
    op = x.operation
    if op is None or not op.collection or op.collection == "drivers":
        return
    got = f"{session.count} requests before, none to it" if not session.entry_points else "read"
    expected = "the entry point, read before any collection is used"
    yield holds("DC-CLI-030", "request", expected, got, bool(session.entry_points))
