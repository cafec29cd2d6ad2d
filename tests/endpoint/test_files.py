"""Reading exchanges from files; what cannot be read is refused with file and place."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from tck.endpoint import files
from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.endpoint.files import UnreadableFile, from_json, read, to_json
from tck.reference_server.embedded import Embedded
from tck.rules import judge
from tck.schemas.operations import API

from .exchanges import RECORDINGS, exchange, recorded

GOOD: dict[str, Any] = {
    "id": "a",
    "request": {"method": "GET", "path": "/api", "headers": {"Host": "h:1"}, "body": None},
    "response": {"status": 200, "reason": "OK", "headers": {}, "body": "<api/>"},
    "ms": 1,
}


def changed(*path: str, to: Any = ...) -> dict[str, Any]:
    """GOOD with one value changed, or left out."""
    value = json.loads(json.dumps(GOOD))
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    if to is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = to
    return dict(value)


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# ---------------------------------------------------------------- JSON Lines


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_recordings_survive_a_round_trip(path: Path, tmp_path: Path) -> None:
    once = list(read(path))
    assert len(once) == len(path.read_text("utf-8").splitlines())
    lines = (json.dumps(to_json(x), ensure_ascii=False) for x in once)
    again = list(read(written(tmp_path, "again.jsonl", "\n".join(lines))))
    for one, other in zip(once, again, strict=True):
        assert to_json(one) == to_json(other)
        assert one.body == other.body
        assert list(one.headers) == list(other.headers)
        assert (one.request.method, one.request.url) == (other.request.method, other.request.url)
        assert (one.failure, one.operation) == (other.failure, other.operation)


def test_judgements_survive_a_round_trip() -> None:
    for x in recorded():
        again = from_json(json.loads(json.dumps(to_json(x))))
        if x.response is None or x.response.body is not None:  # what was omitted stays omitted
            assert [j for _, j in judge(again)] == [j for _, j in judge(x)], x.id


FIELD = st.text(st.characters(codec="latin-1", exclude_categories=["C"]), max_size=8)
FIELDS = st.lists(st.tuples(st.sampled_from(["ETag", "etag", "Allow", "X"]), FIELD), max_size=4)


@given(
    body=st.none() | st.binary(max_size=20) | st.text(max_size=10).map(str.encode),
    fields=FIELDS,
    failure=st.none() | st.just("the answer broke off"),
    answered=st.booleans(),
)
def test_any_exchange_survives_a_round_trip(
    body: bytes | None, fields: list[tuple[str, str]], failure: str | None, answered: bool
) -> None:
    request = Request("POST", "http://h:1/api/keys?a=%20#", Headers(tuple(fields)), body)
    response = Response(200, "OK", Headers(tuple(fields)), body or b"")
    x = Exchange(
        "a",
        request,
        response if answered else None,
        "http://h:1/api",
        1.0,
        2.0,
        failure if answered else "none came",
    )
    again = from_json(json.loads(json.dumps(to_json(x), ensure_ascii=False)))
    assert again.body == x.body
    assert again.request.body == (body or again.request.body)
    assert again.request.url == "http://h:1/api/keys?a=%20"
    assert (again.failure, again.ms, again.started) == (x.failure, 1.0, 2.0)
    for name in ("ETag", "Allow", "X"):
        assert again.headers.get(name) == x.headers.get(name)


def test_what_was_omitted_is_not_empty() -> None:
    value = changed("response", "body_omitted", to="html")
    x = from_json(value)
    assert x.response is not None
    assert x.response.body is None
    again = from_json(json.loads(json.dumps(to_json(x))))
    assert again.response is not None
    assert again.response.body is None


def test_without_status_there_was_no_answer() -> None:
    x = from_json(changed("response", "status", to=None))
    assert x.response is None
    assert x.failure


def test_line_ends_inside_a_line_do_not_end_it(tmp_path: Path) -> None:
    """U+2028 and others end a line for Python, not for JSON Lines."""
    value = changed("response", "body", to="a\u2028b\u0085c\x1dd")
    text = json.dumps(value, ensure_ascii=False).replace("\\u001d", "\\u001d")
    found = list(read(written(tmp_path, "a.jsonl", text + "\r\n\r\n" + text)))
    assert [x.body.decode() for x in found] == ["a\u2028b\u0085c\x1dd"] * 2


def test_blank_lines_and_a_byte_order_mark_are_no_offence(tmp_path: Path) -> None:
    line = json.dumps(GOOD)
    assert len(list(read(written(tmp_path, "a.jsonl", f"\n\n{line}\n\n")))) == 1
    assert len(list(read(written(tmp_path, "b.jsonl", "\ufeff" + line)))) == 1


def test_base_path(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", json.dumps(changed("request", "path", to="/v2/keys")))
    [x] = read(path, "/v2")
    assert (x.base, x.api_path) == ("http://h:1/v2", "/keys")


WRONG_LINES = [
    "null",
    "5",
    '"request"',
    "[]",
    "{}",
    "{",
    '{"request": ',
    '{"request": 5, "response": {}}',
    "[" * 100_000,
    *(
        json.dumps(value)
        for value in (
            changed("id"),
            changed("request"),
            changed("response"),
            changed("request", to=[]),
            changed("response", to=None),
            changed("request", "method"),
            changed("request", "path"),
            changed("request", "path", to=5),
            changed("request", "headers", to=5),
            changed("request", "headers", to=["a"]),
            changed("request", "headers", to={"Host": "["}),
            changed("request", "headers", to=["ab"]),
            changed("request", "body", to={"a": 1}),
            changed("request", "origin", to=5),
            changed("response", "status", to="ok"),
            changed("response", "status", to=[]),
            changed("response", "status", to=float("inf")),
            changed("response", "headers", to="a"),
            changed("response", "headers", to=[["a", "b"]]),
            changed("response", "body_encoding", to="base64"),
            changed("response", "body", to="\ud800"),
            changed("id", to="\ud800"),
            changed("response", "headers", to={"X": "\udfff"}),
            changed("ms", to="soon"),
            changed("ms", to=[1]),
            changed("started", to="today"),
        )
    ),
]


@pytest.mark.parametrize("line", WRONG_LINES, ids=lambda line: line[:60])
def test_a_wrong_line_is_named(line: str, tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", f"{json.dumps(GOOD)}\n{line}\n")
    with pytest.raises(UnreadableFile) as refused:
        list(read(path))
    assert str(refused.value).startswith(f"{path}:2: not an exchange (")
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 600


# ---------------------------------------------------------------- HAR

ENTRY: dict[str, Any] = {
    "time": 3,
    "request": {
        "method": "POST",
        "url": "http://h:1/api/keys?a=b",
        "headers": [{"name": "Accept", "value": "application/xml"}, {"name": "x", "value": "1"}],
        "postData": {"text": "name=ä", "mimeType": "application/x-www-form-urlencoded"},
    },
    "response": {
        "status": 201,
        "statusText": "Created",
        "headers": [{"name": "Content-Type", "value": "application/xml"}],
        "content": {"text": "<key/>", "size": 6},
    },
}


def har(folder: Path, *entries: Any, name: str = "a.har") -> Path:
    return written(folder, name, json.dumps({"log": {"version": "1.2", "entries": entries}}))


def entry(*path: str, to: Any) -> dict[str, Any]:
    value = json.loads(json.dumps(ENTRY))
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = to
    return dict(value)


@pytest.mark.parametrize("name", ["a.har", "a.json", "a.txt"])
def test_har(name: str, tmp_path: Path) -> None:
    [x] = read(har(tmp_path, ENTRY, name=name))
    assert (x.method, x.status, x.api_path) == ("POST", 201, "/keys")
    assert x.request.body == "name=ä".encode()
    assert x.request.headers.get("X") == "1"
    assert x.xml is not None
    assert x.base == "http://h:1/api"
    assert x.operation is not None
    assert x.operation.id == "keys.create"


def test_har_content_in_base64(tmp_path: Path) -> None:
    content = {"text": base64.b64encode(b"\xff\x00").decode(), "encoding": "base64", "size": 2}
    [x] = read(har(tmp_path, entry("response", "content", to=content)))
    assert x.body == b"\xff\x00"


def test_har_without_content_is_omitted_not_empty(tmp_path: Path) -> None:
    [omitted, empty] = read(
        har(
            tmp_path,
            entry("response", "content", to={"size": 10}),
            entry("response", "content", to={"size": 0}),
        )
    )
    assert omitted.response is not None
    assert omitted.response.body is None
    assert empty.response is not None
    assert empty.response.body == b""


def test_har_without_response(tmp_path: Path) -> None:
    [x] = read(har(tmp_path, entry("response", "status", to=0)))
    assert x.response is None
    assert x.failure


def test_har_with_nulls_where_browsers_write_them(tmp_path: Path) -> None:
    [x] = read(har(tmp_path, entry("request", "postData", to=None)))
    assert x.request.body is None


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        5,
        "entry",
        {},
        {"request": {}, "response": {}},
        entry("request", to=[]),
        entry("response", to=[]),
        entry("request", "url", to="http://["),
        entry("request", "url", to=5),
        entry("request", "headers", to=[5]),
        entry("request", "headers", to=[{"name": "a"}]),
        entry("request", "postData", to=5),
        entry("request", "postData", to={"text": 5}),
        entry("response", "status", to="200"),
        entry("response", "content", to=[1]),
        entry("response", "content", to={"text": "!", "encoding": "base64"}),
        entry("response", "headers", to=None),
        entry("time", to="soon"),
        entry("request", "url", to="http://h/\ud800"),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_a_wrong_har_entry_is_named(wrong: Any, tmp_path: Path) -> None:
    path = har(tmp_path, ENTRY, wrong)
    with pytest.raises(UnreadableFile) as refused:
        list(read(path))
    assert str(refused.value).startswith(f"{path}: entry 2: not an exchange (")


@pytest.mark.parametrize(
    "content", ["{}", "[]", "5", '{"log": []}', '{"log": {"entries": 5}}', '{"log"', "[" * 100_000]
)
def test_a_file_that_is_no_har(content: str, tmp_path: Path) -> None:
    path = written(tmp_path, "a.har", content)
    with pytest.raises(UnreadableFile) as refused:
        list(read(path))
    assert str(refused.value).startswith(f"{path}: not a HAR file (")


# ---------------------------------------------------------------- single documents

SHOWN = [n for n in API.top_level if "show" in API.collections[n].operations]


def _documents(full: Embedded, collection: str, format_: str) -> list[tuple[str, bytes]]:
    """(operation, document) of a collection's list and of its first member."""
    get = {"auth": (full.user, full.password), "headers": {"Accept": f"application/{format_}"}}
    listed = requests.get(f"{full.url}/{collection}", **get, timeout=10)  # type: ignore[arg-type]
    found = [(f"{collection}.index", listed.content)]
    plain = requests.get(
        f"{full.url}/{collection}", auth=(full.user, full.password), timeout=10
    ).content
    root = exchange("/" + collection, plain).xml
    first = None if root is None else root.find("*[@href]")
    if first is not None and collection in SHOWN:
        url = str(first.get("href"))
        shown = requests.get(url, **get, timeout=10)  # type: ignore[arg-type]
        found.append((f"{collection}.show", shown.content))
    return found


