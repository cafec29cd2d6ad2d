"""Reading HAR, as browsers and proxies write it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tck.endpoint.files import UnreadableFile, read

from .written import written

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
    path = har(tmp_path, wrong)
    with pytest.raises(UnreadableFile) as refused:
        list(read(path))
    assert str(refused.value).startswith(f"{path}: entry 1: not an exchange (")
    [right, counted] = read(har(tmp_path, ENTRY, wrong))
    assert not right.disturbance
    assert counted.disturbance.startswith("not an exchange (")


@pytest.mark.parametrize(
    "content", ["{}", "[]", "5", '{"log": []}', '{"log": {"entries": 5}}', '{"log"', "[" * 100_000]
)
def test_a_file_that_is_no_har(content: str, tmp_path: Path) -> None:
    path = written(tmp_path, "a.har", content)
    with pytest.raises(UnreadableFile) as refused:
        list(read(path))
    assert str(refused.value).startswith(f"{path}: not a HAR file (")


def test_what_a_browser_recorded_and_is_not_judged(tmp_path: Path) -> None:
    entry_point = entry("request", "url", to="http://h:1/api")
    entry_point["response"]["content"] = {"text": "<api version='1'/>"}
    cached = entry("response", "headers", to=[])
    path = har(
        tmp_path,
        entry("request", "url", to="http://elsewhere/api/track"),
        entry_point,
        entry("response", "status", to=0),
        cached,
        entry("request", "url", to="chrome-extension://abc/api/x.js"),
        entry("request", "url", to="wss://h:1/api"),
        ENTRY,
    )
    assert [x.disturbance for x in read(path)] == [
        "it is not of http://h:1",
        "",
        "no answer was recorded (status 0)",
        "no header fields of its answer were recorded, as from a cache",
        "it is no request over HTTP (chrome-extension:)",
        "it is no request over HTTP (wss:)",
        "",
    ]


def test_a_304_has_no_content_whatever_a_browser_wrote(tmp_path: Path) -> None:
    [x] = read(har(tmp_path, entry("response", "status", to=304)))
    assert (x.status, x.body, x.disturbance) == (304, b"", "")
