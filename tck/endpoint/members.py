"""Members of objects in JSON that somebody else wrote, or why they are not what they should be.

Every function raises ValueError with a reason in words of JSON: "request is a list, not an object".
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

T = TypeVar("T")
HALF = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair: JSON can hold one, but no encoding can write it."""
HALF_SAID = "half of a surrogate pair stands for no character"
_WORDS: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    type(None): "null",
}


def member(holder: object, name: str, kind: type[T]) -> T:
    """The member of an object, which must be there and of this kind."""
    fields = of_kind(holder, dict, "it")
    if name not in fields:
        raise ValueError(f"it has no member {name}")
    return of_kind(fields[name], kind, name)


def optional(holder: object, name: str, kind: type[T], default: T) -> T:
    """The same of a member that may be absent or null."""
    value = of_kind(holder, dict, "it").get(name)
    return default if value is None else of_kind(value, kind, name)


def amount(holder: object, name: str) -> float:
    """A member that is a number from 0 and not infinite; 0.0 if it is absent or null."""
    value = of_kind(holder, dict, "it").get(name)
    if value is None:
        return 0.0
    if not is_amount(value):
        raise ValueError(f"{name} is not a number from 0")
    return float(value)


def is_amount(value: object) -> bool:
    """True for a number from 0 that is not infinite and fits into a float."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value < 1e300  # type: ignore[operator]


def status(answer: object) -> int:
    """The status code in an answer; 0 if it says that none came."""
    code = member(answer, "status", int)
    if not 0 <= code < 1000:
        raise ValueError("status is not a number of three digits")
    return code


def of_kind(value: object, kind: type[T], name: str) -> T:
    """The value itself, if it is of this kind; true and false are no numbers."""
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"{name} is {_words(value)}, not {_WORDS[kind]}")
    return value


def _words(value: Any) -> str:
    return _WORDS.get(type(value), "something else")
