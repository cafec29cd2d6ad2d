"""Exchanges from HAR 1.2 files, as browsers and proxies save them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tck.endpoint.exchange import Exchange, Headers, Request, Response


def exchange(number: int, entry: Mapping[str, Any], base_path: str) -> Exchange:
    """The exchange of one entry of `log.entries`; `number` is its id if it has none.

    Raises KeyError, TypeError, ValueError or AttributeError for anything else.
    """
    sent = entry["request"]
    parts = urlsplit(sent["url"])
    post = (sent.get("postData") or {}).get("text")  # some browsers write null
    response = _response(entry["response"])
    return Exchange(
        id=str(entry.get("_id", number)),
        request=Request(
            str(sent["method"]),
            sent["url"],
            _headers(sent["headers"]),
            None if post is None else post.encode("utf-8"),
        ),
        response=response,
        base=f"{parts.scheme}://{parts.netloc}{base_path}",
        ms=float(entry.get("time") or 0),
        failure=None if response else "no response was recorded",
    )


def _response(came: Mapping[str, Any]) -> Response | None:
    """None for status 0, by which HAR says that no response came."""
    if came.get("status", 0) <= 0:
        return None
    return Response(
        int(came["status"]),
        came.get("statusText") or "",
        _headers(came["headers"]),
        _content(came.get("content") or {}),
    )


def _content(content: Mapping[str, Any]) -> bytes | None:
    text = content.get("text")
    if text is None:
        return None if content.get("size", 0) > 0 else b""
    if content.get("encoding") == "base64":
        return base64.b64decode(text, validate=True)
    encoded: bytes = text.encode("utf-8")
    return encoded


def _headers(fields: list[Mapping[str, str]]) -> Headers:
    return Headers(tuple((str(field["name"]), str(field["value"])) for field in fields))
