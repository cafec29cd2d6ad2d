"""One request and the response to it: the unit of evidence on which every judgement rests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lxml import etree

from tck.endpoint.limits import Limits
from tck.endpoint.parsing import Parsed, parse
from tck.schemas.operations import API, Operation

# Media types of the three formats of the API (A10).
FORMATS = {"application/xml": "xml", "text/xml": "xml", "application/json": "json"}
FORMATS |= {"text/html": "html", "application/xhtml+xml": "html"}


class Headers:
    """Header fields in the order in which they came; names are case-insensitive (RFC 9110 5.1)."""

    __slots__ = ("_values", "fields")

    def __init__(self, fields: Mapping[str, str] | tuple[tuple[str, str], ...] = ()) -> None:
        """`fields`: a mapping, or (name, value) pairs, in which a name may come twice."""
        self.fields = tuple(fields.items()) if isinstance(fields, Mapping) else fields
        self._values: dict[str, list[str]] = {}
        for name, value in self.fields:
            self._values.setdefault(name.lower(), []).append(value)

    def get(self, name: str, default: str = "") -> str:
        """All values of a field, joined by commas (RFC 9110 5.3); `default` if it is absent."""
        values = self._values.get(name.lower())
        return ", ".join(values) if values else default

    def all(self, name: str) -> list[str]:
        """Every value of a field, one for each line on the wire; empty if it is absent."""
        return list(self._values.get(name.lower(), ()))

    def __contains__(self, name: str) -> bool:
        """True if the field is present, even with an empty value."""
        return name.lower() in self._values

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Iterate over (name, value) pairs, as on the wire."""
        return iter(self.fields)


