"""The bytes of a blob: in memory while small, in an unnamed temporary file when large."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import weakref
from collections.abc import Iterator
from typing import IO, Protocol

CHUNK = 64 * 1024
IN_MEMORY = 1024 * 1024


class Readable(Protocol):
    """A stream of bytes, as WSGI and multipart forms hand it over."""

    def read(self, size: int = -1, /) -> bytes: ...


class Content:
    """Immutable bytes; several threads may read any part of them at the same time."""

    def __init__(self, data: bytes | IO[bytes], length: int, digest: str) -> None:
        self._data = data
        self.length = length
        self.digest = digest

    @classmethod
    def receive(cls, stream: Readable) -> Content:
        """Read a stream to its end without holding a large body in memory."""
        digest, length = hashlib.sha256(), 0
        with contextlib.ExitStack() as undo:
            # Unnamed: the file goes away with this object.
            spool = undo.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY))
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                length += len(chunk)
                spool.write(chunk)
            if length <= IN_MEMORY:
                spool.seek(0)
                return cls(spool.read(), length, digest.hexdigest())
            spool.flush()
            undo.pop_all()
            content = cls(spool, length, digest.hexdigest())
            weakref.finalize(content, spool.close)
            return content

    @classmethod
    def join(cls, parts: list[Content]) -> Content:
        """The parts one after the other, as one content."""
        return cls.receive(_Chain(part.chunks() for part in parts))

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, piece by piece."""
        stop = self.length if stop is None else stop
        while start < stop:
            size = min(CHUNK, stop - start)
            piece = (
                self._data[start : start + size]
                if isinstance(self._data, bytes)
                else os.pread(self._data.fileno(), size, start)
            )
            if not piece:
                raise OSError("the file of a blob has become shorter")
            start += len(piece)
            yield piece

    @property
    def text(self) -> str | None:
        """A small content as text, or None if it is large or no text (facts 3.2, blob)."""
        if not isinstance(self._data, bytes) or self.length > CHUNK:
            return None
        try:
            return self._data.decode("utf-8")
        except UnicodeDecodeError:
            return None


class _Chain:
    """Several runs of chunks, read as one stream."""

    def __init__(self, runs: Iterator[Iterator[bytes]]) -> None:
        self._pieces = (piece for run in runs for piece in run)

    def read(self, _size: int = -1, /) -> bytes:
        return next(self._pieces, b"")
