"""The bytes of a blob: in memory while small, in a file when large."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from tck.reference_server.errors import TooLargeError

CHUNK = 64 * 1024
IN_MEMORY = 1024 * 1024


class Readable(Protocol):
    """A stream of bytes, as WSGI and multipart forms hand it over."""

    def read(self, size: int = -1, /) -> bytes: ...


class Content:
    """Immutable bytes; several threads may read any part of them at the same time.

    They are in memory, in an open file without a name, or in a named file, which goes away
    with this object unless it is `kept`.
    """

    def __init__(self, data: bytes | IO[bytes] | Path, length: int, digest: str) -> None:
        self.data = data
        self.length = length
        self.digest = digest
        self._passing: weakref.finalize[..., Content] | None = None

    @classmethod
    def receive(cls, stream: Readable) -> Content:
        """Take in a stream where it does not matter how long the bytes last."""
        return Shelf().receive(stream)

    def keep(self, kept: bool = True) -> None:
        """Say whether a named file is to outlive this object; it goes when nobody reads it."""
        if not isinstance(self.data, Path):
            return
        if self._passing is not None:
            self._passing.detach()
        self._passing = None if kept else weakref.finalize(self, _unlink, self.data)

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, piece by piece."""
        stop = self.length if stop is None else stop
        with contextlib.ExitStack() as opened:
            data = self.data
            if isinstance(data, Path):
                data = opened.enter_context(data.open("rb", buffering=0))
            while start < stop:
                size = min(CHUNK, stop - start)
                piece = (
                    data[start : start + size]
                    if isinstance(data, bytes)
                    else os.pread(data.fileno(), size, start)
                )
                if not piece:
                    raise OSError("the file of a blob has become shorter")
                start += len(piece)
                yield piece

    @property
    def text(self) -> str | None:
        """A small content as text, or None if it is large or no text (facts 3.2, blob)."""
        if not isinstance(self.data, bytes) or self.length > CHUNK:
            return None
        try:
            return self.data.decode("utf-8")
        except UnicodeDecodeError:
            return None


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where contents are put: `directory` for large ones, or None for files without a name.

    A content of more than `limit` bytes is refused with 413.
    """

    directory: Path | None = None
    limit: int | None = None

    def receive(self, stream: Readable, announced: int | None = None) -> Content:
        """Read a stream to its end without holding a large body in memory.

        If its length is `announced`, one that is too long is refused before it is read.
        """
        self._admit(announced or 0)
        digest, length, head = hashlib.sha256(), 0, bytearray()
        in_memory = IN_MEMORY if self.directory is None else CHUNK
        with contextlib.ExitStack() as undo:
            file = None
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                length += len(chunk)
                self._admit(length)
                if file is None and length <= in_memory:
                    head += chunk
                    continue
                if file is None:
                    file, path = self._file(undo)
                    file.write(head)
                file.write(chunk)
            if file is None:
                return Content(bytes(head), length, digest.hexdigest())
            file.flush()
            content = Content(file if path is None else path, length, digest.hexdigest())
            if path is not None:
                os.fsync(file.fileno())
                file.close()
                _sync(path.parent)
            undo.pop_all()
        if path is None:
            weakref.finalize(content, file.close)
        content.keep(False)
        return content

    def join(self, parts: Iterable[Content]) -> Content:
        """The parts one after the other, as one content."""
        return self.receive(_Chain(part.chunks() for part in parts))

    def _admit(self, length: int) -> None:
        if self.limit is not None and length > self.limit:
            raise TooLargeError(f"A blob can have at most {self.limit} bytes here.")

    def _file(self, undo: contextlib.ExitStack) -> tuple[IO[bytes], Path | None]:
        """A new file to write to, and its path if it has one; `undo` makes it go away."""
        if self.directory is None:
            return undo.enter_context(tempfile.TemporaryFile()), None
        path = self.directory / secrets.token_hex(16)
        file = undo.enter_context(path.open("xb"))
        undo.callback(_unlink, path)
        return file, path


def _sync(directory: Path) -> None:
    """Make the names in a directory as durable as the files."""
    opened = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _unlink(path: Path) -> None:
    with contextlib.suppress(OSError):  # what stays behind is swept up at the next start
        path.unlink()


class _Chain:
    """Several runs of chunks, read as one stream."""

    def __init__(self, runs: Iterator[Iterator[bytes]]) -> None:
        self._pieces = (piece for run in runs for piece in run)

    def read(self, _size: int = -1, /) -> bytes:
        return next(self._pieces, b"")
