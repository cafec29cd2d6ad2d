"""Changes that show only when several requests are under way at once.

A request has come when the server knows its head, and is acted on when its content is there. Others
may be acted on in between: whoever judges by what there was when it came judges by what is past.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from tck.prove.altered.change import Change, in_request
from tck.prove.altered.drivers import Act, around
from tck.prove.altered.messages import Asked

_SAFE = ("GET", "HEAD", "OPTIONS")
# Of the request that this thread answers: the records there were when it came, and whether another
# that writes to the same object was under way.
_PAST: ContextVar[Mapping[type, Sequence[Any]]] = ContextVar("past")
_CONTENDED: ContextVar[bool] = ContextVar("contended", default=False)


def stale(where: str, text: str, method: str, *kinds: type[Any]) -> Change:
    """Act on the records of some classes as they were when the request came; later ones go."""

    def come(asked: Asked) -> None:
        with asked.driver.store.transaction() as tx:
            _PAST.set({kind: tx.all(kind) for kind in kinds})

    def act(driver: Any, ask: Act, *positional: Any, **named: Any) -> Any:
        with driver.store.transaction() as tx:
            for kind, records in _PAST.get().items():
                for record in tx.all(kind):
                    tx.remove(kind, record.key)
                for record in records:
                    tx.put(record)
            return ask(*positional, **named)

    return replace(around(where, text, method, act), request=in_request(where, text, come).request)


def overtaken(where: str, text: str, method: str, kind: type[Any], act: Act) -> Change:
    """Call `act` as `around` does, but only if records changed since the request came."""

    def come(asked: Asked) -> None:
        with asked.driver.store.transaction() as tx:
            _PAST.set({kind: tx.all(kind)})

    def act_if(driver: Any, ask: Act, *positional: Any, **named: Any) -> Any:
        with driver.store.transaction() as tx:
            if tx.all(kind) != _PAST.get()[kind]:
                return act(driver, ask, *positional, **named)
            return ask(*positional, **named)

    changed = around(where, text, method, act_if)
    return replace(changed, request=in_request(where, text, come).request)


def contended(where: str, text: str, method: str, act: Act) -> Change:
    """Call `act` as `around` does, but only if another write to the object was under way."""

    def come(asked: Asked) -> None:
        others = (o for o in asked.beside if o.method not in _SAFE and o.ids == asked.ids)
        _CONTENDED.set(any(others))

    def act_if(driver: Any, ask: Act, *positional: Any, **named: Any) -> Any:
        if _CONTENDED.get():
            return act(driver, ask, *positional, **named)
        return ask(*positional, **named)

    changed = around(where, text, method, act_if)
    return replace(changed, request=in_request(where, text, come).request)
