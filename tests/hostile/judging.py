"""What is wanted of every behaviour, and whether it is so."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema_rs
from endpoint.spellings import shows
from lxml import etree, html

import tck.schemas
from tck.endpoint import files

from .account import PASSWORD, USER
from .behaviour import Behaviour, Wanted
from .trial import SLOWNESS, Outcome

MOST_MEMORY = 300  # mebibytes
MOST_REPORT = 100  # mebibytes
_SCHEMA = json.loads((Path(tck.schemas.__file__).parent / "results.schema.json").read_text("utf-8"))
_VALIDATOR = jsonschema_rs.Draft202012Validator(_SCHEMA)
_ARTEFACTS = (
    *("results.json", "report.html", "junit.xml", "summary.md", "badge.svg"),
    *("transcript.jsonl", "transcript.har"),
)
_PAIR = base64.b64encode(f"{USER}:{PASSWORD}".encode())
# All but the ends of lines; what turns text around or is not seen, too.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
SECRETS = (PASSWORD.encode(), quote(PASSWORD).encode(), _PAIR)


def wrongs(behaviour: Behaviour, outcome: Outcome) -> list[str]:
    """What is not as wanted, each in a sentence; empty if all is well."""
    spelled = [*_spelled(outcome)] if behaviour.kind == "secrets" else []
    process = [*_in_the_process(behaviour, outcome), *spelled]
    return [*_in_the_cloud(behaviour.wanted, outcome), *process] + (
        [*_in_the_report(behaviour.wanted, outcome)] if behaviour.wanted.report else []
    )


def _in_the_cloud(wanted: Wanted, outcome: Outcome) -> Iterator[str]:
    yield from outcome.harm
    for data in outcome.caught:
        yield f"the trap was connected to: {data[:200]!r}"
    for collection, id_ in outcome.left:
        told = id_.rpartition("/")[2] in outcome.told
        if not told or wanted.left == "nothing":
            yield f"{collection} {id_} was left behind, and that was {'' if told else 'not '}told"


def _in_the_process(behaviour: Behaviour, outcome: Outcome) -> Iterator[str]:
    run, wanted = outcome.run, behaviour.wanted
    if run.code not in wanted.codes:
        yield f"exit {run.code}, wanted {wanted.codes}: {run.told[-1500:]}"
    if run.seconds > SLOWNESS * wanted.seconds:
        yield f"it took {run.seconds:.1f} s"
    if outcome.mebibytes > MOST_MEMORY:
        yield f"it took {outcome.mebibytes:.0f} MiB of memory"
    if outcome.outside:
        yield f"written outside the report's folder: {outcome.outside}"
    for pattern in wanted.says:
        if not re.search(pattern, outcome.told):
            yield f"{pattern!r} is not told: {outcome.told[-1500:]}"
    if control := _CONTROL.search(outcome.told):
        yield f"the console shows control characters: {_around(outcome.told, control.start())!r}"
    for sign in ("Traceback (most recent call last)", "INTERNALERROR"):
        if sign in outcome.told:
            yield f"{sign}: {outcome.told[-3000:]}"
    if outcome.cleanup is not None:
        usual = (0,) if wanted.left == "nothing" else (0, 5)
        if outcome.cleanup.code not in (wanted.cleanup or usual):
            yield f"cleanup: exit {outcome.cleanup.code}: {outcome.cleanup.told[-1500:]}"
        if outcome.cleanup.seconds > SLOWNESS * wanted.seconds:
            yield f"cleanup took {outcome.cleanup.seconds:.1f} s"


def _around(text: Any, place: int) -> Any:
    """What is there in a text."""
    return text[max(0, place - 80) : place + 80]


def _in_the_report(wanted: Wanted, outcome: Outcome) -> Iterator[str]:
    written = [path for path in outcome.report.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in written) / (1 << 20)
    if size > MOST_REPORT:
        yield f"the report has {size:.0f} MiB"
        return
    for path in written:
        yield from _with_secrets(path.name, path.read_bytes())
    yield from _with_secrets("the console", outcome.told.encode())
    killed = (outcome.run.code or 0) < 0
    if missing := [name for name in _ARTEFACTS if not (outcome.report / name).exists()]:
        if not killed:
            yield f"there is no {', '.join(missing)}"
        return
    result = json.loads((outcome.report / "results.json").read_text("utf-8"))
    yield from (f"results.json: {e.message[:200]}" for e in _invalid(result))
    statuses = {entry["id"]: entry["status"] for entry in result["requirements"]}
    if errors := [id_ for id_, status in statuses.items() if status == "kit-error"]:
        yield f"errors of the kit: {errors} {result['summary']['errors']}"
    for id_ in wanted.finds:
        if statuses[id_] not in ("fail", "warn"):
            yield f"{id_} is {statuses[id_]}, not violated"
    yield from _unreadable(outcome.report)


def _invalid(result: Any) -> list[Any]:
    return [*islice(_VALIDATOR.iter_errors(result), 3)]


def _with_secrets(name: str, content: bytes) -> Iterator[str]:
    for secret in SECRETS:
        if secret in content:
            place = _around(content, content.index(secret))
            yield f"{name} holds the password: {place!r}"


def _spelled(outcome: Outcome) -> Iterator[str]:
    """Where one who decodes reads the password."""
    files = [path for path in outcome.report.rglob("*") if path.is_file()]
    lines = {line for path in files for line in path.read_bytes().splitlines()}
    for line in lines.union(outcome.told.encode().splitlines()):
        if shows(line, PASSWORD, 1):
            yield f"it can be read that the password is the canary: {line[:2000]!r}"


def _unreadable(report: Path) -> Iterator[str]:
    """Artefacts that their readers cannot read."""
    huge = etree.XMLParser(huge_tree=True)
    readers = {
        "junit.xml": lambda data: etree.fromstring(data, huge),
        "badge.svg": lambda data: etree.fromstring(data, huge),
        "report.html": lambda data: html.document_fromstring(data, parser=html.HTMLParser()),
        "summary.md": lambda data: data.decode(),
        "transcript.jsonl": lambda data: [json.loads(line) for line in data.splitlines()],
        "transcript.har": lambda data: json.loads(data)["log"]["entries"][0],
    }
    for name, read in readers.items():
        try:
            read((report / name).read_bytes())
        except (ValueError, LookupError, etree.LxmlError) as error:
            yield f"{name} cannot be read: {error}"
    try:
        for _ in files.read(report / "transcript.jsonl", "/api"):
            pass
    except files.UnreadableFile as error:
        yield f"transcript.jsonl is not a transcript: {error}"
