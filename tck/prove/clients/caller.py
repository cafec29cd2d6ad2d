"""What the scripts of clients send with: requests over a socket, as right or as wrong as wanted."""

from __future__ import annotations

import base64
import http.client
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

XML, JSON = "application/xml", "application/json"
FORM = "application/x-www-form-urlencoded"
_SECONDS = 10.0
Values = Mapping[str, str] | list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `status` 0 if nothing did."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def id(self) -> str:
        """The id of the first object that the answer shows, or of what Location leads to."""
        shown = re.search(r"<\w+ [^>]*\bid=[\"']([^\"']+)|\"id\": *\"([^\"]+)", self.body)
        location = self.headers.get("Location", "").rpartition("/")[2]
        return (shown[1] or shown[2]) if shown else location


class Caller:
    """A client under construction: it does what its script says, else as usual.

    `wait` passes time without waiting: what is sent later counts as sent so much later (seconds);
    `waited` is by number of the request. `others` has the base URLs of other servers by name.
    """

    def __init__(self, url: str, others: Mapping[str, str] | None = None) -> None:
        """`url`: of the entry point."""
        self.url = url
        self.others = others or {}
        self.user, self.password = "mockuser", "mockpassword"
        self.accept: str | None = XML
        self.version = "1.1"
        self.keeps = True
        self.extra: dict[str, str] = {}
        self.waited: list[float] = []
        self._later = 0.0
        self._socket: socket.socket | None = None
        self._at = ""

    # ------------------------------------------------------------ requests

    def get(self, path: str, **options: object) -> Answer:
        """GET below the base; options as for `send`."""
        return self.send("GET", path, **options)  # type: ignore[arg-type]

    def post(self, path: str, form: Values | None = None, **options: object) -> Answer:
        """POST with an urlencoded form, if one is given."""
        return self.send("POST", path, form=form, **options)  # type: ignore[arg-type]

    def delete(self, path: str, **options: object) -> Answer:
        """DELETE."""
        return self.send("DELETE", path, **options)  # type: ignore[arg-type]

    def entry(self) -> Answer:
        """Read the entry point."""
        return self.get("")

    def instance(self, **more: str) -> str:
        """Launch an instance; its id."""
        return self.post("/instances", {"image_id": "img1", **more}).id

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Values | None = None,
        form: Values | None = None,
        body: bytes | None = None,
        fields: Mapping[str, str | None] | None = None,
        auth: bool = True,
        at: str = "",
    ) -> Answer:
        """Send a request. `fields` are added, or left out where None; `at`: another base URL."""
        url = (at or self.url) + path
        if query is not None:
            url += "?" + urlencode(query)
        parts = urlsplit(url)
        head: dict[str, str | None] = {"Host": parts.netloc, "Accept": self.accept}
        if auth:
            pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            head["Authorization"] = f"Basic {pair}"
        if form is not None:
            body = urlencode(form).encode()
            head["Content-Type"] = FORM
        if body is not None or method in ("POST", "PUT"):
            head["Content-Length"] = str(len(body or b""))
        if self.version == "1.1" and not self.keeps:
            head["Connection"] = "close"
        head |= {**self.extra, **(fields or {})}
        target = url.partition(parts.netloc)[2]
        lines = [f"{method} {target} HTTP/{self.version}"]
        lines += [f"{name}: {value}" for name, value in head.items() if value is not None]
        message = "\r\n".join([*lines, "", ""]).encode() + (body or b"")
        return self.raw(message, method, parts.netloc)

    def raw(self, message: bytes, method: str = "GET", netloc: str = "") -> Answer:
        """Send these bytes as one request, on the connection that is open, or on a new one."""
        self.waited.append(self._later)
        connection = self._connection(netloc or urlsplit(self.url).netloc)
        response = http.client.HTTPResponse(connection, method=method)
        try:
            connection.sendall(message)
            response.begin()
            content = response.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            self.close()
            return Answer(0, {}, "")
        if response.will_close or not self.keeps:
            self.close()
        return Answer(response.status, dict(response.headers.items()), content)

    def wait(self, seconds: float) -> None:
        """Let time pass before the next request."""
        self._later += seconds

    # ------------------------------------------------------------ the connection

    def _connection(self, netloc: str) -> socket.socket:
        if self._socket is not None and self._at != netloc:
            self.close()
        if self._socket is None:
            host, _, port = netloc.partition(":")
            self._socket = socket.create_connection((host, int(port or 80)), _SECONDS)
            self._at = netloc
        return self._socket

    def close(self) -> None:
        """Close the connection; the next request opens one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
