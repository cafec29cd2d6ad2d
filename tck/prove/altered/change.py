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
    """One way in which the server is made different; `text` says it in a few words.

    `request` acts before the server is asked. `document` acts on the answer before length,
    entity-tag, HEAD and conditions are dealt with, which then fit the changed document.
    `message` acts after that, so that nothing repairs what it does. `driver` takes every
    driver of the server when it is started. `wire` takes the bytes of a whole answer on the
    socket, after which the connection is closed if it `hangs_up`. `where` names the
    operations that the change can be seen at.
    """

    text: str
    where: str = "*"
    request: OnRequest | None = None
    document: OnAnswer | None = None
    message: OnAnswer | None = None
    driver: Callable[[Any], None] | None = None
    wire: Callable[[bytes], bytes] | None = None
    hangs_up: bool = False


@lru_cache(maxsize=4096)
def _named(where: str, operation: str, ok: bool) -> bool:
    for pattern in where.split():
        wanted = not pattern.startswith("!")
        if wanted == ok and fnmatchcase(operation, pattern.removeprefix("!")):
            return True
    return False


def applies(where: str, asked: Asked, answer: Answer) -> bool:
    """Whether an answer is meant.

    `where` holds patterns of operation ids with blanks between: `instances.* realms.show`.
    Successful answers are meant, with a `!` before the pattern the refusals.
    """
    return _named(where, asked.operation, answer.status < 400)


def at(where: str, act: OnAnswer) -> OnAnswer:
    """`act`, for the answers that are meant."""

    def guarded(asked: Asked, answer: Answer) -> None:
        if applies(where, asked, answer):
            act(asked, answer)

    return guarded


def asked_at(where: str, act: OnRequest) -> OnRequest:
    """`act`, for requests of some operations."""

    def guarded(asked: Asked) -> None:
        if _named(where, asked.operation, True):
            act(asked)

    return guarded


def in_document(where: str, text: str, act: OnAnswer) -> Change:
    """A change to answers, after which length and entity-tag are made to fit."""
    return Change(text, where, document=at(where, act))


def in_message(where: str, text: str, act: OnAnswer) -> Change:
    """A change to answers as they go out."""
    return Change(text, where, message=at(where, act))


def in_request(where: str, text: str, act: OnRequest) -> Change:
    """A change to what the server understands."""
    return Change(text, where, request=asked_at(where, act))
