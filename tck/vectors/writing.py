"""The folder of vectors: an index, a file for each operation, schemas and workflows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from tck.endpoint import disk, files
from tck.endpoint.disk import PUBLIC
from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import Redactor
from tck.schemas.operations import API
from tck.vectors import arazzo
from tck.vectors.making import Answer, Vectors, make, recorded
from tck.vectors.messages import ORIGIN, PASSWORD, USER

_SHIPPED = ("vectors.schema.json", "openapi.json", "deltacloud.schema.json")
_SCHEMA = "vectors.schema.json"


def contents(vectors: Vectors) -> Mapping[str, bytes]:
    """Every file by its name in the folder."""
    of_operations = {f"operations/{id_}.json": _operation(vectors, id_) for id_ in API.operations}
    index = {
        "$schema": _SCHEMA,
        "version": API.version,
        "origin": ORIGIN,
        "base": API.base,
        "user": USER,
        "password": PASSWORD,
        "operations": {id_: f"operations/{id_}.json" for id_ in API.operations},
        "courses": vectors.courses,
    }
    made = {"index.json": index, "arazzo.json": arazzo.description(), **of_operations}
    shipped = {name: (resources.files("tck.schemas") / name).read_bytes() for name in _SHIPPED}
    return {name: _text(value) for name, value in made.items()} | shipped


def _text(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def _operation(vectors: Vectors, id_: str) -> dict[str, Any]:
    operation = API.operations[id_]
    return {
        "$schema": f"../{_SCHEMA}",
        "operation": id_,
        "summary": operation.summary,
        "method": operation.method,
        "path": operation.path,
        "requests": [case.to_json() for case in vectors.cases[id_]],
        "responses": [answer.to_json() for answer in vectors.answers[id_]],
    }


def add_recordings(vectors: Vectors, paths: Iterable[Path]) -> int:
    """Add response cases from recordings, without secrets; how many.

    Raises UnreadableFile.
    """
    count = 0
    for path in paths:
        for operation, answer in recorded(_hidden(files.read(path)), path.name):
            vectors.answers[operation].append(answer)
            count += 1
    return count


def _hidden(exchanges: Iterable[Exchange]) -> Iterator[Exchange]:
    """Exchanges without secrets, and without the credentials that were sent up to each."""
    redactor = Redactor()
    for x in exchanges:
        if redactor.keep_sent(x.request.headers, x.request.url):
            yield redactor.exchange(x)


def write(folder: Path, recordings: Iterable[Path] = ()) -> tuple[int, int]:
    """Write the folder; how many request cases and response cases there are in it.

    Raises Unwritable, UnreadableFile.
    """
    vectors = make()
    add_recordings(vectors, recordings)
    with disk.telling(folder):
        (folder / "operations").mkdir(parents=True, exist_ok=True)
    for name, content in contents(vectors).items():
        disk.write(folder / name, content, PUBLIC)
    answers: list[Answer] = [answer for found in vectors.answers.values() for answer in found]
    return sum(map(len, vectors.cases.values())), len(answers)
