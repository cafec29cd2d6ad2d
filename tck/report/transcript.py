"""The transcript of a run: every exchange, redacted, as JSON Lines.

Each process of a run appends to a part of its own; the process that ends the run joins the parts.
Lines are written as exchanges happen, so that a killed run leaves a record of what it sent. No
exchange is omitted, but long bodies are: one above `MOST_BODY` characters, and every body after
a process has written `MOST_TOTAL` characters.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

from tck.endpoint import files
from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import Redactor

NAME = "transcript.jsonl"
MOST_BODY = 64 << 10
MOST_TOTAL = 64 << 20


class TranscriptPart:
    """What one process writes."""

    def __init__(self, folder: Path, worker: str, redactor: Redactor) -> None:
        """`worker`: name of the process; empty if it is the only one."""
        self._path = folder / f"{NAME}.{worker or 'main'}.part"
        self._redactor = redactor
        self._room = MOST_TOTAL

    @cached_property
    def _file(self) -> TextIO:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return self._path.open("w", encoding="utf-8")

    def observe(self, x: Exchange) -> None:
        """Append an exchange."""
        value = files.to_json(self._redactor.exchange(x))
        for side in (value["request"], value["response"]):
            _shorten(side, "the transcript is full" if self._room <= 0 else "")
        line = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
        self._room -= len(line)
        self._file.write(line + "\n")
        self._file.flush()


def _shorten(side: dict[str, Any], reason: str) -> None:
    body = side.get("body")
    if not body:
        return
    if not reason and len(body) > MOST_BODY:
        reason = f"longer than {MOST_BODY} characters"
    if reason:
        digest = hashlib.sha256(body.encode("utf-8")).hexdigest()
        side["body"] = None
        side.pop("body_encoding", None)
        side["body_omitted"] = f"{reason}; it had {len(body)} characters, sha256 {digest}"


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
