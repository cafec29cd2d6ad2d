"""The transcript of a run: every exchange, redacted, as JSON Lines.

Each process of a run appends to a part of its own; the process that ends the run joins the parts.
Lines are written as exchanges happen, so that a killed run leaves a record of what it sent. A long
body is cut. Once a process has written three quarters of its share of `ReportLimits.transcript`,
it writes no more bodies, and nothing at all once the share is used up.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TextIO

from tck.endpoint.exchange import Exchange
from tck.endpoint.limits import ReportLimits
from tck.endpoint.redaction import Redactor
from tck.report.kept import kept_exchange

NAME = "transcript.jsonl"
_HEAD = 16_000  # characters of the URL and of the header fields of an exchange, each


class TranscriptPart:
    """What one process writes."""

    def __init__(
        self,
        folder: Path,
        worker: str,
        redactor: Redactor,
        limits: ReportLimits | None = None,
        processes: int = 1,
    ) -> None:
        """`worker`: name of the process, empty if it is the only one of so many `processes`."""
        self._path = folder / f"{NAME}.{worker or 'main'}.part"
        self._redactor = redactor
        limits = limits or ReportLimits()
        self._room = limits.transcript // processes
        self._room_for_heads = self._room // 4
        self._longest = limits.transcript_body

    @cached_property
    def _file(self) -> TextIO:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return self._path.open("w", encoding="utf-8")

    def observe(self, x: Exchange) -> None:
        """Append an exchange, if there is room."""
        if self._room <= 0:
            return
        body = self._longest if self._room > self._room_for_heads else 0
        value = kept_exchange(x, self._redactor, body=body, head=_HEAD)
        line = json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n"
        if len(line) > self._room:
            self._room = 0
            return
        self._room -= len(line)
        self._file.write(line)
        self._file.flush()


@dataclass(frozen=True, slots=True)
class Transcript:
    """A joined transcript: how many exchanges, bytes and omitted bodies, and its digest."""

    exchanges: int
    bytes: int
    bodies_left_out: int
    sha256: str


def clear(folder: Path) -> None:
    """Remove transcripts of earlier runs, so that none can be taken for one of this run."""
    for file in folder.glob("transcript.*"):
        file.unlink()


def join(folder: Path) -> Transcript | None:
    """Join the parts of all processes into transcript.jsonl; None if there are none."""
    parts = sorted(folder.glob(f"{NAME}.*.part"))
    if not parts:
        return None
    whole = folder / NAME
    with whole.open("wb") as out:
        for part in parts:
            with part.open("rb") as content:
                shutil.copyfileobj(content, out)
            part.unlink()
    return describe(whole)


def describe(path: Path) -> Transcript:
    """Count and hash a transcript."""
    digest, exchanges, size, left_out = hashlib.sha256(), 0, 0, 0
    with path.open("rb") as content:
        for line in content:
            digest.update(line)
            exchanges, size = exchanges + 1, size + len(line)
            left_out += line.count(b'"body_omitted":')
    return Transcript(exchanges, size, left_out, digest.hexdigest())
