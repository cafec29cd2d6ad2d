"""Whether a JSON value is what a definition in `deltacloud.schema.json` says, without the why.

jsonschema-rs answers in microseconds, because it is written in Rust and stops at the first error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

import jsonschema_rs


@cache
def schema() -> dict[str, Any]:
    """`deltacloud.schema.json`."""
    text = resources.files(__package__).joinpath("deltacloud.schema.json").read_text("utf-8")
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def schema_of(definition: str) -> dict[str, Any]:
    """The schema that starts at `#/$defs/{definition}`."""
    return {**schema(), "$ref": f"#/$defs/{definition}"}


@cache
def _validator(definition: str) -> Callable[[object], bool]:
    return jsonschema_rs.Draft202012Validator(schema_of(definition)).is_valid


def is_valid(value: object, definition: str) -> bool | None:
    """None if jsonschema-rs cannot read the value: Rust strings hold no lone surrogates."""
    try:
        return _validator(definition)(value)
    except ValueError:
        return None
