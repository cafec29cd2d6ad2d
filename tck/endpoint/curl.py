"""Curl commands that send what was sent, for a person to paste into a shell.

A short sequence of them carries ids over: what an earlier command created is captured in a shell
variable, and used where later requests named it. So it shows on another server what it showed here.
"""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Mapping, Sequence
from urllib.parse import quote, unquote, urlsplit

from tck.endpoint import authorization
from tck.endpoint.exchange import Exchange, Request
from tck.endpoint.references import in_form, in_url, is_about

# Header fields that curl adds itself, or that make no difference to the request.
_NOT_SHOWN = {"host", "connection", "content-length", "authorization", "accept-encoding"}
_NOT_SHOWN |= {"user-agent", "deltacloud-tck-on-purpose", "deltacloud-tck-session"}
# What somebody sent, of which only this is known, and that an answer refused it.
_REFUSED = "Basic ${DELTACLOUD_TCK_REFUSED_USER}:${DELTACLOUD_TCK_REFUSED_PASSWORD}"
_UNKNOWN = "${DELTACLOUD_TCK_AUTHORIZATION}"
_VARIABLE = re.compile(r"\$\{(DELTACLOUD_TCK_[A-Z_]+)\}")
_ID = re.compile("\0(id[0-9]+)\0")  # no URL and no text of a form holds this character
_OCTETS = {"\r": r"\r", "\n": r"\n", "%": "%%", "\\": "\\\\"}  # of printf
_PLAIN = re.compile(r"[\w.:/@%+,;=?&-]*", re.ASCII)
_IN_XML = """tr "'" '"' | grep -o ' id="[^"]*"' | head -n 1 | cut -d'"' -f2"""
_IN_JSON = """grep -oE '"id" *: *"[^"]*"' | head -n 1 | cut -d'"' -f4"""
_IN_LOCATION = r"""tr -d '\r' | sed -n 's|^[Ll]ocation: *.*/\([^/?]*\)$|\1|p' | head -n 1"""


def curl(x: Exchange, ids: Mapping[str, str] | None = None) -> str:
    """A curl command that sends the request of a redacted exchange again.

    `ids`: shell variables by the ids that they stand for. The run's credentials come from the
    environment: $DELTACLOUD_TCK_USER and $DELTACLOUD_TCK_PASSWORD. Others are shown as they were
    sent; those that a recorded client sent are not known, and have names of their own.
    """
    request = x.request
    if request.octets:
        return _octets(request)
    parts = ["curl", "-I"] if request.method == "HEAD" else ["curl", "-i"]
    if request.method not in ("GET", "HEAD"):
        parts += ["-X", shlex.quote(request.method)]
    if "Authorization" in request.headers:
        parts += _authorization(x)
    for name, value in request.headers:
        if name.lower() not in _NOT_SHOWN:
            # to curl, `Name;` is a field with an empty value, and `Name:` none at all
            parts += ["-H", shlex.quote(f"{name}: {value}" if value else f"{name};")]
    for name, added in (("Accept", True), ("Content-Type", bool(request.body))):
        if added and name not in request.headers:
            parts += ["-H", f"{name}:"]  # or curl would send its own
    marks = {quote(id_, safe=""): f"\0{variable}\0" for id_, variable in (ids or {}).items()}
    if request.body:
        parts += _data(request.body, marks)
    if re.search(r"[\[\]{}]", request.url):
        parts.append("--globoff")
    if re.search(r"/\.\.?(/|$)", request.path):
        parts.append("--path-as-is")
    return " ".join([*parts, _word(in_url(request.url, marks), _ID)])


def sequence(xs: Sequence[Exchange]) -> list[str]:
    """Commands for redacted exchanges that lead to the last of them; see the top of this module."""
    ids: dict[str, str] = {}
    commands = []
    for number, x in enumerate(xs):
        command = curl(x, ids)
        later = [y.request for y in xs[number + 1 :]]
        if x.made and x.made not in ids and any(is_about(y.url, y.body, x.made) for y in later):
            ids[x.made] = f"id{len(ids) + 1}"
            quiet = command.replace("curl -i", "curl -si", 1)
            command = f"{ids[x.made]}=$({quiet} | tee /dev/stderr | {_capture(x)})"
        commands.append(command)
    return commands


def _capture(x: Exchange) -> str:
    """What finds the id of what was created in the answer, where it was found before."""
    if unquote(x.headers.get("Location").rstrip("/").rpartition("/")[2]) == x.made:
        return _IN_LOCATION
    return _IN_JSON if x.format == "json" else _IN_XML


def _octets(request: Request) -> str:
    """A command that sends what curl cannot: bytes as they are, over TCP or TLS."""
    parts = urlsplit(request.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = parts.hostname or ""
    sends = f"nc {shlex.quote(host)} {port}"
    if parts.scheme == "https":
        authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        sends = f"openssl s_client -quiet -connect {shlex.quote(authority)}"
    text = "".join(
        _OCTETS.get(c, c if " " <= c <= "~" else f"\\{ord(c):03o}") for c in request.octets
    )
    return f"printf {shlex.quote(text)} | {sends}"


# ---------------------------------------------------------------- words of a shell


def _authorization(x: Exchange) -> list[str]:
    shown, sent = x.request.authorization, x.request.headers.get("Authorization")
    if not sent.strip():
        return ["-H", "'Authorization;'"]
    if not shown and sent.lower().startswith("basic"):
        shown = _REFUSED if x.status == 401 else authorization.OWN
    found = authorization.pair(shown)
    if found is None:
        return ["-H", _word(f"Authorization: {shown or _UNKNOWN}", _VARIABLE)]
    scheme, pair = found
    if scheme == "Basic":
        return ["-u", _word(pair, _VARIABLE)]
    return [
        "-H",
        f"\"Authorization: {scheme} $(printf %s {_word(pair, _VARIABLE)} | base64 | tr -d '\\n')\"",
    ]


def _word(text: str, variables: re.Pattern[str]) -> str:
    """A word of a shell: the text, with variables where their names stand."""
    parts = variables.split(text)  # every second is the name of a variable
    if len(parts) == 1:
        return shlex.quote(text)
    if not all(_PLAIN.fullmatch(literal) for literal in parts[::2]):
        return "".join(
            f'"${part}"' if number % 2 else shlex.quote(part) if part else ""
            for number, part in enumerate(parts)
        )
    word = parts[0]
    for name, literal in zip(parts[1::2], parts[2::2], strict=True):
        word += (f"${{{name}}}" if re.match(r"\w", literal) else f"${name}") + literal
    return f'"{word}"'


def _data(body: bytes, marks: Mapping[str, str]) -> list[str]:
    """Options that send a body; for one that a command line cannot hold, a file name to fill in."""
    if b"\0" not in body:
        with contextlib.suppress(UnicodeDecodeError):
            return ["--data-raw", _word(in_form(body, marks).decode("utf-8"), _ID)]
    return ["--data-binary", f"@BODY_OF_{len(body)}_BYTES"]
