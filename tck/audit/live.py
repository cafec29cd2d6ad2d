"""An audit of whoever talks to a server at this moment, which can be asked at any time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tck.audit.auditing import Audit, Found
from tck.audit.ordering import InOrder
from tck.endpoint.exchange import Exchange


class LiveAudit:
    """Judges exchanges in the order in which they began, in a thread of its own.

    `settle`, if set, waits until the server has told of all that it has answered.
    """

    def __init__(self, subject: str, tell: Callable[[str], object] = lambda _: None) -> None:
        """The arguments are those of `Audit`."""
        self._make: Callable[[], Audit] = lambda: Audit(subject, tell)
        self.audit = self._make()
        self.settle: Callable[[], object] = lambda: None
        self._in_order = InOrder(self._judge)

    def _judge(self, x: Exchange) -> None:
        self.audit.observe(x)  # of the audit that there is then

    def observe(self, x: Exchange) -> None:
        """Judge an exchange, soon."""
        self._in_order.add(x)

    def wait(self) -> Audit:
        """The audit, once everything that was answered has been judged."""
        self.settle()
        self._in_order.settle()
        self.raise_failure()
        return self.audit

    def forget(self) -> None:
        """Begin again: clients, what they were told and what was found are forgotten."""
        self.wait()
        self.audit = self._make()

    def close(self) -> None:
        """Judge what is left, and end the thread."""
        self._in_order.close()
        self.raise_failure()

    def raise_failure(self) -> None:
        """Raise what judging raised: a defect of the kit."""
        if self._in_order.failure:
            raise self._in_order.failure

    def to_json(self) -> dict[str, Any]:
        """What was found so far, by whom and how much was looked at."""
        audit = self.wait()
        clients = {
            name: {"user": client.user, "requests": client.requests}
            for name, client in audit.clients.items()
        }
        return {"clients": clients, "findings": [found.to_json() for found in audit.findings]}


def described(findings: list[Found]) -> str:
    """Findings as text for people, one a line."""
    return "\n".join(str(found) for found in findings)
