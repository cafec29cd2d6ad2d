"""Explains what is wrong with a JSON document, in the words of `deltacloud.schema.json`.

Loaded only when jsonschema-rs has refused a document (see `tck.schemas.documents`). jsonschema
goes through that document and yields one error for each violated keyword; an error is put into
words with the `description` of the schema that holds the keyword, or of the missing key's schema.

jsonschema-rs could list errors too, but it collects all of them, each with a copy of the value it
is about: an answer made of a million small mistakes would take all memory. jsonschema yields
errors one by one and refers to the values, so the work ends after `MOST`.

Four keywords of jsonschema are replaced:

- `items` skips what jsonschema-rs accepts: of 10,000 images only the wrong one is gone through.
- `pattern` takes `$` for the very end of a text, as ECMA 262 and jsonschema-rs do; Python's `$`
  lets a line end follow. If the two libraries disagree, a refusal stays unexplained.
- `required` and `dependentRequired` give the name of the missing key, not a sentence about it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, cast

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from tck.schemas.json_verdict import is_valid, schema, schema_of
from tck.schemas.problem import MOST, Problem, quoted

Key = str | int
Schema = Mapping[str, Any]

_ARTICLES = {"null": "null", "object": "an object", "array": "an array", "integer": "an integer"}
_UNWRAPPED = ("drivers", "states")  # list documents that start with their members
_LONGEST_NAME = 60  # characters of a key that are shown
_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*")


class _MissingKey(ValidationError):
    """An object lacks a required key; the message is its name."""


def _pattern(_: object, pattern: str, value: object, __: Schema) -> Iterator[ValidationError]:
    if isinstance(value, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), value):
        yield ValidationError("")


def _required(_: object, names: Iterable[str], value: object, __: Schema) -> Iterator[_MissingKey]:
    if isinstance(value, dict):
        yield from (_MissingKey(name) for name in names if name not in value)


def _dependent_required(
    validator: object, names: Mapping[str, Iterable[str]], value: object, schema: Schema
) -> Iterator[_MissingKey]:
    for name, others in names.items():
        if isinstance(value, dict) and name in value:
            yield from _required(validator, others, value, schema)


def _items(validator: Any, items: Schema, value: object, _: Schema) -> Iterator[ValidationError]:
    definition = items.get("$ref", "").removeprefix("#/$defs/")
    for number, item in enumerate(value if isinstance(value, list) else ()):
        if not (definition and is_valid(item, definition)):
            yield from validator.descend(item, items, path=number)


_CHANGED = {
    "items": _items,
    "pattern": _pattern,
    "required": _required,
    "dependentRequired": _dependent_required,
}
_Validator = extend(Draft202012Validator, _CHANGED)  # type: ignore[no-untyped-call]


def problems(value: object, document: str, member: str | None) -> list[Problem]:
    """Up to MOST problems of a JSON document that is refused.

    `member` names the members of a list document: parts of problems start there.
    """
    errors = _Validator(schema_of(document)).iter_errors(value)
    return [_problem(error, document, member) for error in islice(errors, MOST)]


def _problem(error: ValidationError, document: str, member: str | None) -> Problem:
    keys, violated = tuple(error.absolute_path), cast("Schema", error.schema)
    missing = error.message if isinstance(error, _MissingKey) else None
    place = _path(keys, numbers=True) or "$"
    ends = keys if missing is None else (*keys, missing)
    part = _path(_from_member(ends, document, member), numbers=False)
    if missing is not None:
        words = _words(violated.get("properties", {}).get(missing, {}))
        expected = f'a key "{missing}"' + (f": {words}" if words else "")
        return Problem(place, part, "missing", expected, "no such key")
    if error.validator == "minItems":
        expected = f"an array of at least {error.validator_value}"
    else:
        expected = _words(violated)
    return Problem(place, part, "value", expected, _described(error.instance))


def _words(wanted: Schema) -> str:
    """What a schema accepts, for a reader: its description, else its types or values."""
    while set(wanted) == {"$ref"}:
        wanted = schema()["$defs"][wanted["$ref"].removeprefix("#/$defs/")]
    types = wanted.get("type", [])
    types = [types] if isinstance(types, str) else types
    return (
        wanted.get("description")
        or " or ".join(_ARTICLES.get(t, f"a {t}") for t in types)
        or " or ".join(map(json.dumps, wanted.get("enum", ())))
    )


def _from_member(keys: Sequence[Key], document: str, member: str | None) -> Sequence[Key]:
    """The keys from the object on, whether it is in a list, wrapped or bare."""
    if member is not None:
        outside = 1 if document in _UNWRAPPED else 2
        return (member, *keys[outside:]) if len(keys) >= outside else (document,)
    wrapper = "instance" if document == "run" else document
    return keys if keys[:1] == (wrapper,) else (document, *keys)


def _path(keys: Sequence[Key], *, numbers: bool) -> str:
    path = ""
    for key in keys:
        if isinstance(key, int):
            path += f"[{key}]" if numbers else "[]"
        elif len(key) <= _LONGEST_NAME and _PLAIN_KEY.fullmatch(key):
            path += f".{key}"
        else:
            path += f"[{json.dumps(key[:_LONGEST_NAME])}]"
    return path.removeprefix(".")


def _described(value: object) -> str:
    """A JSON value as a reader should see it."""
    if isinstance(value, str):
        return quoted(value) if value else "an empty string"
    if isinstance(value, dict):
        keys = ", ".join(str(key)[:_LONGEST_NAME] for key in islice(value, 6))
        return f"an object with keys {keys}" if value else "an empty object"
    if isinstance(value, list):
        return f"an array of {len(value)}" if value else "an empty array"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return f"the number {str(value)[:_LONGEST_NAME]}"
