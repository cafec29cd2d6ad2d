"""A change to the server, and where it applies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from tck.prove.altered.messages import Answer, Asked

OnRequest = Callable[[Asked], None]
OnAnswer = Callable[[Asked, Answer], None]


@dataclass(frozen=True)
class Change:
    """One way in which the server is made different; `text` says which, in a few words.

    `request` is called before the server is asked. `document` is called with the answer before
    length, entity-tag, HEAD and conditions are dealt with, so that these fit the changed document.
    `message` is called after that, so that nothing repairs what it does. `driver` is called with
    every driver of the server when the driver is started. `wire` gets the bytes of a whole answer
    on the socket and returns those to send; with `hangs_up` the connection is closed after them.
    `received` gets the bytes that came of a request, its head at least, and returns those to read.
    `following` gets the bytes of the answer before on the connection as well. `where` names the
    operations at which the change can be seen (`applies`).
    """

    text: str
    where: str = "*"
    request: OnRequest | None = None
    document: OnAnswer | None = None
    message: OnAnswer | None = None
    driver: Callable[[Any], None] | None = None
    wire: Callable[[bytes], bytes] | None = None
    following: Callable[[bytes, bytes], bytes] | None = None
    received: Callable[[bytes], bytes] | None = None
    hangs_up: bool = False

    @property
    def on_socket(self) -> bool:
        """Whether it is one of the bytes on a connection."""
        return bool(self.wire or self.following or self.received)

    def __post_init__(self) -> None:
        """Refuse a change without a text. Raises ValueError."""
        if not self.text:
            raise ValueError("a change must say in its text what the server does")


@lru_cache(maxsize=4096)
def _matches(where: str, operation: str, ok: bool) -> bool:
    for pattern in where.split():
        for_success = not pattern.startswith("!")
        if for_success == ok and fnmatchcase(operation, pattern.removeprefix("!")):
            return True
    return False


def at(where: str) -> str:
    """The operations of `where` in words, for a text: ` at keys.show`, or nothing for all."""
    operations = dict.fromkeys(pattern.removeprefix("!") for pattern in where.split())
    return "" if "*" in operations else f" at {', '.join(operations)}"


def applies(where: str, asked: Asked, answer: Answer) -> bool:
    """Whether a change at `where` concerns this answer.

    `where` holds patterns of operation ids, separated by blanks: `instances.* realms.show`.
    A pattern matches successful answers only; with a `!` before it, refusals only.
    """
    return _matches(where, asked.operation, answer.status < 400)


def for_answers(where: str, act: OnAnswer) -> OnAnswer:
    """`act`, called only for answers to which `where` applies."""

    def guarded(asked: Asked, answer: Answer) -> None:
        if applies(where, asked, answer):
            act(asked, answer)

    return guarded


def in_document(where: str, text: str, act: OnAnswer) -> Change:
    """Change answers; length and entity-tag are computed afterwards and fit."""
    return Change(text, where, document=for_answers(where, act))


def in_message(where: str, text: str, act: OnAnswer) -> Change:
    """Change answers as they are sent: nothing is computed afterwards."""
    return Change(text, where, message=for_answers(where, act))


def in_request(where: str, text: str, act: OnRequest) -> Change:
    """Change requests before the server sees them; `!` patterns match no request."""

    def guarded(asked: Asked) -> None:
        if _matches(where, asked.operation, True):
            act(asked)

    return Change(text, where, request=guarded)
