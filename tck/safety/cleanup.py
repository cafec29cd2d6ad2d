"""Removing what a run created, last created first.

Only as much of the API is used as is needed, since it is the subject under test: DELETE, and for
an instance the action links of its document, because it may have to be stopped before. Where that
leads nowhere, clean-up goes by the paths of the API.

Endpoints may refuse a removal, ignore it, or not answer. Waiting in vain is paid from one sum of
seconds that all removals share, so that waits do not add up; and where a collection was waited for
in vain once, the next of its resources is tried, but not waited for, and others, which it may hold,
are waited for a hundredth of the time. The end of the run tries and waits once more, for all that
is left together. `obstacles` says why each is still there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from urllib.parse import quote

from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import GATE
from tck.safety import leftovers
from tck.safety.custody import is_below, subject_of
from tck.safety.journal import Journal
from tck.safety.obstacle import GONE, NOT_NOW, NOT_TRIED, Obstacle, message_of
from tck.safety.resource import Resource
from tck.safety.shield import SHIELD
from tck.safety.waiting import Patience, eventually

# method, href -> exchange; a refusal is an exchange, not an exception
Send = Callable[[str, str], Exchange]
_DONE = (202, 302, 303)  # an action
_LOOKS_BY_LINKS = 4  # at an instance that may be on its way to a state in which it can be destroyed
_RELEASE = {"addresses": "disassociate", "storage_volumes": "detach"}
# What may be tied to an instance: some endpoints cannot release it once the instance is gone.
_TIED = {"addresses", "storage_volumes", "storage_snapshots", "load_balancers"}
_MOST_ACCEPTED = 20  # resources of a kind that may stay without keeping more from being created
_WHILE_STUCK = 0.01  # of that patience, while something else is waited for in vain
_NEARLY = 0.9  # of the patience for one change; polling takes the rest
# What costs nothing may go on being created where removing fails.
_FREE = {"keys", "firewalls", "networks", "subnets", "network_interfaces"}


class Cleaner:
    """Removes live resources of a journal. It refuses to touch anything else (ValueError).

    `obstacles`: by href, why the last attempt at a resource that is still there did not succeed.
    `ignored`: by href and action ("destroy", "stop", "stop by its link"), what was answered with
    success and had no effect for as long as one change is waited for, and what shows that.
    `may_stay`: whether it is known, and accepted, that something cannot be removed for a reason.
    `told`: called with what is waited for before each pause, and with "" after.
    """

    def __init__(
        self,
        journal: Journal,
        send: Send,
        patience: Patience,
        on_gone: Callable[[Resource], None] = lambda _: None,
        *,
        is_own: Callable[[Resource], bool] = lambda _: True,
        is_hopeless: Callable[[str], bool] = lambda _: False,
        verify_gone: bool = True,
        seconds: float = float("inf"),
        overtime: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`send` requests XML; `on_gone` is called with each removed resource.

        `is_own`: custody's word on a resource, without which nothing is sent for it.
        `is_hopeless`: removing from a collection, or what must come before, was waited for in vain.

        `verify_gone`: an answer of DELETE counts only once GET says that the resource is gone.

        `seconds`: most that may be waited in vain, by all removals together; `overtime`: seconds
        since the run should have ended.
        """
        self._is_own = is_own
        self._is_hopeless = is_hopeless
        self.may_stay: Callable[[Resource, Obstacle], bool] = lambda *_: False
        self._verify_gone = verify_gone
        self._on_gone = on_gone
        self._journal = journal
        self._send = send
        self._patience, self._clock = patience, patience.clock
        self._seconds = seconds
        self._overtime = overtime
        self._lost = 0.0
        self._end = float("inf")
        self._stuck: set[str] = set()
        self._waits_beside: set[str] = set()
        self._looks: Counter[str] = Counter()
        self._most_looks = _LOOKS_BY_LINKS
        self._done: dict[tuple[str, str], tuple[float, str]] = {}
        self.obstacles: dict[str, Obstacle] = {}
        self.ignored: dict[tuple[str, str], tuple[Resource, Exchange]] = {}
        self.told: Callable[[str], object] = lambda _: None

    def wait_less_than(self, other: Cleaner) -> None:
        """Do not wait for what `other` waits for in vain."""
        self._waits_beside = other._stuck

    def forget_past(self, resource: Resource) -> None:
        """Something is created at an address where another was removed."""
        for key in [key for key in self._done if key[0] == resource.href]:
            del self._done[key]

    @property
    def seconds_left(self) -> float:
        """Of what all removals together may wait for in vain; from 0."""
        spent = max(self._lost, self._overtime())
        return max(0.0, min(self._seconds - spent, self._end - self._clock.monotonic()))

    def remove(self, resource: Resource) -> bool:
        """Remove a resource and wait until it is gone. False if it is still there."""
        return not self._sweep([resource])

    def remove_all(self, keep: Collection[Resource] = (), *, final: bool = False) -> list[Resource]:
        """Remove all live resources except some. Returns those still there.

        What was created last is removed first, but an instance after all that may be tied to it.
        A DELETE that is refused because something else uses the resource (a mounted volume) is
        tried again when that is gone. `final`: all the seconds that are left may be waited for.
        """
        if final:
            self._end = min(self._end, self._clock.monotonic() + self.seconds_left)
        remaining = [r for r in self._journal.live[::-1] if r not in keep]
        remaining.sort(key=lambda resource: resource.collection not in _TIED)
        return self._sweep(remaining, final=final)

    def why_not_create(self, collection: str) -> str:
        """Why no more should be created where that costs money, empty if more may be.

        That is so where two resources could not be removed, and still cannot. Those that may stay
        do not count until they are many.
        """
        of_kind = [r for r in self._journal.live if r.collection == collection]
        left = [resource for resource in of_kind if resource.href in self.obstacles]
        accepted = [r for r in left if self._stays(r)]
        if len(accepted) < _MOST_ACCEPTED:
            left = [resource for resource in left if resource not in accepted]
        if collection in _FREE or len(left) < 2:
            return ""
        if not any(map(self._is_silent, left)) and len(self._sweep(left[:2])) < 2:
            return ""
        reason = self.obstacles[left[0].href].reason
        return f"{len(left)} {collection} could not be removed ({reason})"

    def _sweep(self, resources: list[Resource], *, final: bool = False) -> list[Resource]:
        """Try to remove resources, again and again while that may help. Returns those still there.

        Only the end of the run (`final`) may wait for all the time that is left.
        """
        for resource in resources:
            if resource not in self._journal.live:
                raise ValueError(f"{resource.href} is not in the journal: not touched")
        remaining = list(resources)
        hopeless = {r.collection for r in resources if self._is_hopeless(r.collection)}
        vain = set() if final else self._stuck | self._waits_beside | hopeless
        left = self.seconds_left if final else self.seconds_left / 2
        most = self._patience.deadline * (1 if final or not self._stuck else _WHILE_STUCK)
        patience = replace(self._patience, deadline=min(most, left))
        began = self._clock.monotonic()
        mute: set[str] = set()  # collections that do not answer: each attempt may take long

        def try_each() -> list[Resource]:
            todo = list(remaining)
            while todo:
                resource = next((r for r in todo if r.collection not in mute), todo[0])
                todo.remove(resource)
                late = self._clock.monotonic() - began > patience.deadline
                if late and resource.collection in mute:
                    self.obstacles.setdefault(resource.href, NOT_TRIED)
                    continue
                if self._try(resource):
                    self._forget(resource)
                    remaining.remove(resource)
                if self._is_silent(resource):
                    mute.add(resource.collection)
                else:
                    mute.discard(resource.collection)
            return remaining

        def is_pointless(rest: list[Resource]) -> bool:
            return all(r.collection in vain or self._stays(r) for r in rest)

        def tell(rest: list[Resource], seconds: float) -> None:
            more = f" and {len(rest) - 1} more" if rest[1:] else ""
            what = f"waiting for {rest[0].collection} {rest[0].id}{more} to be gone"
            self.told(f"{what}, {seconds:.0f} of {patience.deadline:.0f} s")

        try:
            eventually(try_each, is_pointless, patience, tell)
        finally:
            self.told("")
        if remaining:
            self._lost += self._clock.monotonic() - began
            self._stuck |= {resource.collection for resource in remaining}
        return remaining

    def _stays(self, resource: Resource) -> bool:
        obstacle = self.obstacles.get(resource.href)
        return obstacle is not None and self.may_stay(resource, obstacle)

    def _is_silent(self, resource: Resource) -> bool:
        obstacle = self.obstacles.get(resource.href)
        return obstacle is not None and obstacle.silent

    def _forget(self, resource: Resource) -> None:
        self.obstacles.pop(resource.href, None)
        self._stuck.discard(resource.collection)
        if resource in self._journal.live:
            self._journal.gone(resource)
            self._on_gone(resource)

    def _try(self, resource: Resource) -> bool:
        """Try one step towards removing a resource; True if it is gone."""
        if SHIELD.abandoned:
            raise KeyboardInterrupt
        if resource in self._journal.live and not self._is_own(resource):
            self._note(resource, "it could not be proven the run's own")
            if resource in self._journal.live:
                return self._is_gone(resource)  # with what it was in
        if resource not in self._journal.live:
            return True  # custody has taken it out
        if resource.collection == "instances":
            return self._step_instance(resource)
        return self._delete(resource) or (self._release(resource) and self._delete(resource))

    def _note(
        self, resource: Resource, reason: str, x: Exchange | None = None, *, silent: bool = False
    ) -> None:
        self.obstacles[resource.href] = Obstacle(reason, silent, x)

    def _delete(self, resource: Resource) -> bool:
        if self._journal.may_be_anothers(resource):
            self._note(resource, "DELETE was not refused; what is there now may be somebody else's")
            return self._is_gone(resource)
        answer = self._send("DELETE", resource.href)
        if answer.ok and not self._verify_gone:
            return True
        if answer.ok:
            self._note_done(resource, "destroy", "")
        # a failure may come after the deed (B58), and 404 without any
        look = answer.ok or answer.status in GONE or not 400 <= answer.status < 500
        if look and self._is_gone(resource):
            return True
        if not answer.status:
            reason = f"unreachable: no answer to DELETE ({answer.failure})"
        elif answer.ok or answer.status in GONE:
            reason = f"ignored: DELETE was answered {answer.status}, and it is still there"
        else:
            reason = f"refused: DELETE was answered {answer.status}{message_of(answer)}"
        self._note(resource, reason, answer, silent=answer.status in NOT_NOW)
        return False

    def _is_gone(self, resource: Resource) -> bool:
        x = self._send("GET", resource.href)
        if x.ok:
            self._note_ignored(resource, "destroy", x, "")
        return x.status in GONE

    def _note_done(self, resource: Resource, action: str, state: str) -> None:
        """Note when, and in which state, something was first done about a resource with success.

        What was done to it before has had its effect: stopped and started in turn, where it cannot
        be destroyed, it comes back to a state without anything being ignored.
        """
        for done in [key for key in self._done if key[0] == resource.href and key[1] != action]:
            del self._done[done]
        self._done.setdefault((resource.href, action), (self._clock.monotonic(), state))

    def _note_ignored(self, resource: Resource, action: str, x: Exchange, state: str) -> None:
        """Note that `x` shows no effect of an action: the same state, for long enough."""
        done = self._done.get((resource.href, action))
        patience = self._patience.deadline * _NEARLY
        if done and done[1] == state and self._clock.monotonic() - done[0] >= patience:
            self.ignored.setdefault((resource.href, action), (resource, x))

    def _release(self, resource: Resource) -> bool:
        """Take a resource that was refused to be removed out of what uses it, or empty it.

        True if there was something to try.
        """
        href = resource.href
        if self._is_silent(resource):
            return False
        if action := _RELEASE.get(resource.collection):
            self._send("POST", f"{href}/{action}")
            return True
        if resource.collection == "buckets":
            # what is in a bucket of the run is its own, also if the answer to its PUT was lost
            found = leftovers.in_bucket(resource, lambda _: self._send("GET", href))
            inside = [leftover.resource.href for leftover in found]
            return bool([self._send("DELETE", blob) for blob in inside])
        if resource.collection == "load_balancers":
            xml = self._send("GET", href).xml
            ids = () if xml is None else [i.get("id") or "" for i in xml.iterfind("instances/*")]
            unregister = f"{href}/unregister?instance_id="
            return bool([self._send("POST", unregister + quote(id_, safe="")) for id_ in ids])
        return False

    def _step_instance(self, resource: Resource) -> bool:
        """Delete an instance if it links to destroy, else stop or start it.

        What can only be destroyed stopped may offer to destroy it all the same: it is stopped, too.
        One that goes on without such a link, or cannot be read, is stopped and deleted at the paths
        of the API.
        """
        shown = self._send("GET", resource.href)
        if shown.status in GONE:
            return self._journal.is_removing(resource) or self._delete_unshown(resource)
        state = "" if shown.xml is None else (shown.xml.findtext("state") or "").strip()
        offered = _actions(shown, resource)
        if state == "FINISH" and not offered:
            # if that is not true, it goes on to cost money
            self._send("POST", f"{resource.href}/stop")
            self._send("DELETE", resource.href)
            return True
        refused = False
        if "destroy" in offered:
            gone = self._delete(resource)
            refused = not gone and self.obstacles[resource.href].refused
            if not refused:
                return gone
        if self._stop_or_start(resource, shown, state, offered, stop_only=refused):
            return self._delete(resource)
        self._looks[resource.href] += self._most_looks if shown.ok and shown.xml is None else 1
        if self._looks[resource.href] >= self._most_looks or not self.seconds_left:
            self._note_ignored(resource, "stop", shown, state)
            if self._send("POST", f"{resource.href}/stop").status in _DONE:
                self._note_done(resource, "stop", state)
            gone = self._delete(resource)
            if gone:
                self._most_looks = 1  # links lead nowhere here: the next need not be looked at long
            return gone
        if shown.status and not refused:
            state = GATE.cut(state, 40) or "unreadable"
            self._note(resource, f"it stays {state}, with no way to destroy it", shown)
        elif not shown.status:
            self._note(resource, f"unreachable: no answer ({shown.failure})", silent=True)
        return False

    def _stop_or_start(
        self,
        resource: Resource,
        shown: Exchange,
        state: str,
        offered: dict[str, str],
        *,
        stop_only: bool,
    ) -> bool:
        """Stop or start an instance by its link, if it has one; True if it can be destroyed then.

        On opennebula only a running instance can be destroyed (M5): a stopped one is started.
        """
        actions = ("stop",) if stop_only else ("stop", "start")
        action = next((action for action in actions if action in offered), None)
        if action is None:
            return False
        plain = offered[action] == f"{resource.href}/{action}"
        done = action if plain else f"{action} by its link"
        self._note_ignored(resource, done, shown, state)
        answer = self._send("POST", offered[action])
        if answer.status in _DONE:
            self._note_done(resource, done, state)
        return "destroy" in _actions(answer, resource)

    def _delete_unshown(self, resource: Resource) -> bool:
        """An instance is said to be gone that nothing removed; if that is not true, it costs money.

        True if removing it is not refused, as what is there would be that is not in a right state.
        """
        self._send("POST", f"{resource.href}/stop")
        answer = self._send("DELETE", resource.href)
        if 400 <= answer.status < 500 and answer.status not in GONE:
            reason = f"it is not shown, but refused: DELETE was answered {answer.status}"
            self._note(resource, f"{reason}{message_of(answer)}")
            return False
        return True


def _actions(x: Exchange, resource: Resource) -> dict[str, str]:
    """Action links of an instance document that lead to the instance: {"stop": href}."""
    own = subject_of(x.base, resource.href)
    links = () if x.xml is None else x.xml.iterfind("actions/link")
    offered = {str(link.get("rel")): x.rebased(str(link.get("href"))) for link in links}
    return {
        rel: href
        for rel, href in offered.items()
        if is_below(x.base, href) and subject_of(x.base, href) == own
    }
