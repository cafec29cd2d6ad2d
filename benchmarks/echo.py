"""A bare WSGI application on the same HTTP server: what the stack alone can do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tck.reference_server.serving import Server

# As long as a list of three instances in XML.
BODY = b"x" * 6000
HEADERS = [("Content-Type", "application/xml"), ("Content-Length", str(len(BODY)))]


def echo(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers the same to everything."""
    start_response("200 OK", HEADERS)
    return (BODY,)


if __name__ == "__main__":
    Server(echo).serve_forever(ready=lambda url: print(url, flush=True))
