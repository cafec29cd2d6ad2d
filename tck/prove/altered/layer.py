"""The layer around the reference server in which changes are applied."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from werkzeug.http import parse_etags

from tck.prove.altered.change import Change, applies
from tck.prove.altered.messages import Answer, Asked, Headers
from tck.prove.altered.wire import PENDING
from tck.reference_server.app import Application
from tck.reference_server.drivers.mock.backend import Conditions
from tck.reference_server.http.response import STATUS_LINES

Start = Callable[..., Any]


class Altered:
    """A WSGI application: the server with changes."""

    def __init__(self, app: Application, changes: Sequence[Change]) -> None:
        """Wrap an application; each of its drivers is changed when it is first used."""
        self.app = app
        self._changes = changes
        self._memory: dict[str, Any] = {}
        self._under_way: list[Asked] = []
        # The driver of a bridge has no credentials: the provider checks them.
        conditions = getattr(app.default, "conditions", Conditions("", ""))
        self._credentials: tuple[str, str] = conditions.user, conditions.password
        self._other: tuple[str, str] | None = getattr(conditions, "other", None)
        if any(change.driver for change in changes):
            self._change_drivers()

    def _change_drivers(self) -> None:
        find, changed = self.app.find, set[str]()

        def find_changed(name: str) -> Any:
            driver = find(name)
            if driver is not None and name not in changed:
                changed.add(name)
                for change in self._changes:
                    if change.driver is not None:
                        change.driver(driver)
            return driver

        self.app.find = find_changed  # type: ignore[method-assign]
        find_changed(self.app.default.shape.id)

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        beside = tuple(self._under_way)
        credentials, other = self._credentials, self._other
        asked = Asked(environ, self._memory, credentials, other, self.app.default, beside)
        self._under_way.append(asked)
        try:
            return self._answered(asked, start_response)
        finally:
            self._under_way.remove(asked)

    def _answered(self, asked: Asked, start_response: Start) -> Iterable[bytes]:
        for change in self._changes:
            if change.request is not None and asked.reply is None:
                change.request(asked)
        answer = asked.reply or self._ask(asked)
        before = answer.body
        for change in self._changes:
            if change.document is not None:
                change.document(asked, answer)
        _finish(asked, answer, changed=answer.body != before)
        for change in self._changes:
            if change.message is not None:
                change.message(asked, answer)
        on_wire = [c for c in self._changes if c.wire or c.following]
        if on_wire:
            pending = (c for c in on_wire if applies(c.where, asked, answer))
            PENDING.set(tuple(pending))
        start_response(STATUS_LINES.get(answer.status, f"{answer.status} Unknown"), answer.headers)
        return [answer.body] if answer.body else []

    def _ask(self, asked: Asked) -> Answer:
        """The server's own answer: the whole document, whatever If-None-Match and HEAD."""
        inside = {**asked.environ, "HTTP_IF_NONE_MATCH": ""}
        if asked.as_get:
            inside["REQUEST_METHOD"] = "GET"
        start: list[Any] = []
        body = b"".join(self.app(inside, lambda *given: start.extend(given)))
        headers: Headers = [(n, v) for n, v in start[1] if n != "Content-Length"]
        status = int(start[0].split()[0])
        return Answer(status, headers, body, stored=asked.document == "bytes" and status < 400)


def _finish(asked: Asked, answer: Answer, *, changed: bool) -> None:
    """Compute what depends on the whole document: entity-tag, condition, length, HEAD."""
    tag = answer.get("ETag")
    if changed and tag is not None:
        digest = hashlib.blake2b(answer.body, digest_size=16).hexdigest()
        tag = f'"{digest}"'
        answer.set("ETag", tag)
    condition = asked.environ.get("HTTP_IF_NONE_MATCH")
    reading = asked.method in ("GET", "HEAD") and answer.status == 200
    if condition and tag and reading and _matches(condition, tag):
        answer.status = 304
        answer.headers = [(n, v) for n, v in answer.headers if not n.startswith("Content-")]
    if answer.status in (204, 304):
        answer.body = b""
    else:
        answer.set("Content-Length", str(len(answer.body)))
    if asked.method == "HEAD":
        answer.body = b""


def _matches(condition: str, tag: str) -> bool:
    return parse_etags(condition).contains_weak(tag.removeprefix("W/").strip('"'))
