"""The bytes of a blob: in memory if they are few, else in a file.

A `Shelf` reads a body into a `Content` while it counts and hashes it. With a directory (storage on
disk) the file has a name, so that a record can refer to it after a restart: it is deleted together
with its Content unless a committed record keeps it (`Content.keep`), and synced before the record
is. Without a directory the file has no name, and the system removes it with the process.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import tempfile
import threading
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from tck.reference_server.errors import TooLargeError

CHUNK = 64 * 1024
"""Bytes that are read or written at once; with a directory also the most in memory."""
IN_MEMORY = 256 * 1024
"""The most bytes of a content in memory, without a directory."""
MOST_OPEN = 1000
"""The most contents in files without a name, each of which is an open file of this process."""


class Readable(Protocol):
    """A stream of bytes, as WSGI and multipart forms hand it over."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, all if it is negative; b"" at the end."""
        ...


class Content:
    """Immutable bytes; several threads may read any part of them at the same time.

    `length` counts them. `digest` differs whenever the bytes do: it becomes the ETag (stance 24).
    A driver that streams from its provider overrides `chunks` and `text`.
    """

    def __init__(self, data: bytes | IO[bytes] | Path, length: int, digest: str) -> None:
        """`data`: the bytes, an open file with them that has no name, or the path of a file."""
        self.data = data
        self.length = length
        self.digest = digest
        self._passing: weakref.finalize[..., Content] | None = None

    @classmethod
    def receive(cls, stream: Readable) -> Content:
        """The bytes of a stream, in memory or in a file without a name."""
        return Shelf().receive(stream)

    def keep(self, kept: bool = True) -> None:
        """Say whether a named file outlives this object; else it is deleted with it."""
        if not isinstance(self.data, Path):
            return
        if self._passing is not None:
            self._passing.detach()
        self._passing = None if kept else weakref.finalize(self, _unlink, self.data)

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to, not including, `stop` (None: the end), piece by piece.

        OSError if the file has become shorter.
        """
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
        """A content of at most `CHUNK` bytes as text; None if it is larger, or not UTF-8."""
        if not isinstance(self.data, bytes) or self.length > CHUNK:
            return None
        try:
            return self.data.decode("utf-8")
        except UnicodeDecodeError:
            return None


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where contents are put: large ones in `directory`, or, if None, in files without a name.

    `limit` is the most bytes of one content; None: no limit.
    """

    directory: Path | None = None
    limit: int | None = None

    def receive(self, stream: Readable, announced: int | None = None) -> Content:
        """Read a stream to its end without holding a large body in memory.

        TooLargeError if it has more than `limit` bytes, before it is read if its length is
        `announced`; OSError if the file cannot be written, or there are too many. Nothing of it is
        left then.
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
            weakref.finalize(content, _close, file, _OPEN)
        content.keep(False)
        return content

    def join(self, parts: Iterable[Content]) -> Content:
        """The parts one after the other, as one content; errors as of `receive`."""
        return self.receive(_Chain(part.chunks() for part in parts))

    def _admit(self, length: int) -> None:
        if self.limit is not None and length > self.limit:
            raise TooLargeError(f"A blob can have at most {self.limit} bytes here.")

    def _file(self, undo: contextlib.ExitStack) -> tuple[IO[bytes], Path | None]:
        """A new file to write to, and its path if it has one; `undo` makes it go away."""
        if self.directory is None:
            if not _OPEN.acquire(blocking=False):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            undo.callback(_OPEN.release)
            return undo.enter_context(tempfile.TemporaryFile()), None
        path = self.directory / secrets.token_hex(16)
        file = undo.enter_context(path.open("xb"))
        undo.callback(_unlink, path)
        return file, path


_OPEN = threading.BoundedSemaphore(MOST_OPEN)


def _close(file: IO[bytes], held: threading.Semaphore) -> None:
    file.close()
    held.release()


def _sync(directory: Path) -> None:
    """Make the names in a directory as durable as the files."""
    opened = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _unlink(path: Path) -> None:
    with contextlib.suppress(OSError):  # what is left is deleted at the next start
        path.unlink()


class _Chain:
    """Several runs of chunks, read as one stream."""

    def __init__(self, runs: Iterator[Iterator[bytes]]) -> None:
        self._pieces = (piece for run in runs for piece in run)

    def read(self, _size: int = -1, /) -> bytes:
        return next(self._pieces, b"")