@dataclass(frozen=True)
class Request:
    """What was sent.

    `method` as on the wire (but see `Exchange.method`); `url` absolute, with matrix parameters and
    query; `body` None if none was sent, or, as `omitted` says, if it was not kept. `version`:
    `HTTP/1.1`, empty if not known; `malformed`: why a server could not read it as HTTP, so that
    nothing is asked of the answer by itself; `octets`: all that was sent on the connection, a
    character a byte, where method, URL, fields and body do not say it.
    `authorization`: what stood in Authorization, fit to be written down (authorization.py); empty
    if that is not known.
    """

    method: str
    url: str
    headers: Headers = Headers()
    body: bytes | None = None
    omitted: str = ""
    version: str = ""
    malformed: str = ""
    authorization: str = ""
    octets: str = ""

    @cached_property
    def path(self) -> str:
        """The path as sent: percent-encoded, with matrix parameters, without query."""
        return urlsplit(self.url).path

    @cached_property
    def query(self) -> dict[str, str]:
        """Query parameters, decoded; the last value of a repeated name."""
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @cached_property
    def origin(self) -> str:
        """`http://host:port`, without the port if the URL has none."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @cached_property
    def form(self) -> dict[str, str]:
        """Parameters of an urlencoded body, decoded; empty for any other body."""
        if not self.headers.get("Content-Type").startswith("application/x-www-form-urlencoded"):
            return {}
        body = (self.body or b"").decode("utf-8", "replace")
        return dict(parse_qsl(body, keep_blank_values=True))

    @property
    def parameters(self) -> dict[str, str]:
        """Parameters of the query and of an urlencoded body; those of the body win."""
        return self.query | self.form


@dataclass(frozen=True)
class Response:
    """What came back. `reason` is the text of the status line.

    `body` None: it was not kept, or not recorded; `omitted` says why.
    """

    status: int
    reason: str = ""
    headers: Headers = Headers()
    body: bytes | None = b""
    omitted: str = ""


@dataclass(frozen=True)
class Exchange:
    """One request with its response; `response` is None if none came.

    `id`: unique within a run or file. `base`: URL of the entry point (`http://host:3001/api`).
    `ms`: milliseconds from sending to the last byte; `started`: seconds since the epoch, None if
    not recorded. `failure`: why no response came, or why it is not complete; None if it is.
    `broke`: the failure is a connection that ended too early. `lone`: only the document is
    evidence, the rest was made up around it (lone_document.py). `disturbance`: why the answer does
    not count and is not judged (disturbance.py); empty if it counts. `kept`: it was sent on a
    connection that had served other exchanges. `provoked`: the kit had sent values that make no
    sense, which documents may repeat. `session`: what tells the client apart from others, empty if
    there is only one. `made`: the id of what it created, where the content is not kept.
    `alias`: the URL that the endpoint gives as that of its entry point, if it is at another origin
    than `base`, as behind a proxy. `limits`: how much of the answer is looked at.
    """

    id: str
    request: Request
    response: Response | None
    base: str
    ms: float = 0.0
    started: float | None = None
    failure: str | None = None
    lone: bool = False
    broke: bool = False
    disturbance: str = ""
    kept: bool = False
    provoked: bool = False
    session: str = ""
    made: str = ""
    alias: str = ""
    limits: Limits = field(default=Limits(), repr=False, compare=False)

    def rebased(self, url: str) -> str:
        """A URL that the endpoint wrote, with `base` where it wrote `alias`."""
        return rebased(url, self.alias, self.base)

    # ------------------------------------------------------------ what was asked

    @cached_property
    def api_path(self) -> str | None:
        """The path below the base without matrix parameters: `/keys/k1`, empty for the entry point.

        None if the path is outside the base.
        """
        path = without_matrix(self.request.path)
        root = urlsplit(self.base).path.rstrip("/")
        if path == root or path == root + "/":
            return ""
        return path[len(root) :] if path.startswith(root + "/") else None

    @cached_property
    def _match(self) -> tuple[Operation, dict[str, str]] | None:
        return None if self.api_path is None else API.match(self.method, self.api_path)

    @property
    def operation(self) -> Operation | None:
        """The operation that the request asks for; None if the API has no such operation."""
        return self._match[0] if self._match else None

    @property
    def path_params(self) -> dict[str, str]:
        """Values in the path, decoded: {"id": "inst1"}; empty without an operation."""
        return self._match[1] if self._match else {}

    @property
    def method(self) -> str:
        """The method that counts: `_method` in a form overrides POST, as in Apache Deltacloud."""
        override = self.request.form.get("_method", "").upper()
        return override if override and self.request.method == "POST" else self.request.method

    # ------------------------------------------------------------ what came

    @property
    def status(self) -> int:
        """The status code; 0 if there was no response."""
        return self.response.status if self.response else 0

    @property
    def ok(self) -> bool:
        """True if the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def headers(self) -> Headers:
        """Header fields of the response; empty if there was none."""
        return self.response.headers if self.response else Headers()

    @property
    def body(self) -> bytes:
        """Content of the response; empty if there was none or it was not recorded."""
        return (self.response.body if self.response else None) or b""

    @cached_property
    def media_type(self) -> str:
        """Content-Type of the response without parameters, in lower case: `application/xml`."""
        return self.headers.get("Content-Type").split(";")[0].strip().lower()

    @cached_property
    def format(self) -> str | None:
        """`xml`, `json` or `html`; None for other media types, and for the content of a blob."""
        op = self.operation
        stored = op is not None and op.document == "bytes" and self.ok
        return None if stored else FORMATS.get(self.media_type)

    @cached_property
    def _parsed(self) -> Parsed:
        return parse(self.body, self.format, self.limits)

    @property
    def xml(self) -> etree._Element | None:
        """Root of the XML document; None if the content is not XML or not well-formed."""
        root: etree._Element | None = self._parsed.tree if self.format == "xml" else None
        return root

    @property
    def namespace(self) -> str:
        """The namespace of the XML root, without which `xml` has its elements; mostly empty."""
        return self._parsed.namespace

    @property
    def json(self) -> Any:
        """The JSON value; None if the content is not JSON or not well-formed."""
        return self._parsed.tree if self.format == "json" else None

    @property
    def syntax_error(self) -> str | None:
        """Why the content cannot be parsed as what its media type says; None if it can."""
        return self._parsed.error

    @property
    def beyond(self) -> str:
        """Why the content is not judged: it was not kept, or has too many nodes; else empty."""
        return (self.response.omitted if self.response else "") or self._parsed.beyond

    @property
    def edited(self) -> bool:
        """True if a recorder changed the body: its size differs from Content-Length."""
        length = self.headers.get("Content-Length")
        return length.isdecimal() and length.lstrip("0") != str(len(self.body)).lstrip("0")


def without_matrix(path: str) -> str:
    """A path without its matrix parameters (C8): `/api;driver=ec2/keys` gives `/api/keys`."""
    if ";" not in path:
        return path
    return "/".join(part.partition(";")[0] for part in path.split("/"))


def rebased(url: str, alias: str, base: str) -> str:
    """A URL with `base` where it begins with `alias`; as it is if it does not."""
    rest = url.removeprefix(alias)
    return base + rest if alias and rest != url and rest[:1] in ("", "/", ";", "?") else url
