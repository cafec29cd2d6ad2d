"""A request and an answer on their way through the layer that alters them."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode

from tck.schemas.operations import API

Headers = list[tuple[str, str]]
Parameters = dict[str, str]
_FORM = "application/x-www-form-urlencoded"
_FORMATS = {"application/xml": "xml", "application/json": "json", "text/html": "html"}


class Asked:
    """A request; its `environ` may be changed on the way to the server.

    `operation` is an id such as `instances.index`, empty if the API has no such operation;
    `ids` are the values in the path. These are read once, from the path as it was sent.
    `memory` lives as long as the server does. `right_credentials` are user and password that
    the server accepts, `other_credentials` those of another account.
    `driver` answers those who select none. `beside`: the requests that were under way when this one
    came. `reply`, once set, is the answer, and the server is not asked.
    """

    def __init__(
        self,
        environ: dict[str, Any],
        memory: dict[str, Any],
        credentials: tuple[str, str],
        other: tuple[str, str] | None = None,
        driver: Any = None,
        beside: tuple[Asked, ...] = (),
    ) -> None:
        self.environ = dict(environ)
        self.driver = driver
        self.beside = beside
        self.memory = memory
        self.reply: Answer | None = None
        self.right_credentials = credentials
        self.other_credentials = other
        self.method: str = environ["REQUEST_METHOD"]
        raw = environ.get("REQUEST_URI") or quote(environ.get("PATH_INFO", "").encode("latin-1"))
        self.read_path(raw.partition("?")[0].removeprefix(environ.get("SCRIPT_NAME", "")))

    def read_path(self, path: str) -> None:
        """Read operation and ids from a path, in place of the one that was sent."""
        self.path = "/".join(part.partition(";")[0] for part in path.split("/"))
        found = API.match(self.method, self.path.removeprefix(API.base).rstrip("/"))
        self.operation = found[0].id if found else ""
        self.document = found[0].document if found else ""
        self.ids = tuple(found[1].values()) if found else ()
        # HEAD of an operation that has no HEAD of its own is answered as GET.
        self.as_get = self.method == "HEAD" and found is not None and found[0].method == "GET"

    @property
    def collection(self) -> str:
        """The collection of the operation, empty for the entry point and unknown paths."""
        return self.operation.partition(".")[0].removeprefix("api")

    def divert(self, path: str) -> None:
        """Request another path of the server (`/api/...`); the query stays."""
        self.environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
        self.environ["REQUEST_URI"] = self.environ.get("SCRIPT_NAME", "") + path

    @property
    def query(self) -> Parameters:
        return dict(parse_qsl(self.environ.get("QUERY_STRING", ""), keep_blank_values=True))

    @query.setter
    def query(self, parameters: Parameters) -> None:
        self.environ["QUERY_STRING"] = urlencode(parameters)

    def header(self, name: str) -> str | None:
        """A field of the request, or None."""
        value: str | None = self.environ.get(_wsgi_name(name))
        return value

    def set_header(self, name: str, value: str | None) -> None:
        """Set a field of the request; None removes it."""
        self.environ.pop(_wsgi_name(name), None)
        if value is not None:
            self.environ[_wsgi_name(name)] = value

    def authorize(self) -> None:
        """Send the right credentials."""
        token = base64.b64encode(":".join(self.right_credentials).encode()).decode()
        self.set_header("Authorization", f"Basic {token}")

    @property
    def credentials(self) -> tuple[str, str] | None:
        """User and password that the request carries, None without Basic credentials."""
        scheme, _, token = (self.header("Authorization") or "").partition(" ")
        try:
            user, colon, password = base64.b64decode(token).decode().partition(":")
        except ValueError:
            return None
        return (user, password) if colon and scheme.lower() == "basic" else None

    @property
    def by_other(self) -> bool:
        """Whether the request is the second user's."""
        return self.credentials is not None and self.credentials == self.other_credentials

    @property
    def authenticated(self) -> bool:
        """Whether the request carries right credentials."""
        return self.by_other or self.credentials == self.right_credentials

    @property
    def body(self) -> bytes:
        """The body; it can be read again."""
        length = int(self.environ.get("CONTENT_LENGTH") or 0)
        data: bytes = self.environ["wsgi.input"].read(length) if length else b""
        self.environ["wsgi.input"] = io.BytesIO(data)
        return data

    @body.setter
    def body(self, data: bytes) -> None:
        self.environ["wsgi.input"] = io.BytesIO(data)
        self.environ["CONTENT_LENGTH"] = str(len(data))

    @property
    def form(self) -> Parameters:
        """Parameters of an urlencoded body."""
        if not self.environ.get("CONTENT_TYPE", "").startswith(_FORM):
            return {}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def rewrite(self, change: Callable[[Parameters], Parameters]) -> None:
        """Change the parameters of the query and of an urlencoded body."""
        self.query = change(self.query)
        if form := self.form:
            self.body = urlencode(change(form)).encode()


def _wsgi_name(name: str) -> str:
    variable = name.upper().replace("-", "_")
    return variable if variable in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{variable}"


class Answer:
    """A status, header fields and a whole body; all may be changed.

    With `stored` the body is the content of a blob, and not a document of the API.
    """

    def __init__(
        self, status: int, headers: Headers, body: bytes = b"", *, stored: bool = False
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.stored = stored

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def format(self) -> str | None:
        """`xml`, `json`, `html` or None, by Content-Type; None for the content of a blob."""
        media_type = (self.get("Content-Type") or "").partition(";")[0]
        return None if self.stored else _FORMATS.get(media_type)

    def get(self, name: str) -> str | None:
        """The first field of a name, or None."""
        lower = name.lower()
        return next((value for key, value in self.headers if key.lower() == lower), None)

    def set(self, name: str, value: str | None) -> None:
        """Set a field; None removes it."""
        lower = name.lower()
        self.headers = [(key, v) for key, v in self.headers if key.lower() != lower]
        if value is not None:
            self.headers.append((name, value))

    def replace(self, status: int, content: str = "", media_type: str = "text/plain") -> None:
        """Become another answer, without entity-tag, Location and Allow."""
        self.stored = False
        self.status, self.body = status, content.encode()
        for name in ("ETag", "Location", "Allow"):
            self.set(name, None)
        self.set("Content-Type", media_type if content else None)
