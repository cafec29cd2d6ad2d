"""What a request says, read once for the rules: its parameters with their places, and who asks."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import HIDDEN
from tck.rules.reading import once

Place = Literal["query", "form"]
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_QUOTED = re.compile(r'([\w*]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s;"]+))')


@dataclass(frozen=True, slots=True)
class Sent:
    """One parameter of a request, where it was sent, decoded. The content of a file is not kept."""

    name: str
    value: str
    place: Place


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body: its header, and the content."""

    head: Mapping[str, str]
    content: bytes

    @property
    def name(self) -> str | None:
        """The `name` in Content-Disposition, None if there is none (RFC 7578 4.2)."""
        return self._disposition.get("name")

    @property
    def is_file(self) -> bool:
        """Whether the part names a file."""
        return "filename" in self._disposition or "filename*" in self._disposition

    @property
    def _disposition(self) -> dict[str, str]:
        kind, _, rest = self.head.get("content-disposition", "").partition(";")
        return options(rest) if kind.strip().lower() == "form-data" else {}


def options(text: str) -> dict[str, str]:
    """Parameters of a field value: `boundary=x; charset="y"`, names in lower case."""
    found = _QUOTED.finditer(text)
    return {m[1].lower(): m[3] if m[2] is None else re.sub(r"\\(.)", r"\1", m[2]) for m in found}


def media_type(x: Exchange) -> str:
    """Content-Type of the request without parameters, in lower case; empty if there is none."""
    return x.request.headers.get("Content-Type").partition(";")[0].strip().lower()


def content(x: Exchange) -> bytes:
    """The content of the request; empty if there was none, or it was not recorded."""
    return x.request.body or b""


@once
def parts(x: Exchange) -> list[Part] | None:
    """The parts of a multipart body (RFC 2046 5.1.1); None if it cannot be read as one."""
    boundary = options(x.request.headers.get("Content-Type").partition(";")[2]).get("boundary")
    if not boundary:
        return None
    mark = b"--" + boundary.encode("utf-8")
    pieces = re.split(rb"(?:\A|\r?\n)" + re.escape(mark), content(x))
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        return None
    found = []
    for piece in pieces[1:-1]:
        separated = re.match(rb"[ \t]*\r?\n(?:(.*?)\r?\n)?\r?\n", piece, re.DOTALL)
        if separated is None:
            return None
        lines = (separated[1] or b"").decode("utf-8", "replace").splitlines()
        head = {n.strip().lower(): v.strip() for n, _, v in (li.partition(":") for li in lines)}
        found.append(Part(head, piece[separated.end() :]))
    return found


@once
def parameters(x: Exchange) -> list[Sent]:
    """Every parameter of query and form, in order, also where one is repeated.

    A blank before a name in a form belongs to no name (C32).
    """
    pairs = parse_qsl(urlsplit(x.request.url).query, keep_blank_values=True)
    found = [Sent(name, value, "query") for name, value in pairs]
    if media_type(x) == FORM:
        text = content(x).decode("utf-8", "replace")
        pairs = parse_qsl(text, keep_blank_values=True)
        found += [Sent(name.strip(), value, "form") for name, value in pairs]
    elif media_type(x) == MULTIPART:
        for part in parts(x) or ():
            value = "a file" if part.is_file else part.content.decode("utf-8", "replace")
            found.append(Sent(part.name or "", value, "form"))
    return found


def values(x: Exchange) -> dict[str, str]:
    """The parameters by name; those of the form win, and the last of a name."""
    return {sent.name: sent.value for sent in parameters(x)}


def are_known(x: Exchange) -> bool:
    """Whether all parameters can be known: the content was kept, or there was none."""
    return not x.request.omitted and not x.request.malformed


def credentials(x: Exchange) -> tuple[str, str] | None:
    """User and password of Basic authentication; None if there are none, or they are hidden."""
    scheme, _, encoded = x.request.headers.get("Authorization").strip().partition(" ")
    if scheme.lower() != "basic" or HIDDEN in encoded:
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None
    user, colon, password = text.partition(":")
    return (user, password) if colon else None


def matrix(x: Exchange) -> Iterator[tuple[str, str]]:
    """Matrix parameters of the path, decoded (C8)."""
    for segment in x.request.path.split("/"):
        for pair in segment.split(";")[1:]:
            name, _, value = pair.partition("=")
            yield unquote(name), unquote(value)
