"""One HTTP request: target, matrix parameters, form, files, credentials."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import IO, Any, cast
from urllib.parse import parse_qsl, quote, unquote

from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header
from werkzeug.wsgi import LimitedStream, get_content_length

from tck.reference_server.content import Readable
from tck.reference_server.errors import TooLargeError, ValidationError

Environ = dict[str, Any]

MAX_FORM = 16 * 1024 * 1024  # bytes of a form without its files, which are held in memory
OVERRIDES = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"})

_ABSOLUTE = ("http://", "https://")  # absolute form of a target (RFC 9112 3.2.2)
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_HOST = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:%\[\]-]+")
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


@lru_cache(maxsize=1024)
def parse_target(raw: str) -> Target:
    """Parse a target such as `/api;driver=ec2/keys?id=x`; ValidationError if it is malformed."""
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


def _decode(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ValidationError("A parameter is not UTF-8 text.") from None


def _raw_target(environ: Environ) -> str:
    """Path and query: as they were sent if the server gives REQUEST_URI, else from PATH_INFO."""
    raw: str = environ.get("REQUEST_URI") or ""
    if raw.startswith(_ABSOLUTE):
        raw = "/" + raw.partition("://")[2].partition("/")[2]
    path = raw.partition("?")[0].removeprefix(environ.get("SCRIPT_NAME", ""))
    if not raw:
        path = quote(environ.get("PATH_INFO", "").encode("latin-1"), safe="/;=@:!$&'()*+,~")
    query = environ.get("QUERY_STRING", "")
    return f"{path}?{query}" if query else path


@lru_cache(maxsize=64)
def _valid_host(host: str) -> bool:
    return _HOST.fullmatch(host) is not None


class Request:
    """A request, read from a WSGI environ; its parts are parsed when they are first used.

    Using them raises ValidationError if they are malformed, TooLargeError if a form is over
    `MAX_FORM`, and what reading `wsgi.input` raises.
    """

    def __init__(self, environ: Environ) -> None:
        self.environ = environ
        self._form: tuple[dict[str, str], dict[str, FileStorage]] | None = None

    def header(self, name: str) -> str | None:
        """A header by its WSGI name without HTTP_, decoded as UTF-8 if it is, else as latin-1."""
        value: str | None = self.environ.get(f"HTTP_{name}")
        if value is None or value.isascii():
            return value
        try:
            return value.encode("latin-1").decode("utf-8")
        except UnicodeDecodeError:
            return value

    @cached_property
    def url(self) -> str:
        """Path and query as they were sent; what no URI can hold is percent-encoded."""
        raw = _raw_target(self.environ)
        return quote(raw.encode("latin-1"), safe=_PRINTABLE) if _NOT_ASCII.search(raw) else raw

    @cached_property
    def target(self) -> Target:
        """The parsed `url`."""
        return parse_target(self.url)

    @cached_property
    def base(self) -> str:
        """Scheme, authority and mount point: the beginning of absolute hrefs."""
        environ = self.environ
        host = environ.get("HTTP_HOST")
        if not host:
            if environ["SERVER_PROTOCOL"] == "HTTP/1.1":  # RFC 9112 3.2
                raise ValidationError("The Host header is missing.")
            host = f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
        uri = environ.get("REQUEST_URI") or ""
        if uri.startswith(_ABSOLUTE):  # the target's host counts, not the header's
            host = re.split("[/?]", uri.partition("://")[2], maxsplit=1)[0]
        if not _valid_host(host):
            raise ValidationError("The Host header names no host.")
        return f"{environ['wsgi.url_scheme']}://{host}{environ.get('SCRIPT_NAME', '')}"

    @cached_property
    def method(self) -> str:
        """The method; of a POST what the form field `_method` says, as Rack reads it."""
        method: str = self.environ["REQUEST_METHOD"]
        if method == "POST":
            override = self.form.get("_method", "").upper()
            return override if override in OVERRIDES else method
        return method

    @cached_property
    def query(self) -> dict[str, str]:
        """Query parameters; the last of repeated ones."""
        return _pairs(self.target.query)

    @property
    def form(self) -> dict[str, str]:
        """Fields of the form in the body of a POST, without files; the last of repeated ones."""
        return self._parsed_form()[0]

    @property
    def files(self) -> dict[str, FileStorage]:
        """Files of a multipart form, by field."""
        return self._parsed_form()[1]

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Fields of form, query and matrix; where names are equal, in this order of precedence."""
        matrix = {name: value for _, name, value in self.target.matrix}
        return {**matrix, **self.query, **self.form}

    @cached_property
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

    @cached_property
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

    def whole_body(self) -> bytes:
        """The body in one piece; TooLargeError if it is over `MAX_FORM`."""
        data = bytearray()
        while piece := self.body.read(MAX_FORM + 1 - len(data)):
            data += piece
            if len(data) > MAX_FORM:
                raise TooLargeError
        return bytes(data)

    def close(self) -> None:
        """Close the uploaded files."""
        if self._form is not None:
            for file in self._form[1].values():
                file.close()

    def prefixed_headers(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Headers whose WSGI name starts with HTTP_ and `prefix`: rest of the name, and value."""
        for key in self.environ:
            if key.startswith(f"HTTP_{prefix}"):
                name = key.removeprefix("HTTP_")
                yield name.removeprefix(prefix), self.header(name) or ""

    def _parsed_form(self) -> tuple[dict[str, str], dict[str, FileStorage]]:
        if self._form is None:
            self._form = self._parse_form()
        return self._form

    def _parse_form(self) -> tuple[dict[str, str], dict[str, FileStorage]]:
        if self.environ["REQUEST_METHOD"] != "POST":
            return {}, {}
        media_type, options = parse_options_header(self.environ.get("CONTENT_TYPE"))
        if media_type == "multipart/form-data":
            return self._parse_multipart(media_type, options)
        # A POST without Content-Type is read as a form, as Rack does.
        if media_type not in ("", "application/x-www-form-urlencoded"):
            return {}, {}
        try:
            return _pairs(self.whole_body().decode("utf-8")), {}
        except UnicodeDecodeError:
            raise ValidationError("The form is not UTF-8 text.") from None

    def _parse_multipart(
        self, media_type: str, options: dict[str, str]
    ) -> tuple[dict[str, str], dict[str, FileStorage]]:
        parser = FormDataParser(max_form_memory_size=MAX_FORM, max_form_parts=1000, silent=False)
        try:
            _, fields, files = parser.parse(cast("IO[bytes]", self.body), media_type, None, options)
        except HTTPException as refusal:
            raise TooLargeError from refusal
        except ValueError as malformed:
            raise ValidationError("The multipart form is malformed.") from malformed
        values = {name: listed[-1] for name, listed in fields.lists()}
        return values, {name: listed[-1] for name, listed in files.lists()}


def _pairs(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict"))
    except ValueError:  # UnicodeDecodeError among them
        raise ValidationError("A parameter is not UTF-8 text.") from None
