"""The documents that Apache Deltacloud 1.1.3 gave when it was recorded."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tck.schemas.operations import API

_FOLDER = Path(__file__).parent.parent / "recordings"


@dataclass(frozen=True)
class Recorded:
    """A document with the name that operations.toml gives it; failures are "error"."""

    id: str
    status: int
    media: str
    document: str
    body: str


@cache
def documents(media: str) -> tuple[Recorded, ...]:
    """All recorded documents of the API of one media type, in the order of the recording."""
    return tuple(d for d in _all() if d.media == media)


def _all() -> Iterator[Recorded]:
    for name in ("apache-deltacloud-mock.jsonl", "apache-deltacloud-extended.jsonl"):
        for line in (_FOLDER / name).read_text("utf-8").splitlines():
            exchange = json.loads(line)
            request, response = exchange["request"], exchange["response"]
            media = response["headers"].get("Content-Type", "")
            if response["body"] and media in ("application/xml", "application/json"):
                document = _document(request["method"], request["path"], response["status"])
                yield Recorded(
                    exchange["id"], response["status"], media, document, response["body"]
                )


def _document(method: str, path: str, status: int) -> str:
    if status >= 400:
        return "error"
    path = re.sub(r";[^/]*|\?.*", "", path).removeprefix("/api").replace("//", "/").rstrip("/")
    found = API.match(method, path)
    assert found is not None, path
    return found[0].document
