"""A response, before it is handed to WSGI."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

Headers = list[tuple[str, str]]

STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


@dataclass(slots=True)
class Response:
    """Status, headers (those of every response are added later), and body, whole or in pieces."""

    status: int
    headers: Headers = field(default_factory=list)
    body: bytes | Iterator[bytes] = b""

    def tagged(self) -> Response:
        """The same response, with a strong ETag of its body (stance 24; RFC 9110 8.8.3)."""
        if isinstance(self.body, bytes):
            digest = hashlib.blake2b(self.body, digest_size=16).hexdigest()
            self.headers.append(("ETag", f'"{digest}"'))
            self.headers.append(("Cache-Control", "max-age=0, private, must-revalidate"))
        return self


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def field_value(text: str) -> str:
    """Any text as a header value: UTF-8, in the form of latin-1 text that WSGI requires.

    Control characters become blanks, because a line break would start another field.
    """
    value = _CONTROL.sub(" ", text)
    return value if value.isascii() else value.encode().decode("latin-1")
