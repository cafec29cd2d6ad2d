"""What is wrong with a request as HTTP: how this package reports it to the application."""

from __future__ import annotations

# Where the environ holds the ProtocolError of a request that could not be understood.
REFUSAL = "http1.refusal"


class ProtocolError(Exception):
    """A request that is not HTTP/1.1 as RFC 9112 has it.

    An error in the head is in the environ under `REFUSAL`, so that the application words the
    answer; one in the body is raised by the methods of `wsgi.input`. `status` is the answer's:
    400, 408, 414, 417, 431, 501 or 505.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