@pytest.mark.parametrize("format_", ["xml", "json"])
@pytest.mark.parametrize("collection", API.top_level)
def test_a_document_stands_for_its_exchange(
    full: Embedded, collection: str, format_: str, tmp_path: Path
) -> None:
    for operation, content in _documents(full, collection, format_):
        if operation.startswith("drivers.") and format_ == "json":
            continue  # keyed by id: nothing in the document tells what it is (J3)
        [x] = read(written(tmp_path, f"{operation}.{format_}", content))
        assert x.operation is not None, operation
        assert x.operation.id == operation
        assert x.lone
        judged = [j for _, j in judge(x)]
        assert judged, "something was examined"
        assert [j for j in judged if not j.ok] == []


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ('<error status="404" url="/api/keys/x"><a/></error>', "/api/keys/x"),
        ('<error status="404" url="http://h/api/keys/x?a=b"><a/></error>', "/api/keys/x"),
        ('<error status="404" url="/cloud/v2/keys/x"><a/></error>', "/cloud/v2/keys/x"),
        ('<error status="404"><a/></error>', "/api"),
        ('{"code": 404, "message": "none"}', "/api"),
    ],
)
def test_an_error_document_answers_the_request_that_it_names(
    content: str, path: str, tmp_path: Path
) -> None:
    [x] = read(written(tmp_path, "error", content))
    assert x.status == 404
    assert x.request.path == path
    assert [j for _, j in judge(x) if j.requirement == "DC-ERR-012" and not j.ok] == []


