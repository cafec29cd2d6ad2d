"""What of the answers was not judged: it was beyond a limit (docs/limits.md), or not recorded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tck.endpoint.exchange import Exchange
from tck.rules.reading import unread_members


@dataclass(slots=True)
class _Kind:
    """Answers to one operation that were beyond one limit: what was first, and how many."""

    text: str
    first: str
    count: int = 0


class Unjudged:
    """Counts what is not judged, by operation and limit. No finding, but never passed over."""

    def __init__(self, most: int, printable: Callable[[str], str]) -> None:
        """`most`: lines that are kept; `printable` makes a text one without secrets, and short."""
        self._most = most
        self._printable = printable
        self._kinds: dict[str, _Kind] = {}

    def observe(self, x: Exchange, made: Mapping[str, int]) -> None:
        """Look at a judged exchange; `made`: how many judgements each rule made on it."""
        operation = x.operation.id if x.operation else "no operation of the API"
        for reason in _reasons(x, made):
            if "(limit " in reason:
                key, text = (
                    re.sub("[0-9]+", "0", f"{operation}: {reason}"),
                    f"{operation}: {reason}",
                )
            else:  # a recorder left it out: nothing can be done about it here
                key, text = "", f"content that was not recorded ({reason})"
            self._add(key, _Kind(self._printable(text), self._printable(x.id), 1))

    def _add(self, key: str, kind: _Kind) -> None:
        if key in self._kinds:
            self._kinds[key].count += kind.count
        elif len(self._kinds) < self._most:
            self._kinds[key] = kind

    def lines(self) -> Iterator[str]:
        """A line for each operation and limit."""
        for kind in self._kinds.values():
            times = f"{kind.count} times, first" if kind.count > 1 else "once,"
            yield f"{kind.text}; {times} in {kind.first}"

    def dump(self) -> dict[str, Any]:
        """All of it as plain values, to send to another process."""
        return {key: asdict(kind) for key, kind in self._kinds.items()}

    def merge(self, dump: Mapping[str, Any]) -> None:
        """Add what another process dumped."""
        for key, kind in dump.items():
            self._add(key, _Kind(**kind))


def _reasons(x: Exchange, made: Mapping[str, int]) -> Iterator[str]:
    if x.beyond:
        yield x.beyond
    if count := unread_members(x):
        yield f"{count} of its members, after the first {x.limits.members} (limit members)"
    for rule, judgements in made.items():
        if judgements >= x.limits.judgements:
            yield f"what {rule} has to say after {judgements} judgements (limit judgements)"
