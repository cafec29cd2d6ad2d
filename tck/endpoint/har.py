"""Exchanges from HAR 1.2 files, as browsers and proxies save them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.endpoint.members import amount, member, of_kind, optional, status


def exchange(position: int, entry: Mapping[str, Any], base_path: str) -> Exchange:
    """The exchange of one entry of `log.entries`; `position` is its id if it has none.

    What cannot be judged has a `disturbance` that says why. Raises ValueError, saying why, for
    anything else.
    """
    sent = member(entry, "request", dict)
    url = member(sent, "url", str)
    parts = urlsplit(url)
    post = optional(sent, "postData", dict, {})  # some browsers write null
    response = _response(member(entry, "response", dict))
    unjudged = ""
    if parts.scheme not in ("http", "https"):
        unjudged = f"it is no request over HTTP ({parts.scheme[:40]}:)"
    elif response is None:
        unjudged = "no answer was recorded (status 0)"
    elif not response.headers.fields:
        unjudged = "no header fields of its answer were recorded, as from a cache"
    return Exchange(
        id=str(entry.get("_id", position)),
        request=Request(
            member(sent, "method", str),
            url,
            _headers(sent),
            None if post.get("text") is None else member(post, "text", str).encode("utf-8"),
        ),
        response=response,
        base=f"{parts.scheme}://{parts.netloc}{base_path}",
        ms=amount(entry, "time"),
        failure=None if response else "no response was recorded",
        disturbance=unjudged,
    )


def _response(came: dict[str, Any]) -> Response | None:
    """None for status 0, by which HAR says that no response came."""
    code = status(came)
    if code == 0:
        return None
    content = _content(optional(came, "content", dict, {}))
    if code == 304:  # of which browsers write the content that they have in their cache
        content = b""
    return Response(code, optional(came, "statusText", str, ""), _headers(came), content)


def _content(content: dict[str, Any]) -> bytes | None:
    if content.get("text") is None:
        return None if amount(content, "size") > 0 else b""
    text = member(content, "text", str)
    if content.get("encoding") != "base64":
        return text.encode("utf-8")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"content is not base64: {error}") from error


def _headers(side: dict[str, Any]) -> Headers:
    fields = [of_kind(field, dict, "a header field") for field in member(side, "headers", list)]
    return Headers(tuple((member(f, "name", str), member(f, "value", str)) for f in fields))
