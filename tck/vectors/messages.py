"""The requests that carry out one step: a client may choose among several that mean the same."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from tck.schemas.operations import API, Operation

ORIGIN = "http://cloud.example:3001"
USER, PASSWORD = "mockuser", "mockpassword"
AUTHORIZATION = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
MEDIA_TYPES = {"xml": "application/xml", "json": "application/json", "html": "text/html"}
_FORM = "application/x-www-form-urlencoded"
_BOUNDARY = "-----of-a-vector"


@dataclass(frozen=True, slots=True)
class Arguments:
    """What an operation is asked to do.

    `path` and `parameters` by name; `headers` are those that carry arguments; `content` of a blob.
    """

    path: Mapping[str, str]
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes | None

    def to_json(self) -> dict[str, Any]:
        """As in a request case."""
        value: dict[str, Any] = {
            "path": dict(self.path),
            "parameters": dict(self.parameters),
            "headers": dict(self.headers),
        }
        return value | ({} if self.content is None else {"content": body_json(self.content)})


@dataclass(frozen=True, slots=True)
class Message:
    """A request; `encoding` says where its parameters are: `query`, `form`, `multipart`, `none`.

    `target` is the path with the query. `headers` leave out what any HTTP library adds by itself
    (User-Agent, Accept-Encoding, Connection).
    """

    encoding: str
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    def to_json(self) -> dict[str, Any]:
        """As in a request case."""
        return {
            "encoding": self.encoding,
            "method": self.method,
            "target": self.target,
            "headers": dict(self.headers),
            "body": body_json(self.body),
        }


def body_json(body: bytes) -> dict[str, str]:
    """Bytes as `text`, to be encoded as UTF-8, or else as `base64`."""
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def body_bytes(value: Mapping[str, str]) -> bytes:
    """The bytes that `body_json` made this value from."""
    return value["text"].encode() if "text" in value else base64.b64decode(value["base64"])


def messages(operation: Operation, arguments: Arguments, format_: str) -> tuple[Message, ...]:
    """Every request that has the operation do this; the usual one first.

    Parameters of a POST may be in the query, in an urlencoded form or in a multipart one (C1), but
    for the form of the entry point, which is urlencoded.
    """
    return tuple(_messages(operation, arguments, format_))


def _messages(operation: Operation, arguments: Arguments, format_: str) -> Iterator[Message]:
    target = API.base + operation.path
    for name, value in arguments.path.items():
        target = target.replace(f"{{{name}}}", quote(value, safe="~@:,"))
    headers = {"Host": ORIGIN.partition("//")[2], "Authorization": AUTHORIZATION}
    if format_:
        headers["Accept"] = MEDIA_TYPES[format_]
    headers |= arguments.headers
    given, method = arguments.parameters, operation.method
    query = f"{target}?{urlencode(given, quote_via=quote)}"
    if arguments.content is not None:
        length = {"Content-Length": str(len(arguments.content))}
        encoding = "query" if given else "none"
        asked = query if given else target
        yield Message(encoding, method, asked, headers | length, arguments.content)
    elif not given:
        empty = {"Content-Length": "0"} if method == "POST" else {}
        yield Message("none", method, target, headers | empty)
    elif method != "POST":
        yield Message("query", method, query, headers)
    else:
        only_form = operation.form == _FORM
        in_form = _encoded("form", target, headers, _FORM, urlencode(given).encode())
        in_parts = _encoded(
            "multipart",
            target,
            headers,
            f"multipart/form-data; boundary={_BOUNDARY}",
            _parts(operation, given),
        )
        yield from [in_parts, in_form] if operation.form and not only_form else [in_form]
        if not only_form:
            if not operation.form:
                yield in_parts
            yield Message("query", method, query, headers | {"Content-Length": "0"})


def _encoded(
    encoding: str, target: str, headers: Mapping[str, str], media_type: str, body: bytes
) -> Message:
    about = {"Content-Type": media_type, "Content-Length": str(len(body))}
    return Message(encoding, "POST", target, {**headers, **about}, body)


def _parts(operation: Operation, given: Mapping[str, str]) -> bytes:
    """A multipart body (RFC 7578); contents of blobs are in a part with a filename."""
    files = {parameter.name for parameter in operation.params if parameter.type == "file"}
    lines = []
    for name, value in given.items():
        about = f'Content-Disposition: form-data; name="{name}"'
        if name in files:
            about += '; filename="content"\r\nContent-Type: text/plain'
        lines += [f"--{_BOUNDARY}", about, "", value]
    return "\r\n".join([*lines, f"--{_BOUNDARY}--", ""]).encode()
