"""Credentials that may only read: every write is refused with 401 or 403, and says nothing.

That is known only when nothing can be created at all. So as long as no write of a run has
succeeded, one that is refused like that makes the run try to create something of every kind that
needs nothing else; what it creates is removed. If all of that is refused in the same way, the run
may not write, and what needs a write is inconclusive, with the provider's words. If not, refusals
are the endpoint's own, and judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tck.checks.support.quota import message_in
from tck.endpoint.capabilities import NO_PERMISSION
from tck.endpoint.exchange import Exchange

_REFUSED = (401, 403)
_NOT_THERE = (404, 405, 412, 501)  # this cannot be created, whoever asks
# Creates that need no other object, those that cost nothing first.
_TRIED: Mapping[str, Mapping[str, str]] = {
    "keys": {},
    "firewalls": {"description": "made to see whether the run may write"},
    "buckets": {},
    "networks": {},
    "addresses": {},
    "storage_volumes": {"capacity": "1"},
}


class Permission:
    """Whether the credentials of a run may write.

    `reason`: why not, once that is known; `in_doubt`: a write was refused, and none has succeeded.
    """

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.reason = ""
        self.in_doubt = self._settled = False

    def note(self, x: Exchange) -> None:
        """Take in the answer to a write with the run's credentials."""
        self._settled = self._settled or 200 <= x.status < 400
        self.in_doubt = x.status in _REFUSED and not self._settled

    def settle(self, x: Exchange, tries: Iterator[Exchange]) -> None:
        """Learn from creates whether all is refused as `x` was."""
        self.in_doubt, self._settled = False, True
        answers = [answer for answer in tries if answer.status not in _NOT_THERE]
        if answers and all(answer.status in _REFUSED for answer in answers):
            message = message_in(x)
            self.reason = f"{NO_PERMISSION}: {x.status}{message and f', {message}'}"


def tries(
    declared: Callable[[str], bool],
    create: Callable[[str, Mapping[str, str]], Exchange],
    launch_form: Callable[[], Mapping[str, str]],
) -> Iterator[Exchange]:
    """Answers to creates, one of each kind that is declared, up to the first that is not refused.

    `launch_form`: what a launch needs; it may be empty if that is not known.
    """
    for collection in (*_TRIED, "instances"):
        form = _TRIED[collection] if collection in _TRIED else launch_form()
        if declared(collection) and (form or collection in _TRIED):
            x = create(collection, form)
            yield x
            if x.status not in (*_REFUSED, *_NOT_THERE):
                return
