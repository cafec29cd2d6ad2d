"""A document without its exchange, judged as if it had answered a GET of its own href.

Answers to `run` are told by their `command`; the entry point's own address is the one that its
first link leads below.

`validate instance.xml` comes here. The request, the status and the base are derived from the
document (root element, href, status of an error), and the exchange is marked `lone`, so that rules
judge nothing but the document.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from tck.endpoint.exchange import FORMATS, Exchange, Headers, Request, Response
from tck.endpoint.limits import Limits
from tck.endpoint.parsing import parse
from tck.schemas.operations import API

_STATUS = re.compile(r"[1-5][0-9]{2}")
_ROOTS = {c.document: c for c in API.collections.values()}
_MEMBERS = {c.singular: c for c in API.collections.values() if c.name != "instance_states"}


def exchange(name: str, content: bytes, media_type: str, base_path: str) -> Exchange:
    """The exchange made up around a document; `name` becomes its id.

    `media_type`: application/xml or application/json; `base_path`: where the API is mounted if the
    document does not show it. Raises ValueError, saying why, if it is not a document of the API.
    """
    format_ = FORMATS[media_type]
    parsed = parse(content, format_, Limits())
    if parsed.error or parsed.beyond:
        raise ValueError(parsed.beyond or f"not well-formed {format_.upper()} ({parsed.error})")
    root, href, status = (_xml if format_ == "xml" else _json)(parsed.tree)
    parts = urlsplit(href)
    origin = "http://document.invalid"
    if parts.scheme in ("http", "https"):
        origin = f"{parts.scheme}://{parts.netloc}"
    if root == "error":
        base_path, path = _of_error(parts.path, base_path)
    elif root == "api":
        path = ""
        base_path = parts.path.rstrip("/").rpartition("/")[0] or base_path
    else:
        path = _path("instance" if root == "run" else root, href)
        if path and path in parts.path:
            base_path = parts.path[: parts.path.index(path)]
        path += "/run" * (root == "run")
    method = "POST" if root == "run" else "GET"
    return Exchange(
        id=name,
        request=Request(method, origin + base_path + path, Headers({"Accept": media_type})),
        response=Response(status, "", Headers({"Content-Type": media_type}), content),
        base=origin + base_path,
        lone=True,
    )


def _xml(root: etree._Element) -> tuple[str, str, int]:
    name = str(root.tag)
    if name == "error":
        status = root.get("status", "")
        return name, root.get("url", ""), int(status) if _STATUS.fullmatch(status) else 400
    if name == "instance" and root.find("command") is not None:
        name = "run"
    first = root.find("*") if name in _ROOTS or name == "api" else root
    return name, "" if first is None else first.get("href", ""), 200


def _json(value: Any) -> tuple[str, str, int]:
    if isinstance(value, list):
        return "states", "", 200
    if isinstance(value, dict) and {"code", "message"} <= value.keys():
        code = value["code"]
        return "error", "", code if isinstance(code, int) and 400 <= code < 600 else 400
    if isinstance(value, dict) and len(value) == 1:
        [(name, inner)] = value.items()
        if isinstance(inner, dict) and name == "api":
            inner = inner.get("links")
        elif isinstance(inner, dict) and name == "instance" and "command" in inner:
            name = "run"
        first = inner[0] if isinstance(inner, list) and inner else inner
        return name, str(first.get("href", "")) if isinstance(first, dict) else "", 200
    raise ValueError("not a document of the Deltacloud API (an object with one known member)")


def _of_error(url: str, base_path: str) -> tuple[str, str]:
    """Base path and path below it, from the URL that an error document may name."""
    if not url:
        return base_path, ""
    if url.startswith(base_path + "/"):
        return base_path, url.removeprefix(base_path)
    return "", url


def _path(root: str, href: str) -> str:
    """The path below the base at which a document with this root is found. Raises ValueError."""
    if root in _ROOTS:
        return "/" + _ROOTS[root].name
    if root not in _MEMBERS:
        roots = ", ".join(sorted({*_ROOTS, *_MEMBERS, "api", "error"}))
        raise ValueError(f"{root!r} is not the root of a document of the API (known: {roots})")
    collection = _MEMBERS[root]
    marker = f"/{collection.parent or collection.name}/"
    return marker + href.split(marker, 1)[1] if marker in href else marker + "unknown"
