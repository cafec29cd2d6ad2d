"""What the server sends back, before it is put on the wire."""

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
    """A status, headers without the common ones, and a body in one piece or in several."""

    status: int
    headers: Headers = field(default_factory=list)
    body: bytes | Iterator[bytes] = b""

    def tagged(self) -> Response:
        """With a strong entity-tag over the body (stance 24; RFC 9110 8.8.3)."""
        if isinstance(self.body, bytes):
            digest = hashlib.blake2b(self.body, digest_size=16).hexdigest()
            self.headers.append(("ETag", f'"{digest}"'))
            self.headers.append(("Cache-Control", "max-age=0, private, must-revalidate"))
        return self


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def field_value(text: str) -> str:
    """Any text as a header value: WSGI wants the bytes of its UTF-8 form.

    Characters that would end the field become blanks, so that nobody can add fields.
    """
    known = _CONTROL.sub(" ", text)
    return known if known.isascii() else known.encode().decode("latin-1")
