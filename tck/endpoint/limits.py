"""How much of an answer the kit takes in: every limit, with its unit and its default.

An endpoint under test may be wrong in any way, and must not take all memory, processor or time.
There are two kinds of limits:

- What no endpoint that works ever reaches is a failure of the answer, and a finding: no answer in
  `seconds`, more `headers` or `received` bytes (DC-HTTP-001), a document of more than `depth`
  (DC-DOC-001, DC-DOC-002).
- What may be right, only large, is never a finding. A body of more than `body` bytes, or a document
  of more than `nodes` or with a longer `attribute`, is not judged, and the report says so; of a
  list only the first `members` are judged by rules, and each rule ends after `judgements`.

Nothing is ever decompressed, so the bytes received are the bytes decoded.

How much of that a report keeps is limited once more (`ReportLimits`). What is cut there says how
much there was of it, and no limit hides a violation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one exchange, and of an outage; docs/limits.md explains each.

    `seconds`: from connecting to the last byte, however it drips. `outage`: seconds that an
    endpoint that answers nothing any more, not even its entry point, is waited for. `headers`:
    bytes of status lines and header fields, with those of 1xx answers; the same again for trailers.
    `received`: bytes of a body that are read; `body`: that are kept and judged. `nodes`: marks that
    can begin something in a document (`<`, `=` and `&` of XML; `{`, `[`, `:` and `,` of JSON);
    `depth`: levels of it. `attribute`: characters of one attribute of XML. `members`: of a list
    that rules judge. `judgements`: of each rule on one answer.
    """

    seconds: float = 60.0
    outage: int = 60
    headers: int = 64 << 10
    received: int = 64 << 20
    body: int = 4 << 20
    nodes: int = 200_000
    depth: int = 100
    attribute: int = 8192
    members: int = 2_000
    judgements: int = 10_000

    def changed(self, settings: Iterable[str]) -> Limits:
        """These limits with some set by NAME=VALUE. Raises ValueError, saying what is wrong."""
        return _changed(self, settings)

    def with_room_for(self, content: int) -> Limits:
        """These limits, so that a body of `content` bytes is kept."""
        body = max(self.body, content)
        return replace(self, body=body, received=max(self.received, body))


@dataclass(frozen=True, slots=True)
class ReportLimits:
    """Limits of one report; docs/limits.md explains each.

    `findings`: of all requirements, and `findings_each` of one. `text`: characters of the place of
    a finding, of what was expected or got, or of a reason. `evidence`: bytes of exchanges, curl
    commands and sequences in sum; `shown`: bytes of one body, and of its header fields. `retries`:
    lines; `unjudged`: lines. `transcript`: bytes of transcript.jsonl; `transcript_body`: bytes of
    one body in it. `har`: bytes of transcript.har. In both, three quarters may be lines with
    bodies.
    """

    findings: int = 500
    findings_each: int = 20
    text: int = 1_000
    evidence: int = 4 << 20
    shown: int = 64_000
    retries: int = 1_000
    unjudged: int = 200
    transcript: int = 40 << 20
    transcript_body: int = 64 << 10
    har: int = 28 << 20

    def changed(self, settings: Iterable[str]) -> ReportLimits:
        """These limits with some set by NAME=VALUE. Raises ValueError, saying what is wrong."""
        return _changed(self, settings)


NAMES = tuple(f.name for c in (Limits, ReportLimits) for f in fields(c) if f.name != "seconds")
"""Limits that `--limit NAME=VALUE` sets; `--endpoint-timeout` sets the seconds."""

_Any = TypeVar("_Any", Limits, ReportLimits)


def _changed(limits: _Any, settings: Iterable[str]) -> _Any:
    """Limits of one kind with those of them set that are in `settings`."""
    own = {f.name for f in fields(limits)}
    return replace(limits, **{n: value for n, value in map(_setting, settings) if n in own})


def _setting(text: str) -> tuple[str, int]:
    name, _, value = text.partition("=")
    if name not in NAMES:
        raise ValueError(f"there is no limit {name!r}; there are: {', '.join(NAMES)}")
    if not (value.isascii() and value.isdigit() and len(value) < 16 and int(value)):
        raise ValueError(f"{value!r} is not a whole number above 0, for the limit {name}")
    return name, int(value)
