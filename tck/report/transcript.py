"""The transcript of a run: every exchange, redacted, as JSON Lines.

Each process of a run appends to a part of its own; the process that ends the run joins the parts.
Lines are written as exchanges happen, so that a killed run leaves a record of what it sent. A long
body is cut. Once a process has written three quarters of its share of `ReportLimits.transcript`,
it writes no more bodies, and nothing at all once the share is used up.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from io import FileIO
from pathlib import Path

from tck.endpoint import disk
from tck.endpoint.exchange import Exchange
from tck.endpoint.limits import ReportLimits
from tck.endpoint.redaction import Redactor
from tck.report import TRANSCRIPT
from tck.report.kept import kept_exchange

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
        self._path = folder / f"{TRANSCRIPT}.{worker or 'main'}.part"
        self._redactor = redactor
        limits = limits or ReportLimits()
        self._room = limits.transcript // processes
        self._room_for_heads = self._room // 4
        self._longest = limits.transcript_body

    @cached_property
    def _file(self) -> FileIO:
        return disk.create_unbuffered(self._path)

    def observe(self, x: Exchange) -> None:
        """Append an exchange, if there is room. Raises Unwritable; no line is left unfinished."""
        if self._room <= 0:
            return
        body = self._longest if self._room > self._room_for_heads else 0
        value = kept_exchange(x, self._redactor, body=body, head=_HEAD)
        line = json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n"
        if len(line) > self._room:
            self._room = 0
            return
        self._room -= len(line)
        with disk.telling(self._path):
            disk.append(self._file, line.encode())


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
        with disk.telling(file):
            file.unlink()


def join(folder: Path) -> Transcript | None:
    """Join the parts of all processes into transcript.jsonl; None if there are none.

    The others are appended to the first, so that it takes no more room on the disk. Raises
    Unwritable.
    """
    parts = sorted(folder.glob(f"{TRANSCRIPT}.*.part"))
    if not parts:
        return None
    whole, first = folder / TRANSCRIPT, parts[0]
    with disk.telling(whole):
        with FileIO(first, "r+") as out:
            for part in parts[1:]:
                with part.open("rb") as content:
                    for line in content:
                        disk.append(out, line)
                part.unlink()
        first.replace(whole)
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
