"""Removing what a run created, last created first.

Only as much of the API is used as is needed, since it is the subject under test: DELETE, and for
an instance the action links of its document, because it may have to be stopped before.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection
from dataclasses import replace

from tck.endpoint.exchange import Exchange
from tck.endpoint.transport import ForeignOrigin
from tck.safety.journal import Journal, Resource
from tck.safety.waiting import Patience, eventually

# method, href -> exchange; a refusal is an exchange, not an exception
Send = Callable[[str, str], Exchange]
_GONE = (404, 410)


class Cleaner:
    """Removes live resources of a journal. It refuses to touch anything else (ValueError)."""

    def __init__(
        self,
        journal: Journal,
        send: Send,
        patience: Patience,
        on_gone: Callable[[str], None] = lambda _: None,
        *,
        verify_gone: bool = True,
    ) -> None:
        """`send` requests XML; `on_gone` is called with the collection of each removed resource.

        `verify_gone`: a success of DELETE counts only once GET says that the resource is gone.
        """
        self._verify_gone = verify_gone
        self._on_gone = on_gone
        self._journal = journal
        self._send = send
        self._patience = patience
        self._stuck = False

    def remove(self, resource: Resource) -> bool:
        """Remove a resource and wait until it is gone. False if it is still there."""
        return not self._sweep([resource], wait=True)

    def remove_all(
        self, since: int = 0, keep: Collection[Resource] = (), *, wait: bool = False
    ) -> list[Resource]:
        """Remove all live resources after the first `since`. Returns those still there.

        A DELETE that is refused because something else uses the resource (a mounted volume) is
        tried again when that is gone. If a resource was still there when patience ended, later
        calls do not wait at all unless `wait` is set: a run must not lose that time after each
        check.
        """
        doomed = [r for r in self._journal.live[since:][::-1] if r not in keep]
        return self._sweep(doomed, wait or not self._stuck)

    def _sweep(self, resources: list[Resource], wait: bool) -> list[Resource]:
        remaining = list(resources)
        patience = self._patience if wait else replace(self._patience, deadline=0.0)

        def try_each() -> list[Resource]:
            for resource in remaining[:]:
                if self._try(resource):
                    self._journal.gone(resource)
                    self._on_gone(resource.collection)
                    remaining.remove(resource)
            return remaining

        result = eventually(try_each, lambda remaining: not remaining, patience)
        self._stuck = self._stuck or not result.arrived
        return result.value

    def _try(self, resource: Resource) -> bool:
        """Try one step towards removing a resource; True if it is gone."""
        if resource not in self._journal.live:
            raise ValueError(f"{resource.href} is not in the journal: not touched")
        if resource.collection == "instances":
            return self._step_instance(resource)
        return self._delete(resource)

    def _delete(self, resource: Resource) -> bool:
        answer = self._send("DELETE", resource.href)
        return answer.status in _GONE or (answer.ok and self._is_gone(resource))

    def _is_gone(self, resource: Resource) -> bool:
        return not self._verify_gone or self._send("GET", resource.href).status in _GONE

    def _step_instance(self, resource: Resource) -> bool:
        """Delete an instance if it links to destroy, else stop or start it."""
        shown = self._send("GET", resource.href)
        if shown.status in _GONE:
            return True
        if shown.xml is not None and (shown.xml.findtext("state") or "").strip() == "FINISH":
            return True
        offered = _actions(shown)
        # on opennebula only a running instance can be destroyed (M5): a stopped one is started
        for action in ("stop", "start"):
            if action in offered and "destroy" not in offered:
                with contextlib.suppress(ForeignOrigin):  # judged elsewhere: DC-DOC-008
                    offered = _actions(self._send("POST", offered[action]))
                break
        return "destroy" in offered and self._delete(resource)


def _actions(x: Exchange) -> dict[str, str]:
    """Action links of an instance document: {"stop": href}."""
    links = () if x.xml is None else x.xml.iterfind("actions/link")
    return {str(link.get("rel")): str(link.get("href")) for link in links}
