"""Taking secrets out of what is written to files or printed.

Rules and checks judge exchanges as they were. Whatever leaves the process (findings, transcript,
journal, curl lines, console) goes through a `Redactor` first, which hides two kinds of secret:

- The run's own credentials, wherever they stand: an endpoint may echo them in a message, a URL or
  a document. They are known, so they are replaced as plain text, in every encoding in which they
  are likely to come back (percent-encoded, base64, JSON, HTML).
- Secrets that the endpoint makes or is given during the run: passwords and private keys. They are
  not known, so they are recognized by where they stand: elements, members and parameters with
  telling names, PEM blocks, Basic credentials, and some header fields.

What could go wrong: a secret of a few letters would be replaced within other words too, which only
makes reports harder to read; an encoding not listed in `_forms` would get through. A redacted
exchange is not fit for judging again without care: its Content-Length no longer fits.
"""

from __future__ import annotations

import base64
import contextlib
import html
import json
import re
import shlex
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote, quote_plus

from tck.endpoint.exchange import Exchange, Headers, Request, Response

HIDDEN = "[redacted]"
_SECRET_FIELDS = {"authorization", "proxy-authorization", "cookie", "set-cookie"}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9-]*) .")
_GAP = r"(?:[ +]|%20)"  # as it is, or in a form
_SECRET_PARTS = re.compile(
    r"(<(?P<tag>pem|password|private_key)\b[^>]*>).*?(</(?P=tag)>)"
    r"|(\"(?:pem_rsa_key|password|private_key)\"\s*:\s*)\"(?:[^\"\\]|\\.)*\""
    r"|(\b(?:password|private_key|user_data)=)[^&\s\"']*"
    r"|(\b[Bb]asic\s+)[A-Za-z0-9+/_-]{8,}=*"
    rf"|-----BEGIN(?:[A-Z]|{_GAP})*PRIVATE{_GAP}KEY-----.*?(?:-----END[^-]*-----|\Z)",
    re.DOTALL,
)
# A text without any of these cannot match the expression above, which is slow to find that out.
_HINTS = ("pem", "password", "private_key", "user_data", "asic", "-----BEGIN")


def _hide(match: re.Match[str]) -> str:
    if match[1]:
        return f"{match[1]}{HIDDEN}{match[3]}"
    if match[4]:
        return f'{match[4]}"{HIDDEN}"'
    return f"{match[5] or match[6] or ''}{HIDDEN}"


def _forms(secret: str) -> Iterator[str]:
    """A secret as it is, and in the encodings in which an endpoint is likely to echo it."""
    yield secret
    for quoted in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield quoted
        yield re.sub("%..", lambda escape: escape[0].lower(), quoted)
    yield base64.b64encode(secret.encode()).decode()
    yield base64.urlsafe_b64encode(secret.encode()).decode()
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield html.escape(secret)
    yield html.escape(secret, quote=False)


class Redactor:
    """Hides the credentials of the run, and passwords and private keys (see above)."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """`secrets`: values to hide, in any of their usual encodings; empty ones are ignored."""
        forms = {form for secret in filter(None, secrets) for form in _forms(secret)}
        # longest first: a form may be part of a longer one, whose rest would stay
        self._forms = sorted(forms, key=len, reverse=True)

        # cached: nearly the same fields come with every exchange
        self._field = lru_cache(maxsize=1024)(self._hidden_field)

    def text(self, value: str) -> str:
        """The text, with `HIDDEN` in place of every secret."""
        for form in self._forms:
            value = value.replace(form, HIDDEN)
        return _SECRET_PARTS.sub(_hide, value) if any(s in value for s in _HINTS) else value

    def _hidden_field(self, name: str, value: str) -> str:
        """The value of a field as shown: only the scheme of Authorization, nothing of cookies."""
        name = name.lower()
        if name not in _SECRET_FIELDS:
            return self.text(value)
        scheme = _SCHEME.match(value) if name.endswith("authorization") else None
        return f"{scheme[1]} {HIDDEN}" if scheme else HIDDEN

    def _content(self, body: bytes | None) -> bytes | None:
        if not body:
            return body
        # surrogateescape keeps bytes that are not UTF-8 as they are
        text = self.text(body.decode("utf-8", "surrogateescape"))
        return text.encode("utf-8", "surrogateescape")

    def _headers(self, headers: Headers) -> Headers:
        return Headers(tuple((name, self._field(name, value)) for name, value in headers))

    def exchange(self, x: Exchange) -> Exchange:
        """A copy of an exchange without secrets, for showing and not for judging."""
        request = Request(
            x.request.method,
            self.text(x.request.url),
            self._headers(x.request.headers),
            self._content(x.request.body),
        )
        response = x.response and Response(
            x.response.status,
            self.text(x.response.reason),
            self._headers(x.response.headers),
            self._content(x.response.body),
            x.response.omitted,
        )
        failure = x.failure and self.text(x.failure)
        return Exchange(x.id, request, response, x.base, x.ms, x.started, failure, x.lone)


# Header fields that curl adds itself, or that make no difference to the request.
_NOT_SHOWN = {"host", "connection", "content-length", "authorization", "accept-encoding"}
_NOT_SHOWN |= {"user-agent"}


def curl(x: Exchange) -> str:
    """A curl command that sends the request of a redacted exchange again.

    Credentials come from the environment: $DELTACLOUD_TCK_USER and $DELTACLOUD_TCK_PASSWORD.
    """
    request = x.request
    parts = ["curl", "-I"] if request.method == "HEAD" else ["curl", "-i"]
    if request.method not in ("GET", "HEAD"):
        parts += ["-X", shlex.quote(request.method)]
    if request.headers.get("Authorization").lower().startswith("basic"):
        parts += ["-u", '"$DELTACLOUD_TCK_USER:$DELTACLOUD_TCK_PASSWORD"']
    for name, value in request.headers:
        if name.lower() not in _NOT_SHOWN:
            # to curl, `Name;` is a field with an empty value, and `Name:` none at all
            parts += ["-H", shlex.quote(f"{name}: {value}" if value else f"{name};")]
    for name, added in (("Accept", True), ("Content-Type", bool(request.body))):
        if added and name not in request.headers:
            parts += ["-H", f"{name}:"]  # or curl would send its own
    if request.body:
        parts += _data(request.body)
    if re.search(r"[\[\]{}]", request.url):
        parts.append("--globoff")
    if re.search(r"/\.\.?(/|$)", request.path):
        parts.append("--path-as-is")
    return " ".join([*parts, shlex.quote(request.url)])


def _data(body: bytes) -> list[str]:
    """Options that send a body; for one that a command line cannot hold, a file name to fill in."""
    if b"\0" not in body:
        with contextlib.suppress(UnicodeDecodeError):
            return ["--data-raw", shlex.quote(body.decode("utf-8"))]
    return ["--data-binary", f"@BODY_OF_{len(body)}_BYTES"]
