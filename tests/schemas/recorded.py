"""The documents with which Apache Deltacloud 1.1.3 answered when it was recorded."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tck.schemas.operations import API, Operation

_FOLDER = Path(__file__).parent.parent / "recordings"


@dataclass(frozen=True)
class Exchange:
    """A recorded request for an operation of the API, with the described parts of the answer."""

    id: str
    operation: Operation
    status: int
    media: str
    location: str | None
    body: str


@dataclass(frozen=True)
class Recorded:
    """A document with the name that operations.toml gives it; failures are "error"."""

    id: str
    media: str
    document: str
    body: str


@cache
def exchanges() -> tuple[Exchange, ...]:
    """The recorded requests for an operation, in the order of the recording."""
    return tuple(_exchanges())


@cache
def documents(media: str) -> tuple[Recorded, ...]:
    """All recorded documents of the API of one media type, in the order of the recording."""
    return tuple(
        Recorded(x.id, media, "error" if x.status >= 400 else x.operation.document, x.body)
        for x in exchanges()
        if x.media == media and x.body
    )


def _exchanges() -> Iterator[Exchange]:
    for name in ("apache-deltacloud-mock.jsonl", "apache-deltacloud-extended.jsonl"):
        for line in (_FOLDER / name).read_text("utf-8").splitlines():
            recorded = json.loads(line)
            operation, answer = _operation(recorded["request"]), recorded["response"]
            if operation is not None and answer["status"] is not None:
                yield Exchange(
                    id=recorded["id"],
                    operation=operation,
                    status=answer["status"],
                    media=answer["headers"].get("Content-Type", ""),
                    location=answer["headers"].get("Location"),
                    body=answer["body"] or "",
                )


def _operation(request: dict[str, str]) -> Operation | None:
    if not request["path"].startswith("/api"):
        return None
    path = re.sub(r";[^/]*|\?.*", "", request["path"]).removeprefix("/api").replace("//", "/")
    match = API.match(request["method"], "" if path == "/" else path)
    if match is None or match[0].method != request["method"]:
        return None  # HEAD of a GET operation
    return match[0]
