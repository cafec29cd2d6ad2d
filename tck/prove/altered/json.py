"""Changes to JSON documents, each said by the last keys of a path.

`image.id` is the key `id` of whatever stands under a key `image`; places in lists do not
count. Only answers in JSON are touched, and only where there is such a key.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from tck.prove.altered.change import Change, at
from tck.prove.altered.messages import Answer, Asked

Edit = Callable[[Any], Any]


def edit(where: str, text: str, act: Edit) -> Change:
    """Change the value of documents: `act` returns the new one."""

    def document(_asked: Asked, answer: Answer) -> None:
        if answer.format == "json" and answer.body:
            old = json.loads(answer.body)
            answer.body = json.dumps(act(old), separators=(",", ":")).encode()

    return Change(text, where, document=at(where, document))


def _holders(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every object in a value, with the keys that lead to it."""
    if isinstance(value, dict):
        yield place, value
        for key, inner in list(value.items()):
            yield from _holders(inner, (*place, key))
    elif isinstance(value, list):
        for inner in list(value):
            yield from _holders(inner, place)


def _hits(value: Any, path: str) -> list[tuple[dict[str, Any], str]]:
    *lead, key = path.split(".")
    tail = tuple(lead)
    return [
        (holder, key)
        for place, holder in _holders(value)
        if key in holder and place[len(place) - len(tail) :] == tail
    ]


def drop(where: str, path: str) -> Change:
    """Leave a key out."""

    def act(value: Any) -> Any:
        for holder, key in _hits(value, path):
            del holder[key]
        return value

    return edit(where, f"leaves out {path} in JSON", act)


def put(where: str, path: str, new: Any) -> Change:
    """Give a key another value; a function gets the old one."""

    def act(value: Any) -> Any:
        for holder, key in _hits(value, path):
            holder[key] = new(holder[key]) if callable(new) else new
        return value

    told = "" if callable(new) else f" to {new!r}"
    return edit(where, f"changes {path}{told} in JSON", act)


def rename(where: str, path: str, name: str) -> Change:
    """Call a key something else."""

    def act(value: Any) -> Any:
        for holder, key in _hits(value, path):
            holder[name] = holder.pop(key)
        return value

    return edit(where, f"calls {path} {name} in JSON", act)
