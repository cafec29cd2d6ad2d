"""Sends every recorded request in order and reports where the answers differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from tck.reference_server import Server, create_app

from .documents import compared, places
from .recording import Answer, Recorded, Sent, recorded, send

# Header fields whose value is compared, and those of which only their presence is.
_VALUES = ("Location", "Content-Disposition")
_PRESENT = ("Allow", "ETag", "Expect", "WWW-Authenticate", "X-Backend-Runtime")
_PREFIX = "x-deltacloud-"


@dataclass(frozen=True)
class Difference:
    """One place where an answer differs; "" stands for what is not there."""

    exchange: str
    place: str
    original: str
    ours: str

    def __str__(self) -> str:
        return f"{self.exchange}  {self.place}: {self.original!r} → {self.ours!r}"


@dataclass(frozen=True)
class Outcome:
    exchanges: int
    differences: tuple[Difference, ...]


def replay() -> Outcome:
    """Against a fresh mock in this process."""
    found: list[Difference] = []
    names = _Names()
    count = 0
    with Server(create_app(trust_forwarded=True)) as server:
        host, port = urlsplit(server.url).netloc.split(":")
        for exchange in recorded():
            count += 1
            sent = names.translated(exchange.sent)
            ours = send((host, int(port)), sent, exchange.version)
            theirs = names.learn(exchange, ours)
            found += _differences(exchange.id, theirs, ours)
    return Outcome(count, tuple(found))


class _Names:
    """Which of our objects stands for which recorded one.

    What only the original made gets a name that nothing of ours has.
    """

    def __init__(self) -> None:
        self._ours: dict[str, str] = {}

    def translated(self, sent: Sent) -> Sent:
        return replace(
            sent,
            path=self._text(sent.path),
            body=self._text(sent.body.decode("latin-1")).encode("latin-1"),
        )

    def learn(self, exchange: Recorded, ours: Answer) -> Answer:
        """Note what was created; the recorded answer with our names in it."""
        theirs = exchange.answer
        if exchange.sent.method == "POST" and theirs.status in (200, 201):
            old, new = _new_id(theirs), _new_id(ours)
            if old and old != new:
                self._ours[old] = new or f"nothing-like-{old}"
            elif old:
                self._ours.pop(old, None)
        headers = {n: self._text(v) for n, v in theirs.headers.items()}
        body = theirs.body and self._text(theirs.body.decode("latin-1")).encode("latin-1")
        return replace(theirs, headers=headers, body=body)

    def _text(self, text: str) -> str:
        if not self._ours:
            return text
        known = "|".join(map(re.escape, sorted(self._ours, key=len, reverse=True)))
        pattern = rf"(?<![A-Za-z0-9-])(?:{known})(?![A-Za-z0-9])"
        return re.sub(pattern, lambda hit: self._ours[hit[0]], text)


def _new_id(answer: Answer) -> str | None:
    """The id of what was created: from Location, or of the document's root."""
    if answer.status not in (200, 201):
        return None
    if location := answer.header("Location"):
        return location.partition("/api/")[2].partition("/")[2].rpartition("/")[2]
    hit = re.search(rb"""\bid["']?[=:] ?["']([^"']+)["']""", answer.body or b"")
    return hit[1].decode() if hit else None


def _differences(id_: str, theirs: Answer, ours: Answer) -> Iterator[Difference]:
    """Status first: where one refused and the other did not, nothing else says more."""
    for place, original, own in _compared(theirs, ours):
        if original != own:
            yield Difference(id_, place, original, own)


def _compared(theirs: Answer, ours: Answer) -> Iterator[tuple[str, str, str]]:
    yield "status", str(theirs.status or "died"), str(ours.status)
    if theirs.status is None or (theirs.status < 400) != ((ours.status or 0) < 400):
        return
    yield from _headers(theirs, ours)
    if theirs.body == b"" == ours.body:
        return
    kind = _media_type(theirs)
    what = "Content-Type" if theirs.status < 400 else "Content-Type of a refusal"
    yield what, kind, _media_type(ours)
    if theirs.body is None or kind != _media_type(ours) or not ours.body:
        return
    if theirs.status >= 400 and theirs.status != ours.status:
        return  # two different refusals: their documents say so again
    try:
        before = places(kind, theirs.body)
    except (ValueError, SyntaxError):
        yield "document", "malformed", "well-formed"
        return
    yield from compared(before, places(kind, ours.body))


def _headers(theirs: Answer, ours: Answer) -> Iterator[tuple[str, str, str]]:
    for name in _VALUES:
        yield name, theirs.header(name) or "", ours.header(name) or ""
    for name in _PRESENT:
        yield name, *("yes" if side.header(name) is not None else "" for side in (theirs, ours))
    before, after = _own_fields(theirs.headers), _own_fields(ours.headers)
    for name in {**before, **after}:
        yield name, before.get(name, ""), after.get(name, "")


def _own_fields(headers: Mapping[str, str]) -> dict[str, str]:
    return {n.lower(): v for n, v in headers.items() if n.lower().startswith(_PREFIX)}


def _media_type(answer: Answer) -> str:
    return (answer.header("Content-Type") or "").partition(";")[0]
