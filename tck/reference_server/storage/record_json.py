"""Records as JSON; the type hints of a class say how its fields are read back."""

from __future__ import annotations

import base64
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from tck.reference_server.content import Content


def encode(value: Any) -> Any:
    """JSON values for a record or a part of it; a content in a file becomes the file's name.

    TypeError for a content in a file without a name.
    """
    if isinstance(value, Content):
        data = value.data
        if isinstance(data, bytes):
            where = {"bytes": base64.b64encode(data).decode("ascii")}
        elif isinstance(data, Path):
            where = {"file": data.name}
        else:
            raise TypeError("a content in a file without a name cannot be stored")
        return {**where, "length": value.length, "digest": value.digest}
    if is_dataclass(value):
        return {f.name: encode(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        return {name: encode(item) for name, item in value.items()}
    return value


def decode(kind: Any, value: Any, directory: Path) -> Any:
    """The value of type `kind` that `encode` has written; `directory` holds the files of contents.

    Fields that the class no longer has are ignored.
    """
    origin, args = get_origin(kind), get_args(kind)

    def read(inner: Any, item: Any) -> Any:
        return decode(inner, item, directory)

    result = value
    if origin in (Union, types.UnionType):
        (kind,) = (arg for arg in args if arg is not type(None))
        result = value if value is None else read(kind, value)
    elif origin is tuple:
        members = args[:1] * len(value) if args[-1] is Ellipsis else args
        result = tuple(map(read, members, value))
    elif origin is Mapping:
        result = {name: read(args[1], item) for name, item in value.items()}
    elif kind is Content:
        inline = value.get("bytes")
        data = directory / value["file"] if inline is None else base64.b64decode(inline)
        result = Content(data, value["length"], value["digest"])
    elif isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        result = kind(**{n: read(hints[n], item) for n, item in value.items() if n in hints})
    return result


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)
