"""Reading exchanges from files: JSON Lines, HAR, or one XML or JSON document."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tck.endpoint import lone_document
from tck.endpoint.exchange import Exchange, Headers, Request, Response


class UnreadableFile(Exception):
    """A file is not what it should be; the message says where and what to do."""


def read(path: Path, base_path: str = "/api") -> Iterator[Exchange]:
    """Exchanges of a file, whatever its form.

    `base_path` is where the API is mounted on the recorded servers. Raises UnreadableFile.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path}: not UTF-8 text (byte {error.start})") from error
    start = text.lstrip()[:1]
    if not start:
        raise UnreadableFile(f"{path}: the file is empty")
    if start == "<":
        yield _document(path, text, "application/xml", base_path)
    elif path.suffix == ".har":
        yield from _har(path, text, base_path)
    elif start == "[" or (start == "{" and not _is_exchange(text.splitlines()[0])):
        yield from _json(path, text, base_path)
    else:
        yield from _json_lines(path, text, base_path)


def _is_exchange(line: str) -> bool:
    try:
        value = json.loads(line)
    except ValueError:
        return '"request"' in line
    return isinstance(value, dict) and "request" in value


def _json_lines(path: Path, text: str, base_path: str) -> Iterator[Exchange]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield from_json(json.loads(line), base_path)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                reason = f"no member {error}" if isinstance(error, KeyError) else str(error)
                raise UnreadableFile(
                    f"{path}:{number}: not an exchange ({reason}); each line must be an object "
                    'with "id", "request" and "response"'
                ) from error


def from_json(value: Mapping[str, Any], base_path: str = "/api") -> Exchange:
    """An exchange from its JSON Lines form.

    {"id", "request": {"method", "path", "headers", "body", "body_encoding"?},
    "response": {"status", "reason", "headers", "body", "body_encoding"?,
    "body_omitted"?}, "ms"}; raises KeyError, TypeError or ValueError for anything else.
    """
    sent, came = value["request"], value["response"]
    headers = Headers(sent.get("headers") or {})
    origin = sent.get("origin") or "http://" + headers.get("Host", "host.invalid")
    answered = came.get("status") is not None
    return Exchange(
        id=str(value["id"]),
        request=Request(
            method=str(sent["method"]), url=origin + sent["path"], headers=headers, body=_body(sent)
        ),
        response=Response(
            int(came["status"]),
            came.get("reason") or "",
            Headers(came.get("headers") or {}),
            None if came.get("body_omitted") else _body(came) or b"",
        )
        if answered
        else None,
        base=origin + base_path,
        ms=float(value.get("ms") or 0),
        started=value.get("started"),
        failure=None if answered else came.get("failure") or "the connection ended without answer",
    )


def _body(side: Mapping[str, Any]) -> bytes | None:
    body = side.get("body")
    if body is None:
        return None
    if side.get("body_encoding") == "base64":
        try:
            return base64.b64decode(body, validate=True)
        except binascii.Error as error:
            raise ValueError(f"body is not base64: {error}") from error
    return str(body).encode("utf-8")


def to_json(exchange: Exchange) -> dict[str, Any]:
    """The JSON Lines form of an exchange (not redacted)."""
    request, response = exchange.request, exchange.response
    parts = urlsplit(request.url)
    path = parts.path + ("?" + parts.query if parts.query else "")
    sent: dict[str, Any] = {"method": request.method, "origin": request.origin, "path": path}
    sent |= {"headers": dict(request.headers), **_text(request.body)}
    if response:
        came: dict[str, Any] = {"status": response.status, "reason": response.reason}
        came |= {"headers": dict(response.headers), **_text(response.body)}
    else:
        came = {"status": None, "reason": None, "headers": {}, "body": None}
        came["failure"] = exchange.failure
    return {
        "id": exchange.id,
        "request": sent,
        "response": came,
        "ms": round(exchange.ms, 1),
        "started": exchange.started,
    }


def _text(body: bytes | None) -> dict[str, Any]:
    if body is None:
        return {"body": None}
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body": base64.b64encode(body).decode("ascii"), "body_encoding": "base64"}


def _har(path: Path, text: str, base_path: str) -> Iterator[Exchange]:
    try:
        entries = json.loads(text)["log"]["entries"]
        for number, entry in enumerate(entries, 1):
            yield _har_entry(number, entry, base_path)
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableFile(f"{path}: not a HAR file ({error!r})") from error


def _har_entry(number: int, entry: Mapping[str, Any], base_path: str) -> Exchange:
    sent, came = entry["request"], entry["response"]
    content = came.get("content", {})
    body = {"body": content.get("text"), "body_encoding": content.get("encoding")}
    post = sent.get("postData", {}).get("text")
    parts = urlsplit(sent["url"])
    answered = came.get("status", 0) > 0
    omitted = content.get("size", 0) > 0 and content.get("text") is None
    return Exchange(
        id=str(entry.get("_id", number)),
        request=Request(
            sent["method"],
            sent["url"],
            Headers(tuple((h["name"], h["value"]) for h in sent["headers"])),
            None if post is None else post.encode("utf-8"),
        ),
        response=Response(
            came["status"],
            came.get("statusText", ""),
            Headers(tuple((h["name"], h["value"]) for h in came["headers"])),
            None if omitted else _body(body) or b"",
        )
        if answered
        else None,
        base=f"{parts.scheme}://{parts.netloc}{base_path}",
        ms=float(entry.get("time") or 0),
        failure=None if answered else "no response was recorded",
    )


def _json(path: Path, text: str, base_path: str) -> Iterator[Exchange]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UnreadableFile(f"{path}: neither JSON nor JSON Lines ({error})") from error
    if isinstance(value, dict) and "entries" in value.get("log", {}):
        yield from _har(path, text, base_path)
    else:
        yield _document(path, text, "application/json", base_path)


def _document(path: Path, text: str, media_type: str, base_path: str) -> Exchange:
    try:
        return lone_document.exchange(path.name, text.encode("utf-8"), media_type, base_path)
    except ValueError as error:
        raise UnreadableFile(f"{path}: {error}") from error
