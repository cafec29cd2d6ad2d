"""Request cases and response cases, made by sending the course to a new reference server."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from werkzeug.test import Client

from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.reference_server.app import Application, create_app
from tck.schemas.operations import API, Operation
from tck.vectors.course import NEW, SEGMENTS, UPLOAD, Step, course
from tck.vectors.messages import ORIGIN, Arguments, Message, body_json, messages
from tck.vectors.values import values

_NOW = 1795355124.0  # seconds since 1970
_SEED = 20120601
_KEPT = {"content-type", "location", "allow", "etag", "www-authenticate"}
_FORMATTED = ("xml", "json")


def server() -> Application:
    """A new server that always answers the same: as the vectors expect it."""
    return create_app("full", clock=lambda: _NOW, chance=random.Random(_SEED).randbytes)


def is_kept(name: str) -> bool:
    """Whether a field of an answer belongs to a response case."""
    lower = name.lower()
    return lower in _KEPT or (lower.startswith("x-deltacloud-") and lower[13:] != "driver")


@dataclass(frozen=True, slots=True)
class Answer:
    """A response case: bytes, and what is to be read from them.

    `source` says who answered so; `to` is the request, where it is no case of its own, and
    `provoked` what was wrong with it.
    """

    id: str
    source: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    values: Mapping[str, Any]
    to: Message | None = None
    provoked: str = ""

    def to_json(self) -> dict[str, Any]:
        """As in the file of the operation."""
        value: dict[str, Any] = {"id": self.id, "source": self.source}
        if self.to:
            value |= {"provoked": self.provoked, "request": self.to.to_json()}
        return value | {
            "status": self.status,
            "headers": dict(self.headers),
            "body": body_json(self.body),
            "values": dict(self.values),
        }


@dataclass(frozen=True, slots=True)
class Case:
    """A request case: `sent` are the requests that mean `arguments`, of which one is enough."""

    id: str
    format: str
    arguments: Arguments
    sent: tuple[Message, ...]

    def to_json(self) -> dict[str, Any]:
        """As in the file of the operation; the response case has the same id."""
        return {
            "id": self.id,
            "format": self.format,
            "arguments": self.arguments.to_json(),
            "requests": [message.to_json() for message in self.sent],
            "response": self.id,
        }


@dataclass(slots=True)
class Vectors:
    """All cases by operation, and for each format the ids of the request cases in order."""

    cases: dict[str, list[Case]] = field(default_factory=dict)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    courses: dict[str, list[str]] = field(default_factory=dict)


def make() -> Vectors:
    """The vectors; always the same."""
    made = Vectors({id_: [] for id_ in API.operations}, {id_: [] for id_ in API.operations})
    for format_ in _FORMATTED:
        _Course(made, format_).run()
    return made


class _Course:
    """The course of requests in one format."""

    def __init__(self, made: Vectors, format_: str) -> None:
        self._made, self._format = made, format_
        self._client = Client(server())
        self._new: dict[str, str] = {}  # id of the last create, by collection
        self._upload, self._segments = "", list[str]()

    def run(self) -> None:
        counts: dict[str, int] = {}
        self._made.courses[self._format] = []
        for step in course():
            counts[step.operation] = number = counts.get(step.operation, 0) + 1
            self._take(step, number)
        for operation in API.operations.values():
            self._provoke(operation)

    def _take(self, step: Step, number: int) -> None:
        operation = API.operations[step.operation]
        arguments = self._arguments(operation, step)
        documented = operation.document not in ("empty", "bytes", "html")
        format_ = self._format if documented else operation.document.replace("empty", "none")
        id_ = f"{operation.id}.{number}" + (f".{format_}" if documented else "")
        accepted = format_ if format_ in ("xml", "json", "html") else ""
        case = Case(id_, format_, arguments, messages(operation, arguments, accepted))
        x = self._send(case.sent[0])
        answer = answer_of(x, id_)
        self._note(operation, x)
        self._made.courses[self._format].append(id_)
        if documented or self._format == _FORMATTED[0]:
            self._made.cases[operation.id].append(case)
            self._made.answers[operation.id].append(answer)
        elif case not in self._made.cases[operation.id]:
            raise ValueError(f"{id_} is another request in {self._format}")

    def _arguments(self, operation: Operation, step: Step) -> Arguments:
        named = {parameter.name: parameter.names for parameter in operation.params}
        ids = (self._new[operation.collection] if id_ == NEW else id_ for id_ in step.ids)
        given = {
            name: self._new[named[name] or ""] if value == NEW else self._filled(value)
            for name, value in (step.form or {}).items()
        }
        headers = {name: self._filled(value) for name, value in (step.headers or {}).items()}
        content = step.body or (b"" if operation.body else None)
        if content == SEGMENTS.encode():
            content = ", ".join(f"{n}={id_}" for n, id_ in enumerate(self._segments, 1)).encode()
        return Arguments(
            dict(zip(operation.path_params, ids, strict=True)), given, headers, content
        )

    def _filled(self, value: str) -> str:
        return self._upload if value == UPLOAD else value

    def _note(self, operation: Operation, x: Exchange) -> None:
        """What later steps need of an answer."""
        if operation.name == "create":
            self._new[operation.collection] = x.headers.get("Location").rpartition("/")[2]
        self._upload = x.headers.get("X-Deltacloud-SegmentedBlob") or self._upload
        if segment := x.headers.get("X-Deltacloud-BlobSegmentId"):
            self._segments.append(segment)

    def _send(self, message: Message) -> Exchange:
        answer = self._client.open(
            message.target,
            base_url=ORIGIN,
            method=message.method,
            headers=dict(message.headers),
            data=message.body,
        )
        request = Request(
            message.method, ORIGIN + message.target, Headers(message.headers), message.body
        )
        headers = Headers(tuple(answer.headers.items()))
        response = Response(answer.status_code, "", headers, answer.data)
        return Exchange("v", request, response, ORIGIN + API.base)

    def _provoke(self, operation: Operation) -> None:
        """Refusals: of requests without credentials, of unknown ids, and without a parameter."""
        case = next(
            (c for c in self._made.cases[operation.id] if c.format in (self._format, "none")), None
        )
        if case is None or operation.auth != "required":
            return
        for name, (message, status) in _provocations(operation, case, self._format).items():
            x = self._send(message)
            if x.status == status and operation.method != "HEAD":
                id_ = f"{operation.id}.{status}.{self._format}"
                answer = replace(answer_of(x, id_), to=message, provoked=name)
                self._made.answers[operation.id].append(answer)


def _provocations(operation: Operation, case: Case, format_: str) -> dict[str, tuple[Message, int]]:
    """By what is wrong: a request, and the status that it should get."""
    usual, arguments = case.sent[0], case.arguments
    headers = {n: v for n, v in usual.headers.items() if n != "Authorization"}
    accepted = {"Accept": f"application/{format_}"}
    found = {"no credentials": (replace(usual, headers=headers | accepted), 401)}
    if "id" in arguments.path:
        elsewhere = replace(arguments, path={**arguments.path, "id": "no-such-thing"})
        found["an id that there is not"] = (messages(operation, elsewhere, format_)[0], 404)
    for parameter in operation.params:
        if parameter.required and not operation.path_params:
            given = {n: v for n, v in arguments.parameters.items() if n != parameter.name}
            without = replace(arguments, parameters=given)
            found[f"no {parameter.name}"] = (messages(operation, without, format_)[0], 400)
            break
    return found


def answer_of(x: Exchange, id_: str, source: str = "the reference server") -> Answer:
    """The response case that an answer makes."""
    kept = {name: value for name, value in x.headers if is_kept(name)}
    return Answer(id_, source, x.status, kept, x.body, values(x))


def recorded(exchanges: Iterator[Exchange], source: str) -> Iterator[tuple[str, Answer]]:
    """(operation, response case) of exchanges that are right, the first of each kind.

    A kind is an operation with a status and a format. Bodies above 64 KiB are left out.
    """
    from tck.rules import judge  # noqa: PLC0415 - only who has recordings needs all rules

    seen = set[tuple[str, int, str | None]]()
    for x in exchanges:
        op, whole = x.operation, x.response is not None and x.response.body is not None
        if op is None or not whole or x.disturbance or x.edited or len(x.body) > 64 << 10:
            continue
        kind = (op.id, x.status, x.format)
        if kind not in seen and all(judgement.ok for _, judgement in judge(x)):
            seen.add(kind)
            name = f"{op.id}.{x.status}.{x.format or 'none'}.{source}"
            yield op.id, answer_of(x, name, source)
