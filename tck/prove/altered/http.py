"""Changes to status, header fields and bytes."""

from __future__ import annotations

import re
from collections.abc import Callable

from tck.prove.altered.change import Change, in_document, in_message
from tck.prove.altered.messages import Answer, Asked

Value = str | Callable[[str], str | None]
Act = Callable[[Asked, Answer], None]


def status(where: str, new: int, *, body: bool = True) -> Change:
    """Answer with another status; `body` False sends nothing with it."""

    def act(_asked: Asked, answer: Answer) -> None:
        answer.status = new
        if not body:
            answer.body = b""

    return in_document(where, f"answers {new}", act)


def field(where: str, name: str, value: Value | None) -> Change:
    """Change a field that is there, whatever it is about; None drops it."""

    def act(_asked: Asked, answer: Answer) -> None:
        old = answer.get(name)
        if old is not None:
            answer.set(name, value(old) if callable(value) else value)

    told = f"changes {name}" + (f" to {value!r}" if isinstance(value, str) else "")
    return in_message(where, told if value is not None else f"sends no {name}", act)


def add_field(where: str, name: str, value: str) -> Change:
    """Send a field, in place of one of that name."""
    return in_message(where, f"sends {name}: {value}", lambda _, answer: answer.set(name, value))


def body(
    where: str, text: str, change: Callable[[bytes], bytes], only: str | None = None
) -> Change:
    """Change the bytes of the content, in one format only; length and entity-tag fit."""

    def act(_asked: Asked, answer: Answer) -> None:
        if answer.body and only in (None, answer.format):
            answer.body = change(answer.body)

    return in_document(where, f"{text} ({only})" if only else text, act)


def refuse(where: str, new: int, media_type: str = "text/plain", content: str = "") -> Change:
    """Answer with a status and with other content."""
    told = f"answers {new} with {content[:40] or 'nothing'}"
    return in_document(where, told, lambda _, x: x.replace(new, content, media_type))


def on_status(
    where: str, old: int, new: int, when: Callable[[Asked], bool] = lambda _: True
) -> Change:
    """Answer with another status where a certain one is due.

    The rest of the answer fits it: error documents, and the field that the status asks for.
    """

    def act(asked: Asked, answer: Answer) -> None:
        if answer.status == old and when(asked):
            answer.status = new
            # not in a name that has the number in it
            answer.body = re.sub(rb"\b%d\b" % old, b"%d" % new, answer.body)
            answer.set("Allow", "OPTIONS" if new == 405 else None)
            if new != 401:
                answer.set("WWW-Authenticate", None)

    return in_document(where, f"answers {new} instead of {old}", act)


def failure(status: int, words: str = "failed") -> Answer:
    """An answer in plain text."""
    return Answer(status, [("Content-Type", "text/plain")], words.encode())


def instead_of(where: str, name: str, value: str, media_type: str, content: str) -> Change:
    """Answer a certain value of a query parameter with other content, whatever is due."""

    def act(asked: Asked, answer: Answer) -> None:
        if asked.query.get(name) == value:
            answer.replace(200, content, media_type)

    return in_document(f"{where} !{where}", f"answers {name}={value} with {media_type}", act)


def on_refusal_of(where: str, name: str) -> Change:
    """Refuse afterwards what was done with a parameter that names nothing."""

    def act(asked: Asked, answer: Answer) -> None:
        if (asked.query | asked.form).get(name, "").startswith("tck-none"):
            answer.replace(400, "there is no such thing")

    return in_document(where, f"refuses an unknown {name} afterwards", act)


def only(format_: str, where: str, new: int) -> Change:
    """Fail in one format."""

    def act(_asked: Asked, answer: Answer) -> None:
        if answer.format == format_:
            answer.replace(new, "failed")

    return in_document(where, f"answers {new} in {format_}", act)
