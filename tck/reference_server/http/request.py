"""One HTTP request: target, matrix parameters, form, files, credentials."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, Any, Generic, TypeVar, cast
from urllib.parse import quote, unquote

from werkzeug.wsgi import LimitedStream, get_content_length

from tck.reference_server.content import Readable
from tck.reference_server.errors import ValidationError
from tck.reference_server.http import forms
from tck.reference_server.http.forms import Form

Environ = dict[str, Any]

OVERRIDES = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"})

_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_HOST = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:%\[\]-]+")
REMEMBERED = 512  # characters: nothing longer that clients send is kept for the next request
_BAD_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_NOT_ASCII = re.compile(r"[^\x21-\x7e]")


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed request target.

    `segments` are those of the path, still percent-encoded and without matrix parameters;
    `matrix` are these, decoded, as (segment, name, value). `query` is not decoded.
    """

    query: str
    segments: tuple[str, ...]
    matrix: tuple[tuple[str, str, str], ...]


def parse_target(raw: str) -> Target:
    """Parse a target such as `/api;driver=ec2/keys?id=x`; ValidationError if it is malformed."""
    return _known_target(raw) if len(raw) <= REMEMBERED else _parse_target(raw)


def _parse_target(raw: str) -> Target:
    if _BAD_PERCENT.search(raw):
        raise ValidationError("The target holds a percent sign that encodes nothing.")
    path, _, query = raw.partition("?")
    segments, matrix = [], []
    for part in path.split("/")[1:]:
        name, *parameters = part.split(";")
        segments.append(name)
        for parameter in filter(None, parameters):
            key, _, value = parameter.partition("=")
            matrix.append((name, _decode(key), _decode(value)))
    return Target(query, tuple(segments), tuple(matrix))


_known_target = lru_cache(maxsize=1024)(_parse_target)


def _decode(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ValidationError("A parameter is not UTF-8 text.") from None


def _raw_target(environ: Environ) -> str:
    """Path and query: as they were sent if the server gives REQUEST_URI, else from PATH_INFO."""
    raw: str = environ.get("REQUEST_URI") or ""
    path = raw.partition("?")[0].removeprefix(environ.get("SCRIPT_NAME", ""))
    if not raw:
        path = quote(environ.get("PATH_INFO", "").encode("latin-1"), safe="/;=@:!$&'()*+,~")
    query = environ.get("QUERY_STRING", "")
    return f"{path}?{query}" if query else path


@lru_cache(maxsize=64)
def _valid_host(host: str) -> bool:
    return _HOST.fullmatch(host) is not None


T = TypeVar("T")


class _Once(Generic[T]):
    """A property that is computed when it is first used.

    That of functools holds a lock that all requests share (until Python 3.12) while it computes:
    who sends a body slowly would hold up everybody.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, request: Any, _owner: type) -> T:
        value: T = self._compute(request)
        request.__dict__[self._name] = value
        return value


class Request:
    """A request, read from a WSGI environ; its parts are parsed when they are first used.

    Using them raises ValidationError if they are malformed, TooLargeError if a form is over the
    limits of `forms`, and what reading `wsgi.input` raises. `most` is the number of bytes that a
    file in a form may have.
    """

    def __init__(self, environ: Environ) -> None:
        self.environ = environ
        self.most: int | None = None
        self._form: Form | None = None

    def header(self, name: str) -> str | None:
        """A header by its WSGI name without HTTP_, decoded as UTF-8 if it is, else as latin-1."""
        value: str | None = self.environ.get(f"HTTP_{name}")
        if value is None or value.isascii():
            return value
        try:
            return value.encode("latin-1").decode("utf-8")
        except UnicodeDecodeError:
            return value

    @_Once
    def url(self) -> str:
        """Path and query as they were sent; what no URI can hold is percent-encoded."""
        raw = _raw_target(self.environ)
        return quote(raw.encode("latin-1"), safe=_PRINTABLE) if _NOT_ASCII.search(raw) else raw

    @_Once
    def target(self) -> Target:
        """The parsed `url`."""
        return parse_target(self.url)

    @_Once
    def base(self) -> str:
        """Scheme, authority and mount point: the beginning of absolute hrefs."""
        environ = self.environ
        host = environ.get("HTTP_HOST")
        if not host:
            if environ["SERVER_PROTOCOL"] == "HTTP/1.1":  # RFC 9112 3.2
                raise ValidationError("The Host header is missing.")
            host = f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
        if not _valid_host(host):
            raise ValidationError("The Host header names no host.")
        return f"{environ['wsgi.url_scheme']}://{host}{environ.get('SCRIPT_NAME', '')}"

    @_Once
    def method(self) -> str:
        """The method; of a POST what the form field `_method` says, as Rack reads it."""
        method: str = self.environ["REQUEST_METHOD"]
        if method == "POST":
            override = self.form.fields.get("_method", "").upper()
            return override if override in OVERRIDES else method
        return method

    @_Once
    def query(self) -> dict[str, str]:
        """Query parameters; the last of repeated ones."""
        return forms.pairs(self.target.query)

    @property
    def form(self) -> Form:
        """The form in the body of a POST."""
        if self._form is None:
            environ, is_post = self.environ, self.environ["REQUEST_METHOD"] == "POST"
            media_type = environ.get("CONTENT_TYPE", "") if is_post else "none"
            self._form = forms.read(self.body, media_type, self.most)
        return self._form

    @property
    def has_large_form(self) -> bool:
        """Whether the body is a form with files, or one that does not come as a whole."""
        if self.environ["REQUEST_METHOD"] != "POST":
            return False
        multipart = self.environ.get("CONTENT_TYPE", "").lower().startswith("multipart/")
        chunked = "HTTP_TRANSFER_ENCODING" in self.environ
        return multipart or chunked or (self.length or 0) > forms.SMALL

    @_Once
    def parameters(self) -> dict[str, str]:
        """Fields of form, query and matrix; where names are equal, in this order of precedence."""
        matrix = {name: value for _, name, value in self.target.matrix}
        return {**matrix, **self.query, **self.form.fields}

    @_Once
    def credentials(self) -> tuple[str, str] | None:
        """User and password of HTTP Basic; None if there are none, or they are malformed."""
        scheme, _, token = self.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            decoded = base64.b64decode(token.strip(), validate=True)
        except (binascii.Error, ValueError):
            return None
        user, colon, password = decoded.decode("utf-8", "replace").partition(":")
        return (user, password) if colon else None

    @_Once
    def body(self) -> Readable:
        """The body as a stream that ends where the body ends; reading raises if it breaks off."""
        stream: Readable = self.environ["wsgi.input"]
        if self.environ.get("wsgi.input_terminated"):
            return stream
        length = self.length
        return io.BytesIO() if length is None else LimitedStream(cast("IO[bytes]", stream), length)

    @property
    def length(self) -> int | None:
        """Content-Length; None for a body in chunks."""
        return get_content_length(self.environ)

    def close(self) -> None:
        """Close the uploaded files."""
        if self._form is not None:
            self._form.close()

    def prefixed_headers(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Headers whose WSGI name starts with HTTP_ and `prefix`: rest of the name, and value."""
        for key in self.environ:
            if key.startswith(f"HTTP_{prefix}"):
                name = key.removeprefix("HTTP_")
                yield name.removeprefix(prefix), self.header(name) or ""
