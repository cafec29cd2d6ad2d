"""Reading single values out of an answer: those of elements in XML, and objects in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tck.endpoint.exchange import Exchange


def text_at(x: Exchange, path: str) -> str | None:
    """Text of the first element at a path below the root, as it is written; None without one."""
    return None if x.xml is None else x.xml.findtext(path)


def value_at(x: Exchange, path: str) -> str | None:
    """The same without white space around it."""
    text = text_at(x, path)
    return None if text is None else text.strip()


def id_at(x: Exchange, path: str = ".") -> str | None:
    """`id` of the first element at a path, by default of the root; None without one."""
    element = None if x.xml is None else x.xml.find(path)
    return None if element is None else element.get("id")


def ids_at(x: Exchange, path: str) -> list[str]:
    """`id` of every element at a path, sorted; empty for one that has none."""
    return [] if x.xml is None else sorted(e.get("id", "") for e in x.xml.iterfind(path))


def objects_in(x: Exchange, key: str) -> list[Mapping[str, Any]]:
    """The objects of the JSON list under a key of an answer; empty if there is none."""
    value = x.json.get(key) if isinstance(x.json, Mapping) else None
    return [o for o in value if isinstance(o, Mapping)] if isinstance(value, list) else []


def object_in(x: Exchange, key: str) -> Mapping[str, Any]:
    """The JSON object under the one key of an answer; empty if there is none."""
    value = x.json.get(key) if isinstance(x.json, Mapping) else None
    return value if isinstance(value, Mapping) else {}
