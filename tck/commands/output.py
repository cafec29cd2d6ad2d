"""Standard output and error that never fail: what cannot be written is told at the end.

A reader that goes away (`| head`), or a full disk behind `>`, must not end a run in the middle:
what it created would stay, and half of a report would be written. So writes that fail are
remembered instead of raised, and the command exits with 4, since its result reached nobody.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO

from tck.endpoint.disk import Unwritable


class Sturdy(io.RawIOBase):
    """A file descriptor to write to; `failure` is why a write failed, and all after it."""

    def __init__(self, descriptor: int) -> None:
        """`descriptor` stays open when this is closed."""
        super().__init__()
        self._descriptor = descriptor
        self.failure = ""
        try:
            os.fstat(descriptor)
        except OSError:  # closed: no file that is opened later may get the number
            nothing = os.open(os.devnull, os.O_RDONLY)
            if nothing != descriptor:
                os.dup2(nothing, descriptor)
                os.close(nothing)

    def write(self, content: object, /) -> int:
        """Write all of `content`, or remember why that is impossible."""
        whole = memoryview(content).cast("B")  # type: ignore[arg-type]
        rest = whole
        while rest and not self.failure:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except OSError as error:
                self.failure = error.strerror or str(error)
        return len(whole)

    def writable(self) -> bool:
        """It is for writing only."""
        return True

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return os.isatty(self._descriptor)


class Output:
    """Both streams of this process, while a command runs."""

    def __init__(self) -> None:
        """Replace both, unless something else has already done so (a test that captures them)."""
        self._streams: dict[str, tuple[Sturdy, TextIO]] = {}
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            if getattr(sys, name) is getattr(sys, f"__{name}__"):
                raw = Sturdy(descriptor)
                text = _text(raw, getattr(sys, name))
                self._streams[name] = raw, text
                setattr(sys, name, text)

    @property
    def failure(self) -> str:
        """Which stream could not be written to, and why; empty if both could."""
        for name, (raw, text) in self._streams.items():
            text.flush()  # not what `sys` has now: pytest puts there what was there before
            if raw.failure:
                return f"cannot write to {name}: {raw.failure}"
        return ""


def require_stdout() -> None:
    """Raise Unwritable if what was printed did not arrive: some commands are of no use then."""
    sys.stdout.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if isinstance(raw, Sturdy) and raw.failure:
        raise Unwritable(f"cannot write to stdout: {raw.failure}")


def _text(raw: Sturdy, before: TextIO | None) -> TextIO:
    """Text over a stream, encoded as before; what cannot be encoded is escaped."""
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=before.encoding if before else "utf-8",
        errors="backslashreplace",
        line_buffering=raw.isatty() or raw.fileno() == 2,
    )
