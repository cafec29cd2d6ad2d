"""A ledger that judges each distinct exchange once.

Rules are pure (tck/rules/engine.py): the same exchange gives the same judgements. The servers of
a proof differ in one thing each, so they give mostly the same exchanges.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter

from tck.endpoint.exchange import Exchange
from tck.report.ledger import Ledger
from tck.rules.agreement import Agreement
from tck.rules.engine import judge
from tck.rules.judgement import Judgement

_SECONDS = re.compile(r"0\.\d+")
# By digest of an exchange: how often each requirement was met, and (rule, judgement) of the rest.
_JUDGED: dict[bytes, tuple[Counter[str], list[tuple[str, Judgement]]]] = {}


class Remembering(Ledger):
    """A `Ledger` with the same counts and findings, whose rules see each exchange once."""

    def __init__(self) -> None:
        """Without deviations, a transcript and the like."""
        super().__init__()
        self._agreement = Agreement()

    def observe(self, x: Exchange) -> None:
        """Count an exchange, with the judgements made when it was first seen."""
        self.requests += 1
        self.traffic.observe(x)
        key = _digest(x)
        judged = _JUDGED.get(key)
        if judged is None:
            judgements = list(judge(x))
            met = Counter(j.requirement for _, j in judgements if j.ok)
            judged = _JUDGED[key] = met, [(rule.name, j) for rule, j in judgements if not j.ok]
        for requirement, times in judged[0].items():
            self.examined[requirement] += times
        for by, judgement in judged[1]:
            self.record(by, judgement, x)
        for rule, judgement in self._agreement.judge(x):
            self.record(rule.name, judgement, x)


def _digest(x: Exchange) -> bytes:
    """A digest of everything a rule can see, except how long the answer took."""
    request, response = x.request, x.response
    fields = [
        (n, "0.0" if n == "X-Backend-Runtime" and _SECONDS.fullmatch(v) else v)
        for n, v in (response.headers if response else ())
    ]
    visible = (
        *(
            x.base,
            x.failure,
            x.disturbance,
            x.kept,
            x.provoked,
            x.alias,
            request.malformed,
            request.method,
            request.url,
            request.headers.fields,
            request.body,
        ),
        response and (response.status, response.reason, response.body is None),
        fields,
    )
    digest = hashlib.blake2b(repr(visible).encode("utf-8", "surrogatepass"), digest_size=16)
    digest.update(x.body)
    return digest.digest()
