"""Answers that can be given again: a GET is answered from here while nothing has changed.

An answer depends on what the client sent (the key) and on the driver's data (the revision).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from tck.reference_server.drivers.base import Driver
from tck.reference_server.http.request import Environ
from tck.reference_server.http.response import Headers
from tck.schemas.operations import Operation

LARGEST = 256 * 1024

# Everything of a request that the answer to a GET can depend on, but for its conditions.
_KEY = (
    "REQUEST_METHOD",
    "REQUEST_URI",
    "PATH_INFO",
    "QUERY_STRING",
    "SCRIPT_NAME",
    "wsgi.url_scheme",
    "HTTP_HOST",
    "SERVER_NAME",
    "SERVER_PORT",
    "HTTP_ACCEPT",
    "HTTP_AUTHORIZATION",
    "HTTP_X_DELTACLOUD_DRIVER",
    "HTTP_X_DELTACLOUD_PROVIDER",
)

Key = tuple[str | None, ...]


def key(environ: Environ) -> Key | None:
    """What an answer is kept under; None for requests that are never answered from here."""
    body = environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or body or "tck.refusal" in environ:
        return None
    return tuple(map(environ.get, _KEY))


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished 200 answer and the state of the data it was made from."""

    driver: Driver
    operation: Operation
    revision: int
    headers: Headers
    body: bytes
    timed: bool

    @property
    def valid(self) -> bool:
        return self.driver.revision(self.operation) == self.revision


class AnswerCache:
    """The answers that were used last, up to a number of them."""

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._answers: OrderedDict[Key, Answer] = OrderedDict()

    def find(self, wanted: Key) -> Answer | None:
        answer = self._answers.get(wanted)
        return answer if answer is not None and answer.valid else None

    def keep(self, wanted: Key, answer: Answer) -> None:
        if len(answer.body) > LARGEST:
            return
        with self._lock:
            self._answers[wanted] = answer
            self._answers.move_to_end(wanted)
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)
