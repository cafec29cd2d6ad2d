"""Changes to JSON documents, each placed by the last keys of a path.

`image.id` is the key `id` of any object under a key `image`; places in lists do not count.
Only answers in JSON are changed, and only those that have such a key.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from tck.prove.altered.change import Change, at, in_document
from tck.prove.altered.messages import Answer, Asked


def edit(where: str, text: str, act: Callable[[Any], Any]) -> Change:
    """Change documents: `act` gets the parsed value and returns the new one."""

    def document(_asked: Asked, answer: Answer) -> None:
        if answer.format == "json" and answer.body:
            old = json.loads(answer.body)
            answer.body = json.dumps(act(old), separators=(",", ":")).encode()

    return in_document(where, f"in JSON, {text}", document)


def _objects(value: Any, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every object in a value, with the keys that lead to it."""
    if isinstance(value, dict):
        yield keys, value
        for key, inner in list(value.items()):
            yield from _objects(inner, (*keys, key))
    elif isinstance(value, list):
        for inner in list(value):
            yield from _objects(inner, keys)


def each(where: str, text: str, path: str, act: Callable[[dict[str, Any], str], None]) -> Change:
    """Call `act` with every object that has the key at the end of the path, and that key."""
    *parents, key = path.split(".")
    suffix = tuple(parents)

    def edit_value(value: Any) -> Any:
        objects = [o for keys, o in _objects(value) if keys[len(keys) - len(suffix) :] == suffix]
        for holder in objects:
            if key in holder:
                act(holder, key)
        return value

    return edit(where, text, edit_value)


def drop(where: str, path: str) -> Change:
    """Leave a key out."""
    return each(where, f"leaves out {path}{at(where)}", path, lambda holder, key: holder.pop(key))


def alter(where: str, text: str, path: str, act: Callable[[Any], Any]) -> Change:
    """Compute a new value of a key from the old one."""

    def set_value(holder: dict[str, Any], key: str) -> None:
        holder[key] = act(holder[key])

    return each(where, text, path, set_value)


def put(where: str, path: str, new: Any) -> Change:
    """Give a key another value."""
    return alter(where, f"gives {path} the value {new!r}{at(where)}", path, lambda _: new)


def rename(where: str, path: str, name: str) -> Change:
    """Give a key another name."""

    def set_name(holder: dict[str, Any], key: str) -> None:
        holder[name] = holder.pop(key)

    return each(where, f"renames {path} to {name}{at(where)}", path, set_name)