def test_an_xml_document_keeps_its_encoding(tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?><realm id="r" href="http://h/api/realms/r"><name>ä</name></realm>'
    [x] = read(written(tmp_path, "realm.xml", text.encode("latin-1")))
    assert x.xml is not None
    assert x.xml.findtext("name") == "ä"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the file is empty"),
        (" \n\t", "the file is empty"),
        (b"\xff\xfe\x00", "not UTF-8 text"),
        ("<keys>", "not well-formed XML"),
        ("<html><body/></html>", "'html' is not the root of a document of the API"),
        ("<keys xmlns='urn:x'/>", "is not the root of a document of the API"),
        ("{}", "not a document of the Deltacloud API"),
        ('{"cloud": {}}', "'cloud' is not the root of a document of the API"),
        ("{\n\n", "neither JSON nor JSON Lines"),
        ('{"log": 5, "a": 1}', "not a document of the Deltacloud API"),
        ("[" * 100_000 + "]" * 100_000, "neither JSON nor JSON Lines"),
        ("hello", "not an exchange"),
    ],
)
def test_what_is_no_document(content: str | bytes, said: str, tmp_path: Path) -> None:
    path = written(tmp_path, "document", content)
    with pytest.raises(UnreadableFile) as refused:
        list(read(path))
    assert str(refused.value).startswith(f"{path}:")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(UnreadableFile) as refused:
            list(files.read(path))
        assert str(path) in str(refused.value)


NAMES = ["log", "entries", "request", "response", "api", "keys", "code"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
)


@given(value=VALUES, suffix=st.sampled_from([".har", ".json", ".jsonl"]))
def test_any_json_is_read_or_refused(
    value: Any, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = written(tmp_path_factory.getbasetemp(), f"any{suffix}", json.dumps(value))
    try:
        found = list(read(path))
    except UnreadableFile:
        return
    for x in found:
        list(judge(x))
