"""Records as JSON; the type hints of a class say how its fields are read back."""

from __future__ import annotations

import base64
import re
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from tck.reference_server.content import Content

FILE_NAME = re.compile(r"[0-9a-f]{32}")  # of a content (Shelf)


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

    Fields that the class no longer has are ignored. TypeError or ValueError if `encode` cannot
    have written it for this type.
    """
    origin, args = get_origin(kind), get_args(kind)

    def read(inner: Any, item: Any) -> Any:
        return decode(inner, item, directory)

    result = value
    if origin in (Union, types.UnionType):
        (kind,) = (arg for arg in args if arg is not type(None))
        result = value if value is None else read(kind, value)
    elif origin is tuple:
        members = args[:1] * len(_of(list, value)) if args[-1] is Ellipsis else args
        result = tuple(read(member, item) for member, item in zip(members, value, strict=True))
    elif origin is Mapping:
        result = {name: read(args[1], item) for name, item in _of(dict, value).items()}
    elif kind is Content:
        result = _content(_of(dict, value), directory)
    elif isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        given = _of(dict, value).items()
        result = kind(**{n: read(hints[n], item) for n, item in given if n in hints})
    elif kind is float:
        result = _of((int, float), value)
    elif kind in (str, int, bool):
        result = _of(kind, value)
    return result


def _of(kind: type | tuple[type, ...], value: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError("a record has a value of another type")
    if isinstance(value, str):
        value.encode()  # UnicodeEncodeError, a ValueError, for a lone surrogate
    return value


def _content(value: Mapping[str, Any], directory: Path) -> Content:
    """The content of a record, if its file is where the server puts them, and as long as it was."""
    length, digest = _of(int, value.get("length")), _of(str, value.get("digest"))
    data: bytes | Path
    if "bytes" in value:
        data = base64.b64decode(_of(str, value["bytes"]), validate=True)
        found = len(data)
    else:
        name = _of(str, value.get("file"))
        data = path = directory / name
        if not FILE_NAME.fullmatch(name) or path.is_symlink() or not path.is_file():
            raise ValueError("the file of a content is missing")
        found = path.stat().st_size
    if found != length:
        raise ValueError("a content has another length")
    return Content(data, length, digest)


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)
