"""Which client a request is from, as far as a server can tell.

A client may name itself in the field `Deltacloud-TCK-Session`. Without it, credentials tell clients
apart; requests without credentials are of the client on the same connection, or else of the one
that shows its credentials next.
"""

from __future__ import annotations

import re

from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import GATE
from tck.rules.clients import sending

SESSION = "Deltacloud-TCK-Session"
_LONGEST = 60  # characters of a name
_MOST = 1000  # clients and connections that are remembered


class Telling:
    """Gives every exchange the name of its client; `users` are by name, None if not known."""

    def __init__(self) -> None:
        """No client was seen yet."""
        self._by_credentials: dict[str, str] = {}
        self._by_connection: dict[str, str] = {}
        self._nameless: str | None = None
        self._count = 0

    def client(self, x: Exchange) -> str:
        """The name of the client: what it calls itself, or `client 1` with its user."""
        if given := x.request.headers.get(SESSION):
            return GATE.text(re.sub(r"[^\w .:@/-]", "?", given, flags=re.ASCII))[:_LONGEST]
        connection = x.id.partition("-")[0]
        credentials = x.request.headers.get("Authorization")
        if credentials:
            name = self._known(credentials, self._by_connection.get(connection))
        else:
            name = self._by_connection.get(connection) or self._without_credentials()
        for kept, key in ((self._by_connection, connection), (self._by_credentials, credentials)):
            if key:
                kept[key] = name
                if len(kept) > _MOST:
                    del kept[next(iter(kept))]
        return name

    def _known(self, credentials: str, on_connection: str | None) -> str:
        name = self._by_credentials.get(credentials)
        if name is None:
            # the one without credentials shows them now, on its connection or on another
            nameless, self._nameless = self._nameless, None
            owned = set(self._by_credentials.values())
            free = on_connection if on_connection not in owned else None
            name = free or nameless or self._new()
        return name

    def _without_credentials(self) -> str:
        if self._nameless is None:
            self._nameless = self._new()
        return self._nameless

    def _new(self) -> str:
        self._count += 1
        return f"client {self._count}"


def user(x: Exchange) -> str:
    """The user that a request names, for people; empty if it names none."""
    found = sending.credentials(x)
    return GATE.text(found[0])[:_LONGEST] if found else ""
