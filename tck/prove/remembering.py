"""A ledger that judges what it has seen before from memory.

Rules are pure (tck/rules/engine.py): the same exchange gives the same judgements. Servers
that differ in one thing give mostly the same exchanges, so a proof judges each but once.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter

from tck.endpoint.exchange import Exchange
from tck.report.ledger import Ledger
from tck.rules.engine import judge
from tck.rules.judgement import Judgement

_SECONDS = re.compile(r"0\.\d+")
# digest of an exchange: (how often what was found right, what was found wrong)
_KNOWN: dict[bytes, tuple[Counter[str], list[tuple[str, Judgement]]]] = {}


class Remembering(Ledger):
    """Counts as the ledger does."""

    def observe(self, x: Exchange) -> None:
        """Judge an exchange, or remember what was judged."""
        self.requests += 1
        key = _digest(x)
        known = _KNOWN.get(key)
        if known is None:
            judged = list(judge(x))
            right = Counter(j.requirement for _, j in judged if j.ok)
            known = _KNOWN[key] = right, [(rule.name, j) for rule, j in judged if not j.ok]
        for requirement, times in known[0].items():
            self.examined[requirement] += times
        for by, judgement in known[1]:
            self.record(by, judgement, x)


def _digest(x: Exchange) -> bytes:
    """Of all that a rule can see, but for the time that an answer took."""
    asked, came = x.request, x.response
    fields = [
        (n, "0.0" if n == "X-Backend-Runtime" and _SECONDS.fullmatch(v) else v)
        for n, v in (came.headers if came else ())
    ]
    whole = (
        *(x.base, x.failure, asked.method, asked.url, asked.headers.fields, asked.body),
        came and (came.status, came.reason, came.body is None),
        fields,
    )
    digest = hashlib.blake2b(repr(whole).encode("utf-8", "surrogatepass"), digest_size=16)
    digest.update(x.body)
    return digest.digest()
