"""How much of an answer the kit takes in: every limit, with its unit and its default.

An endpoint under test may be wrong in any way, and must not take all memory, processor or time.
There are two kinds of limits:

- What no endpoint that works ever reaches is a failure of the answer, and a finding: no answer in
  `seconds`, more `headers` or `received` bytes (DC-HTTP-001), a document of more than `depth`
  (DC-DOC-001, DC-DOC-002).
- What may be right, only large, is never a finding. A body of more than `body` bytes, or a document
  of more than `nodes`, is not judged, and the report says so; of a list only the first `members`
  are judged by rules.

Nothing is ever decompressed, so the bytes received are the bytes decoded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one exchange; docs/limits.md explains each.

    `seconds`: from connecting to the last byte, however it drips. `headers`: bytes of status lines
    and header fields, with those of 1xx answers; the same again for trailers. `received`: bytes of
    a body that are read; `body`: that are kept and judged. `nodes`: marks that can begin something
    in a document (`<`, `=` and `&` of XML; `{`, `[`, `:` and `,` of JSON); `depth`: levels of it.
    `members`: of a list that rules judge.
    """

    seconds: float = 60.0
    headers: int = 64 << 10
    received: int = 64 << 20
    body: int = 4 << 20
    nodes: int = 200_000
    depth: int = 100
    members: int = 2_000

    def changed(self, settings: Iterable[str]) -> Limits:
        """These limits with some set by NAME=VALUE. Raises ValueError, saying what is wrong."""
        return replace(self, **dict(map(_setting, settings)))

    def with_room_for(self, content: int) -> Limits:
        """These limits, so that a body of `content` bytes is kept."""
        body = max(self.body, content)
        return replace(self, body=body, received=max(self.received, body))


NAMES = tuple(f.name for f in fields(Limits) if f.name != "seconds")
"""Limits that `--limit NAME=VALUE` sets; `--endpoint-timeout` sets the seconds."""


def _setting(text: str) -> tuple[str, int]:
    name, _, value = text.partition("=")
    if name not in NAMES:
        raise ValueError(f"there is no limit {name!r}; there are: {', '.join(NAMES)}")
    if not (value.isascii() and value.isdigit() and len(value) < 16 and int(value)):
        raise ValueError(f"{value!r} is not a whole number above 0, for the limit {name}")
    return name, int(value)
