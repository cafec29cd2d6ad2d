"""Rules on how clients show who they are."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import HIDDEN
from tck.rules.clients import sending
from tck.rules.clients.engine import client_rule
from tck.rules.clients.operations import CREDENTIALS, find
from tck.rules.clients.session import Session, origin
from tck.rules.judgement import Judgement, absent, holds, one_of
from tck.rules.reading import url_parts

_LEAST = 6  # characters of a password that is looked for in a target


@client_rule("DC-CLI-031")
def not_in_urls(_: Session, x: Exchange) -> Iterator[Judgement]:
    """Credentials are in Authorization, and not in what is logged and passed on."""
    parts, op = urlsplit(x.request.url), x.operation
    names = [*x.request.query, *(name for name, _ in sending.matrix(x))]
    found = [n for n in names if n.lower() in CREDENTIALS and not (op and find(op, n))]
    for place in ("Host", "Referer"):
        authority = url_parts(x.request.headers.get(place)).netloc
        if "@" in (authority or x.request.headers.get(place) * (place == "Host")):
            found.append(f"user in {place}")
    if "@" in parts.netloc:
        found.append("user before the host")
    known = sending.credentials(x)
    if known and known[0] != known[1] and len(known[1]) >= _LEAST:
        texts = [*x.request.query.values(), *map(unquote, parts.path.split("/"))]
        found += ["the password"] * (known[1] in texts)
    yield absent("DC-CLI-031", "target", "no credentials", found)


@client_rule("DC-CLI-032", "DC-CLI-034")
def authorization(session: Session, x: Exchange) -> Iterator[Judgement]:
    """Authorization is sent once, in Basic or a scheme that the endpoint asked for."""
    fields = x.request.headers.all("Authorization")
    if not fields or fields[0].startswith(HIDDEN):
        return
    scheme, _, encoded = fields[0].strip().partition(" ")
    schemes = {"basic", *session.challenges}
    yield one_of("DC-CLI-034", "Authorization", sorted(schemes), scheme.lower())
    if scheme.lower() == "basic":
        sound = len(fields) == 1 and (HIDDEN in encoded or _is_pair(encoded.strip()))
        expected = "one field with user:password in base64"
        got = f"{len(fields)} fields" if len(fields) > 1 else "something else" * (not sound)
        yield holds("DC-CLI-032", "Authorization", expected, got, sound)


def _is_pair(encoded: str) -> bool:
    try:
        return b":" in base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return False


@client_rule("DC-CLI-033")
def only_to_the_endpoint(session: Session, x: Exchange) -> Iterator[Judgement]:
    """Credentials go to the endpoint only, wherever an answer leads."""
    if session.origins and "Authorization" in x.request.headers:
        here, known = origin(x.request.url), session.origins
        foreign = here in session.strangers - known
        expected = f"only to {' and '.join(sorted(known))}"
        yield holds("DC-CLI-033", "Authorization", expected, f"sent to {here}", not foreign)
