"""Reading exchanges from files (JSON Lines, HAR, a single XML or JSON document), and writing one.

The JSON Lines form of an exchange is described at `from_json`; `to_json` makes it.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from tck.endpoint import capabilities, har, input_file, lone_document
from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.endpoint.members import HALF, HALF_SAID, amount, member, of_kind, optional, status
from tck.endpoint.parsing import parse_json
from tck.endpoint.redaction import HIDDEN

_Line = tuple[int, bytes]  # its number, from 1, and its bytes


_LOOKS = re.compile(rb'<api\b|^\s*\{\s*"api"')  # like an entry point


class UnreadableFile(Exception):
    """A file cannot be read as exchanges; the message says where and why."""


def read(path: Path, base_path: str = "/api") -> Iterator[Exchange]:
    """Exchanges of a file, in whichever of the forms it is.

    `base_path`: where the API is mounted on the recorded servers. Raises UnreadableFile, possibly
    after some exchanges. Only JSON Lines may be of any size: it is read line by line.
    """
    try:
        with input_file.opened(path) as file:
            yield from _with_aliases(_exchanges(path, file, base_path))
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from error


def _with_aliases(exchanges: Iterator[Exchange]) -> Iterator[Exchange]:
    """Exchanges after an entry point know what it calls itself, as in a run."""
    aliases: dict[str, str] = {}
    for x in exchanges:
        alias = aliases.get(x.base, "")
        if x.api_path == "" and x.base not in aliases and capabilities.read(x):
            aliases[x.base] = capabilities.name_of_itself(x)
        yield replace(x, alias=alias) if alias else x


def _exchanges(path: Path, file: BinaryIO, base_path: str) -> Iterator[Exchange]:
    lines = _lines(file)
    first = next((line for line in lines if line[1].strip()), None)
    if first is None:
        raise UnreadableFile(f"{path}: the file is empty")
    beginning = first[1].lstrip()
    if beginning.startswith(b"<"):
        content = _rest(first, file)
        yield _document(path, content, "application/xml", base_path)
    elif path.suffix == ".har" or beginning.startswith(b"[") or not _looks_like_line(first[1]):
        yield from _json(path, _rest(first, file), base_path)
    else:
        yield from _json_lines(path, chain([first], lines), base_path)


def _lines(file: BinaryIO) -> Iterator[_Line]:
    """Lines of a file without a byte order mark. Raises OSError if one is too long."""
    for n in count(1):
        line = file.readline(input_file.MOST + 1)
        if len(line) > input_file.MOST:
            raise input_file.too_large(input_file.MOST)
        if not line:
            return
        yield n, line.removeprefix(codecs.BOM_UTF8) if n == 1 else line


def _rest(first: _Line, file: BinaryIO) -> bytes:
    """The content of a file from its first line on that is not blank."""
    found = first[1] + file.read(input_file.MOST + 1)
    if len(found) > input_file.MOST:
        raise input_file.too_large(input_file.MOST)
    return found


def _looks_like_line(first: bytes) -> bool:
    """True if the first line is an exchange, or looks like a broken one."""
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        return b'"request"' in first or not first.lstrip().startswith(b"{")
    return not isinstance(value, dict) or "request" in value


def _exchange(where: str, make: Callable[[], Exchange], hint: str = "") -> Exchange:
    """The exchange that `make` returns, if it can be judged and written to a file again."""
    try:
        return _judgeable(make())
    except ValueError as error:
        reason = " ".join(str(error).split())[:200]
        if isinstance(error, UnicodeEncodeError):
            reason = HALF_SAID
        raise UnreadableFile(f"{where}: not an exchange ({reason}){hint}") from error


def _judgeable(x: Exchange) -> Exchange:
    """The exchange itself. Raises ValueError if its URL is none, or no text can hold it."""
    try:
        _ = urlsplit(x.request.url).port
    except ValueError as error:  # in words of Python
        raise ValueError("the URL has no host and port that can be read") from error
    texts = [x.id, x.request.method, x.request.url, x.failure, x.response and x.response.reason]
    texts += [text for side in (x.request.headers, x.headers) for field in side for text in field]
    if HALF.search("".join(map(str, texts))):
        raise ValueError(HALF_SAID)
    return x


def _json_lines(path: Path, lines: Iterator[_Line], base_path: str) -> Iterator[Exchange]:
    hint = '; each line must be an object with "id", "request" and "response"'
    for number, line in lines:
        if line.strip():
            yield _exchange(f"{path}:{number}", partial(_from_line, line, base_path), hint)


def _from_line(line: bytes, base_path: str) -> Exchange:
    return from_json(_value(line), base_path)


def from_json(value: Mapping[str, Any], base_path: str = "/api") -> Exchange:
    """An exchange from its JSON Lines form.

    {"id", "request": {"method", "origin"?, "path", "headers"?, "body"?, "body_encoding"?,
    "body_omitted"?, "authorization"?, "provoked"?, "malformed"?, "octets"?},
    "response": {"status", "reason"?, "headers"?,
    "body"?, "body_encoding"?, "body_omitted"?, "failure"?}, "ms"?, "started"?, "session"?, "base"?}

    `headers` is an object; `body` is text, or base64 if `body_encoding` says so; `status` null
    means that no response came; `body_omitted` says why a body was not recorded, or only its
    beginning, which is not judged; `authorization`, `malformed` and `octets` are as of `Request`;
    `provoked` true that a kit had sent nonsense. Without `origin` the Host field counts. Raises
    ValueError, saying why, for anything else.
    """
    sent, came = member(value, "request", dict), member(value, "response", dict)
    headers = _headers(sent)
    origin = optional(sent, "origin", str, "") or "http://" + headers.get("Host", "host.invalid")
    answered = came.get("status") is not None
    return Exchange(
        id=str(member(value, "id", object)),
        request=Request(
            method=member(sent, "method", str),
            url=origin + member(sent, "path", str),
            headers=headers,
            body=None if sent.get("body_omitted") else _body(sent),
            omitted=str(sent.get("body_omitted") or ""),
            authorization=optional(sent, "authorization", str, ""),
            malformed=optional(sent, "malformed", str, ""),
            octets=optional(sent, "octets", str, ""),
        ),
        response=Response(
            status(came),
            optional(came, "reason", str, ""),
            _fitting(_headers(came), came),
            None if came.get("body_omitted") else _body(came) or b"",
            str(came.get("body_omitted") or ""),
        )
        if answered
        else None,
        base=origin + optional(value, "base", str, base_path),
        ms=amount(value, "ms"),
        started=None if value.get("started") is None else amount(value, "started"),
        failure=optional(came, "failure", str, "")
        or (None if answered else "the connection ended without answer"),
        provoked=sent.get("provoked") is True,
        session=optional(value, "session", str, ""),
    )


def _headers(side: dict[str, Any]) -> Headers:
    fields = optional(side, "headers", dict, {})
    return Headers({name: str(text) for name, text in fields.items()})


def _fitting(headers: Headers, came: dict[str, Any]) -> Headers:
    """Header fields with the length of what is left of a content in which a secret was hidden."""
    if HIDDEN not in str(came.get("body")) or came.get("body_encoding"):
        return headers
    length = str(len(str(came["body"]).encode("utf-8", "replace")))
    fields = ((n, length if n.lower() == "content-length" else v) for n, v in headers)
    return Headers(tuple(fields))


def _body(side: dict[str, Any]) -> bytes | None:
    body = side.get("body")
    if body is None:
        return None
    text = of_kind(body, str, "body")
    if side.get("body_encoding") == "base64":
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise ValueError(f"body is not base64: {error}") from error
    return text.encode("utf-8")


def to_json(exchange: Exchange) -> dict[str, Any]:
    """The JSON Lines form of an exchange (not redacted)."""
    request, response = exchange.request, exchange.response
    parts = urlsplit(request.url)
    path = parts.path + ("?" + parts.query if parts.query else "")
    sent: dict[str, Any] = {"method": request.method, "origin": request.origin, "path": path}
    sent |= {"headers": _joined(request.headers), **_text(request.body)}
    more = {
        "authorization": request.authorization,
        "body_omitted": request.omitted,
        "malformed": request.malformed,
        "octets": request.octets,
    }
    sent |= {name: text for name, text in more.items() if text}
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
    more = {"session": exchange.session} if exchange.session else {}
    if (base := urlsplit(exchange.base).path.rstrip("/")) != "/api" and exchange.session:
        more["base"] = base
    return {
        "id": exchange.id,
        **more,
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


def _json(path: Path, content: bytes, base_path: str) -> Iterator[Exchange]:
    """A HAR file, or a single document."""
    is_har = path.suffix == ".har"
    try:
        value = _value(content)
        log = value.get("log") if isinstance(value, dict) and not is_har else None
        is_har = is_har or (isinstance(log, dict) and "entries" in log)
        entries = member(member(value, "log", dict), "entries", list) if is_har else []
    except ValueError as error:
        kind = "not a HAR file" if is_har else "neither JSON nor JSON Lines"
        raise UnreadableFile(f"{path}: {kind} ({error})") from error
    if not is_har:
        yield _document(path, content, "application/json", base_path)
    found, broken = list[Exchange](), list[UnreadableFile]()
    for n, entry in enumerate(entries, 1):
        make = partial(har.exchange, n, entry, base_path)
        try:
            found.append(_exchange(f"{path}: entry {n}", make))
        except UnreadableFile as error:
            broken.append(error)
            reason = str(error).removeprefix(f"{path}: entry {n}: ")
            nothing = Request("GET", "")
            found.append(Exchange(str(n), nothing, None, base_path, disturbance=reason))
    if broken and len(broken) == len(found):
        raise broken[0]
    yield from _of_one_endpoint(found)


def _of_one_endpoint(found: list[Exchange]) -> Iterator[Exchange]:
    """What a browser recorded, with a `disturbance` for what went to another host.

    The endpoint is where the first entry point was seen, or else the first of its paths.
    """
    below = [x for x in found if x.api_path is not None and not x.disturbance]
    entry_points = [x for x in below if x.api_path == "" and _LOOKS.search(x.body[:1000])]
    origin = next((x.request.origin for x in (*entry_points, *below)), "")
    for x in found:
        foreign = x.request.origin != origin and not x.disturbance
        yield replace(x, disturbance=f"it is not of {origin}") if foreign else x


def _value(content: bytes) -> Any:
    """The value of a JSON text. Raises ValueError, saying why there is none."""
    try:
        return parse_json(content)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 text (byte {error.start})") from error
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _document(path: Path, content: bytes, media_type: str, base_path: str) -> Exchange:
    try:
        return _judgeable(lone_document.exchange(path.name, content, media_type, base_path))
    except ValueError as error:
        raise UnreadableFile(f"{path}: {error}") from error
