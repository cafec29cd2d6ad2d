"""Removing what a run created, last created first.

Only as much of the API is used as is needed, since it is the subject under test: DELETE, and for
an instance the action links of its document, because it may have to be stopped before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace

from tck.endpoint.exchange import Exchange
from tck.safety.custody import is_below, subject_of
from tck.safety.journal import Journal, Resource
from tck.safety.waiting import Patience, eventually

# method, href -> exchange; a refusal is an exchange, not an exception
Send = Callable[[str, str], Exchange]
_GONE = (404, 410)
_LOOKS_WITHOUT_LINKS = 3  # at an instance that may be on its way to a state with links


class Cleaner:
    """Removes live resources of a journal. It refuses to touch anything else (ValueError)."""

    def __init__(
        self,
        journal: Journal,
        send: Send,
        patience: Patience,
        on_gone: Callable[[Resource], None] = lambda _: None,
        *,
        is_own: Callable[[Resource], bool] = lambda _: True,
        verify_gone: bool = True,
    ) -> None:
        """`send` requests XML; `on_gone` is called with each removed resource.

        `is_own`: custody's word on a resource, without which nothing is sent for it.

        `verify_gone`: a success of DELETE counts only once GET says that the resource is gone.
        """
        self._is_own = is_own
        self._verify_gone = verify_gone
        self._on_gone = on_gone
        self._journal = journal
        self._send = send
        self._patience = patience
        self._stuck = False
        self._without_links: Counter[str] = Counter()

    def remove(self, resource: Resource) -> bool:
        """Remove a resource and wait until it is gone. False if it is still there."""
        return not self._sweep([resource], wait=True)

    def remove_all(self, keep: Collection[Resource] = (), *, wait: bool = False) -> list[Resource]:
        """Remove all live resources except some. Returns those still there.

        A DELETE that is refused because something else uses the resource (a mounted volume) is
        tried again when that is gone. If a resource was still there when patience ended, later
        calls do not wait at all unless `wait` is set: a run must not lose that time after each
        check.
        """
        doomed = [r for r in self._journal.live[::-1] if r not in keep]
        return self._sweep(doomed, wait or not self._stuck)

    def _sweep(self, resources: list[Resource], wait: bool) -> list[Resource]:
        remaining = list(resources)
        patience = self._patience if wait else replace(self._patience, deadline=0.0)

        def try_each() -> list[Resource]:
            for resource in remaining[:]:
                if self._try(resource):
                    if resource in self._journal.live:
                        self._journal.gone(resource)
                        self._on_gone(resource)
                    remaining.remove(resource)
            return remaining

        result = eventually(try_each, lambda remaining: not remaining, patience)
        self._stuck = self._stuck or not result.arrived
        return result.value

    def _try(self, resource: Resource) -> bool:
        """Try one step towards removing a resource; True if it is gone."""
        if resource not in self._journal.live:
            raise ValueError(f"{resource.href} is not in the journal: not touched")
        if not self._is_own(resource):
            # custody has taken it out of the journal, or what it was in is gone; or it stays
            return resource not in self._journal.live or self._is_gone(resource)
        if resource.collection == "instances":
            return self._step_instance(resource)
        return self._delete(resource)

    def _delete(self, resource: Resource) -> bool:
        answer = self._send("DELETE", resource.href)
        if answer.ok and not self._verify_gone:
            return True
        # a failure may come after the deed (B58)
        look = answer.ok or not 400 <= answer.status < 500
        return answer.status in _GONE or (look and self._is_gone(resource))

    def _is_gone(self, resource: Resource) -> bool:
        return self._send("GET", resource.href).status in _GONE

    def _step_instance(self, resource: Resource) -> bool:
        """Delete an instance if it links to destroy, else stop or start it.

        One that goes on offering nothing, or cannot be read, is stopped and deleted at the paths
        of the API.
        """
        shown = self._send("GET", resource.href)
        if shown.status in _GONE:
            return True
        if shown.xml is not None and (shown.xml.findtext("state") or "").strip() == "FINISH":
            return True
        offered = _actions(shown, resource)
        # on opennebula only a running instance can be destroyed (M5): a stopped one is started
        for action in ("stop", "start"):
            if action in offered and "destroy" not in offered:
                offered = _actions(self._send("POST", offered[action]), resource)
                break
        if "destroy" in offered:
            return self._delete(resource)
        self._without_links[resource.href] += not offered
        if self._without_links[resource.href] > _LOOKS_WITHOUT_LINKS:
            self._send("POST", f"{resource.href}/stop")
            return self._delete(resource)
        return False


def _actions(x: Exchange, resource: Resource) -> dict[str, str]:
    """Action links of an instance document that lead to the instance: {"stop": href}."""
    own = subject_of(x.base, resource.href)
    links = () if x.xml is None else x.xml.iterfind("actions/link")
    offered = {str(link.get("rel")): str(link.get("href")) for link in links}
    return {
        rel: href
        for rel, href in offered.items()
        if is_below(x.base, href) and subject_of(x.base, href) == own
    }
