"""Reading exchanges from files (JSON Lines, HAR, a single XML or JSON document), and writing one.

The JSON Lines form of an exchange is described at `from_json`; `to_json` makes it.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tck.endpoint import har, lone_document
from tck.endpoint.exchange import Exchange, Headers, Request, Response

# What the code below raises for values of an unexpected shape.
_WRONG_SHAPE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)


class UnreadableFile(Exception):
    """A file cannot be read as exchanges; the message says where and why."""


def read(path: Path, base_path: str = "/api") -> Iterator[Exchange]:
    """Exchanges of a file, in whichever of the forms it is.

    `base_path`: where the API is mounted on the recorded servers. Raises UnreadableFile, possibly
    after some exchanges.
    """
    try:
        content = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from error
    if content.lstrip().startswith(b"<"):
        yield _document(path, content, "application/xml", base_path)
        return
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path}: not UTF-8 text (byte {error.start})") from error
    if not text.strip():
        raise UnreadableFile(f"{path}: the file is empty")
    if path.suffix == ".har":
        yield from _har(path, text, base_path)
    elif text.lstrip().startswith("[") or not _looks_like_lines(text):
        yield from _json(path, text, base_path)
    else:
        yield from _json_lines(path, text, base_path)


def _looks_like_lines(text: str) -> bool:
    """True if the first line is an exchange, or looks like a broken one."""
    first = text.lstrip().split("\n", 1)[0]
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        return '"request"' in first or not first.startswith("{")
    return not isinstance(value, dict) or "request" in value


def _exchange(where: str, make: Callable[[], Exchange], hint: str = "") -> Exchange:
    """The exchange that `make` returns, if it can be judged and written to a file again."""
    try:
        x = make()
        urlsplit(x.request.url)
        texts = [x.id, x.request.method, x.request.url, x.failure, x.response and x.response.reason]
        texts += [
            text for side in (x.request.headers, x.headers) for field in side for text in field
        ]
        "".join(map(str, texts)).encode("utf-8")
    except _WRONG_SHAPE as error:
        reason = f"no member {error}" if isinstance(error, KeyError) else str(error)
        reason = " ".join(reason.split())[:200]
        raise UnreadableFile(f"{where}: not an exchange ({reason}){hint}") from error
    return x


def _json_lines(path: Path, text: str, base_path: str) -> Iterator[Exchange]:
    hint = '; each line must be an object with "id", "request" and "response"'
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield _exchange(f"{path}:{number}", partial(_from_line, line, base_path), hint)


def _from_line(line: str, base_path: str) -> Exchange:
    return from_json(json.loads(line), base_path)


def from_json(value: Mapping[str, Any], base_path: str = "/api") -> Exchange:
    """An exchange from its JSON Lines form.

    {"id", "request": {"method", "origin"?, "path", "headers"?, "body"?, "body_encoding"?,
    "body_omitted"?, "provoked"?}, "response": {"status", "reason"?, "headers"?, "body"?,
    "body_encoding"?, "body_omitted"?, "failure"?}, "ms"?, "started"?}

    `headers` is an object; `body` is text, or base64 if `body_encoding` says so; `status` null
    means that no response came; `body_omitted` says why a body was not recorded, or only its
    beginning, which is not judged; `provoked` true that a kit had sent nonsense. Without `origin`
    the Host field counts. Raises KeyError, TypeError, ValueError, OverflowError or AttributeError
    for anything else.
    """
    sent, came = value["request"], value["response"]
    headers = Headers(_mapping(sent.get("headers")))
    origin = sent.get("origin") or "http://" + headers.get("Host", "host.invalid")
    answered = came.get("status") is not None
    started = value.get("started")
    return Exchange(
        id=str(value["id"]),
        request=Request(
            method=str(sent["method"]),
            url=origin + sent["path"],
            headers=headers,
            body=None if sent.get("body_omitted") else _body(sent),
        ),
        response=Response(
            int(came["status"]),
            came.get("reason") or "",
            Headers(_mapping(came.get("headers"))),
            None if came.get("body_omitted") else _body(came) or b"",
            str(came.get("body_omitted") or ""),
        )
        if answered
        else None,
        base=origin + base_path,
        ms=float(value.get("ms") or 0),
        started=None if started is None else float(started),
        failure=came.get("failure")
        or (None if answered else "the connection ended without answer"),
        provoked=sent.get("provoked") is True,
    )


def _mapping(value: Any) -> Mapping[str, str]:
    if not isinstance(value or {}, Mapping):
        raise TypeError("headers must be an object")
    return {str(name): str(text) for name, text in (value or {}).items()}


def _body(side: Mapping[str, Any]) -> bytes | None:
    body = side.get("body")
    if body is None:
        return None
    if not isinstance(body, str):
        raise TypeError("body must be text or null")
    if side.get("body_encoding") == "base64":
        try:
            return base64.b64decode(body, validate=True)
        except binascii.Error as error:
            raise ValueError(f"body is not base64: {error}") from error
    return body.encode("utf-8")


def to_json(exchange: Exchange) -> dict[str, Any]:
    """The JSON Lines form of an exchange (not redacted)."""
    request, response = exchange.request, exchange.response
    parts = urlsplit(request.url)
    path = parts.path + ("?" + parts.query if parts.query else "")
    sent: dict[str, Any] = {"method": request.method, "origin": request.origin, "path": path}
    sent |= {"headers": _joined(request.headers), **_text(request.body)}
    came: dict[str, Any] = {"status": None, "reason": None, "headers": {}, "body": None}
    if response:
        came = {"status": response.status, "reason": response.reason}
        came |= {"headers": _joined(response.headers), **_text(response.body)}
        if response.body is None:
            came["body_omitted"] = response.omitted or "by the recorder"
    if exchange.failure:
        came["failure"] = exchange.failure
    if exchange.provoked:
        sent["provoked"] = True
    return {
        "id": exchange.id,
        "request": sent,
        "response": came,
        "ms": round(exchange.ms, 1),
        "started": exchange.started,
    }


def _joined(headers: Headers) -> dict[str, str]:
    """Fields by name as first written; values of repeated ones are joined (RFC 9110 5.3)."""
    names = {name.lower(): name for name, _ in reversed(headers.fields)}
    return {names[name]: headers.get(name) for name in dict.fromkeys(n.lower() for n, _ in headers)}


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
        if not isinstance(entries, list):
            raise TypeError("log.entries is not a list")
    except _WRONG_SHAPE as error:
        raise UnreadableFile(f"{path}: not a HAR file ({error!r})") from error
    for number, entry in enumerate(entries, 1):
        make = partial(har.exchange, number, entry, base_path)
        yield _exchange(f"{path}: entry {number}", make)


def _json(path: Path, text: str, base_path: str) -> Iterator[Exchange]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"{path}: neither JSON nor JSON Lines ({error})") from error
    log = value.get("log") if isinstance(value, dict) else None
    if isinstance(log, dict) and "entries" in log:
        yield from _har(path, text, base_path)
    else:
        yield _document(path, text.encode("utf-8"), "application/json", base_path)


def _document(path: Path, content: bytes, media_type: str, base_path: str) -> Exchange:
    try:
        return lone_document.exchange(path.name, content, media_type, base_path)
    except ValueError as error:
        raise UnreadableFile(f"{path}: {error}") from error
