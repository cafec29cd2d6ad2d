"""What is printed, without secrets: streams that pass the gate of this process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, TextIO, cast

from tck.endpoint.redaction import GATE


class Outlet:
    """A text stream; what is written to it is redacted. In all else it is the stream behind it."""

    def __init__(self, stream: TextIO) -> None:
        """`stream`: where the redacted texts go."""
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text: what is written in one piece is looked at as a whole."""
        self._stream.write(GATE.text(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write texts, looked at together."""
        self.write("".join(lines))

    def __getattr__(self, name: str) -> Any:
        """Of the stream behind it."""
        return getattr(self._stream, name)


def outlet(stream: TextIO) -> TextIO:
    """The stream as an outlet, if it is none."""
    return stream if isinstance(stream, Outlet) else cast("TextIO", Outlet(stream))


@contextmanager
def redacted_console() -> Iterator[None]:
    """Redact what this process prints meanwhile."""
    with redirect_stdout(outlet(sys.stdout)), redirect_stderr(outlet(sys.stderr)):
        yield
