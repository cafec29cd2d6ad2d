"""Contents as files, for libraries that send a file to a provider."""

from __future__ import annotations

import io

from tck.reference_server.content import Content


class Reader(io.RawIOBase):
    """A content as a file that can be read more than once: to sign it, and to send it again."""

    def __init__(self, content: Content) -> None:
        super().__init__()
        self._content, self._at = content, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._content.length}
        self._at = max(0, start[whence] + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        stop = self._content.length if size is None or size < 0 else self._at + size
        piece = b"".join(self._content.chunks(self._at, min(stop, self._content.length)))
        self._at += len(piece)
        return piece
