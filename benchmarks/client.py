"""A reference server in a process of its own, and a client that keeps its connection."""

from __future__ import annotations

import base64
import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, Self
from urllib.parse import urlencode, urlsplit

BASIC = "Basic " + base64.b64encode(b"mockuser:mockpassword").decode()
FORM = "application/x-www-form-urlencoded"


@contextmanager
def serving(
    *options: str, log: IO[str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`deltacloud-tck serve` on a free port: process and base URL; errors go to `log`."""
    command = [sys.executable, "-m", "tck", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, header fields and body of an answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One connection to a server; answers are JSON. Not for several threads."""

    def __init__(self, url: str, timeout: float = 60.0) -> None:
        parts = urlsplit(url)
        self._base = parts.path
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=timeout)

    def __call__(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Reply:
        """Ask for `path` below the base; a mapping as the body is sent as a form."""
        sent = {"Authorization": BASIC, "Accept": "application/json", **(headers or {})}
        if isinstance(body, dict):
            sent["Content-Type"] = FORM
            body = urlencode(body)
        self._connection.request(method, self._base + path, body, sent)
        answer = self._connection.getresponse()
        return Reply(answer.status, answer.headers, answer.read())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._connection.close()
