"""Changes to status, header fields and bytes."""

from __future__ import annotations

import re
from collections.abc import Callable

from tck.prove.altered.change import Change, at, in_document, in_message
from tck.prove.altered.messages import Answer, Asked

Act = Callable[[Asked, Answer], None]


def status(where: str, new: int, *, body: bool = True) -> Change:
    """Answer with another status; with `body` False nothing is sent with it."""

    def act(_asked: Asked, answer: Answer) -> None:
        answer.status = new
        if not body:
            answer.body = b""

    return in_document(where, f"answers {new}{at(where)}", act)


def alter_field(where: str, text: str, name: str, act: Callable[[str], str | None]) -> Change:
    """Compute the value of a header field, where it is sent, from the old one; None drops it."""

    def change(_asked: Asked, answer: Answer) -> None:
        if (old := answer.get(name)) is not None:
            answer.set(name, act(old))

    return in_message(where, text, change)


def field(where: str, name: str, new: str | None) -> Change:
    """Give a header field, where it is sent, another value; None drops it."""
    text = f"sends no {name}" if new is None else f"sends {name}: {new}"
    return alter_field(where, text + at(where), name, lambda _: new)


def add_field(where: str, name: str, value: str) -> Change:
    """Send a header field, whether or not there was one of that name."""
    text = f"sends {name}: {value}{at(where)}"
    return in_message(where, text, lambda _, answer: answer.set(name, value))


def body(where: str, text: str, format_: str | None, act: Callable[[bytes], bytes]) -> Change:
    """Change the bytes of the content, in one format only (`xml`, `json`) or in any (None).

    Length and entity-tag are computed afterwards and fit.
    """

    def change(_asked: Asked, answer: Answer) -> None:
        if answer.body and format_ in (None, answer.format):
            answer.body = act(answer.body)

    return in_document(where, f"in {format_.upper()}, {text}" if format_ else text, change)


def answer_with(where: str, new: int, media_type: str = "text/plain", content: str = "") -> Change:
    """Answer with a status and with other content."""
    text = f"answers {new} with {content[:40] or 'no content'}{at(where)}"
    return in_document(where, text, lambda _, answer: answer.replace(new, content, media_type))


def on_status(
    where: str, old: int, new: int, when: Callable[[Asked], bool] = lambda _: True
) -> Change:
    """Answer with the status `new` where the server would answer with `old`.

    The rest of the answer fits it: error documents, and the field that the status requires.
    """

    def act(asked: Asked, answer: Answer) -> None:
        if answer.status == old and when(asked):
            answer.status = new
            # not in a name that has the number in it
            answer.body = re.sub(rb"\b%d\b" % old, b"%d" % new, answer.body)
            answer.set("Allow", "OPTIONS" if new == 405 else None)
            if new != 401:
                answer.set("WWW-Authenticate", None)

    return in_document(where, f"answers {new} instead of {old}{at(where)}", act)


def failure(status: int, words: str = "failed") -> Answer:
    """An answer in plain text."""
    return Answer(status, [("Content-Type", "text/plain")], words.encode())


def answer_parameter(where: str, name: str, value: str, media_type: str, content: str) -> Change:
    """Answer requests in which a query parameter has a certain value with other content."""

    def act(asked: Asked, answer: Answer) -> None:
        if asked.query.get(name) == value:
            answer.replace(200, content, media_type)

    return in_document(
        f"{where} !{where}", f"answers {name}={value} with {media_type}{at(where)}", act
    )


def refuse_afterwards(where: str, name: str) -> Change:
    """Answer 400, after the server has acted, if a parameter names an object that is unknown."""

    def act(asked: Asked, answer: Answer) -> None:
        if (asked.query | asked.form).get(name, "").startswith("tck-none"):
            answer.replace(400, "there is no such thing")

    return in_document(where, f"refuses an unknown {name} after it has acted on it{at(where)}", act)


def status_in(format_: str, where: str, new: int) -> Change:
    """Fail with a status in one format only."""

    def act(_asked: Asked, answer: Answer) -> None:
        if answer.format == format_:
            answer.replace(new, "failed")

    return in_document(where, f"answers {new} in {format_.upper()}{at(where)}", act)
