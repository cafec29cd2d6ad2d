"""In what form a driver's methods are told who asks, and for what."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

Filters = Mapping[str, str]
"""All query parameters of an index request, those included that no index knows (C4)."""

Family = Mapping[str, str]
"""Parameters of one family by what follows its name: hwp_cpu=2 is {"cpu": "2"} of `hwp`."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the credentials of one request and the provider that it names (A9, A173).

    User and password are those of HTTP Basic (RFC 7617), "" if the request has none. `provider`
    is the text as sent (stance 31); if the request has none, that of the server, which may be None.
    """

    user: str
    password: str
    provider: str | None = None

    def has(self, user: str, password: str) -> bool:
        """Whether these are the credentials; the time it takes does not tell which is wrong."""
        right = [
            hmac.compare_digest(given.encode(), known.encode())
            for given, known in ((self.user, user), (self.password, password))
        ]
        return all(right)
