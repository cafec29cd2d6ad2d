"""The recorded exchanges, and how one of them is sent again."""

from __future__ import annotations

import base64
import http.client
import json
import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[2] / "recordings" / "apache-deltacloud-mock.jsonl"
_DESCRIBED = re.compile(r"<(\d+) times the letter (\w)>")


@dataclass(frozen=True)
class Sent:
    """A request as it was recorded; the body is bytes, whatever it was stored as."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """An answer; status None stands for a server that died, body None for one left out."""

    status: int | None
    headers: Mapping[str, str]
    body: bytes | None

    def header(self, name: str) -> str | None:
        wanted = name.lower()
        return next((v for n, v in self.headers.items() if n.lower() == wanted), None)


@dataclass(frozen=True)
class Recorded:
    id: str
    sent: Sent
    answer: Answer

    @property
    def version(self) -> str:
        """The version of HTTP is not recorded, but one exchange is named after it."""
        return "HTTP/1.0" if self.id.endswith(".http10") else "HTTP/1.1"


def recorded() -> Iterator[Recorded]:
    """All exchanges in the order in which they were recorded."""
    for line in FILE.read_text("utf-8").splitlines():
        row = json.loads(line)
        request, response = row["request"], row["response"]
        sent = Sent(request["method"], request["path"], request["headers"], _bytes(request) or b"")
        body = None if response.get("body_omitted") else _bytes(response) or b""
        yield Recorded(row["id"], sent, Answer(response["status"], response["headers"], body))


def _bytes(message: Mapping[str, Any]) -> bytes | None:
    body = message["body"]
    if body is None:
        return None
    if message.get("body_encoding") == "base64":
        return base64.b64decode(body)
    if described := _DESCRIBED.fullmatch(body):
        return described[2].encode() * int(described[1])
    return str(body).encode()


def send(address: tuple[str, int], sent: Sent, version: str) -> Answer:
    """Send a request as it stands, without Host if it has none, and read the answer."""
    headers = {**sent.headers, **({"Content-Length": str(len(sent.body))} if sent.body else {})}
    head = [f"{sent.method} {sent.path} {version}", *(f"{n}: {v}" for n, v in headers.items())]
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + sent.body)
        response = http.client.HTTPResponse(connection, method=sent.method)
        response.begin()
        return Answer(response.status, dict(response.getheaders()), response.read())
