"""One HTTP request as the server sees it: target, matrix parameters, form, credentials."""

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

MAX_FORM = 16 * 1024 * 1024  # bytes of a form that are kept in memory, files excluded
OVERRIDES = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"})

_ABSOLUTE = ("http://", "https://")  # absolute form of a target (RFC 9112 3.2.2)
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_HOST = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:%\[\]-]+")
_BAD_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_NOT_ASCII = re.compile(r"[^\x21-\x7e]")


@dataclass(frozen=True, slots=True)
class Target:
    """A request target, taken apart.

    `segments` are the parts of the path, still percent-encoded and without matrix
    parameters; `matrix` are those, as (segment, name, value).
    """

    query: str
    segments: tuple[str, ...]
    matrix: tuple[tuple[str, str, str], ...]


@lru_cache(maxsize=1024)
def parse_target(raw: str) -> Target:
    """Take `/api;driver=ec2/keys?id=x` apart."""
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
        raise ValidationError("A parameter is no UTF-8 text.") from None


def _raw_target(environ: Environ) -> str:
    """The path as it was sent if the server tells it, else what WSGI left of it; and query."""
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
    """A request; everything that costs time is worked out when first asked for."""

    def __init__(self, environ: Environ) -> None:
        self.environ = environ
        self._form: tuple[dict[str, str], dict[str, FileStorage]] | None = None

    def header(self, name: str) -> str | None:
        """A header by its WSGI name; text that is UTF-8 is read as such."""
        value: str | None = self.environ.get(f"HTTP_{name}")
        if value is None or value.isascii():
            return value
        try:
            return value.encode("latin-1").decode("utf-8")
        except UnicodeDecodeError:
            return value

    @cached_property
    def url(self) -> str:
        """The target as it was sent; percent-encoded where that was no URI."""
        raw = _raw_target(self.environ)
        return quote(raw.encode("latin-1"), safe=_PRINTABLE) if _NOT_ASCII.search(raw) else raw

    @cached_property
    def target(self) -> Target:
        return parse_target(self.url)

    @cached_property
    def base(self) -> str:
        """Scheme and authority for absolute hrefs, and where the app is mounted."""
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
        """The method, after the override that forms can ask for by `_method` (facts 1.1)."""
        method: str = self.environ["REQUEST_METHOD"]
        if method == "POST":
            wanted = self.form.get("_method", "").upper()
            return wanted if wanted in OVERRIDES else method
        return method

    @cached_property
    def query(self) -> dict[str, str]:
        """Query parameters; of repeated ones the last (facts C.1)."""
        return _pairs(self.target.query)

    @property
    def form(self) -> dict[str, str]:
        return self._parsed_form()[0]

    @property
    def files(self) -> dict[str, FileStorage]:
        return self._parsed_form()[1]

    @cached_property
    def parameters(self) -> dict[str, str]:
        """From the form, the query and matrix parameters; in this order of precedence."""
        matrix = {name: value for _, name, value in self.target.matrix}
        return {**matrix, **self.query, **self.form}

    @cached_property
    def credentials(self) -> tuple[str, str] | None:
        """User and password of HTTP Basic; None for another scheme or none at all."""
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
        """The body as a stream that ends where the body ends; refused if it breaks off."""
        stream: Readable = self.environ["wsgi.input"]
        if self.environ.get("wsgi.input_terminated"):
            return stream
        length = self.length
        return io.BytesIO() if length is None else LimitedStream(cast("IO[bytes]", stream), length)

    @property
    def length(self) -> int | None:
        """Bytes of the body, if they were counted beforehand."""
        return get_content_length(self.environ)

    def whole_body(self) -> bytes:
        """The body in one piece; refused if it is larger than a form may be."""
        data = bytearray()
        while piece := self.body.read(MAX_FORM + 1 - len(data)):
            data += piece
            if len(data) > MAX_FORM:
                raise TooLargeError
        return bytes(data)

    def close(self) -> None:
        """Let go of uploaded files."""
        if self._form is not None:
            for file in self._form[1].values():
                file.close()

    def prefixed_headers(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Headers whose WSGI name starts so, with the rest of the name."""
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
        # A POST that does not say what it sends is taken for a form, as Rack does it.
        if media_type not in ("", "application/x-www-form-urlencoded"):
            return {}, {}
        try:
            return _pairs(self.whole_body().decode("utf-8")), {}
        except UnicodeDecodeError:
            raise ValidationError("The form is no UTF-8 text.") from None

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
        raise ValidationError("A parameter is no UTF-8 text.") from None
