"""Reading exchanges from files; what cannot be read is refused with file and place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.endpoint.files import UnreadableFile, from_json, read, to_json
from tck.rules import judge
from tck.rules.judgement import Judgement

from .exchanges import RECORDINGS, recorded
from .written import written

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
            assert list(judged(again)) == list(judged(x)), x.id


def judged(x: Exchange) -> Iterator[Judgement | tuple[str, bool, str]]:
    """Judgements; of right ones without what was got, which may be an element of the document."""
    for _, judgement in judge(x):
        yield (judgement.requirement, True, judgement.place) if judgement.ok else judgement


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


def test_what_was_redacted_has_the_length_that_is_left() -> None:
    value = changed("response", "body", to="<pem>[redacted]</pem>")
    value["response"]["headers"] = {"Content-Length": "2064"}
    x = from_json(value)
    assert x.headers.get("content-length") == str(len(x.body))
    value["response"]["body"] = "<pem>x</pem>"
    assert from_json(value).headers.get("Content-Length") == "2064"


def test_what_an_entry_point_calls_itself_holds_for_what_follows(tmp_path: Path) -> None:
    links = "".join(f'<link rel="{r}" href="http://inner/api/{r}"/>' for r in ("keys", "realms"))
    entry = changed("response", "body", to=f"<api>{links}</api>")
    entry["response"]["headers"] = {"Content-Type": "application/xml"}
    elsewhere = changed("request", "headers", "Host", to="h:2")
    lines = (json.dumps(value) for value in (GOOD, entry, GOOD, elsewhere))
    found = read(written(tmp_path, "a.jsonl", "\n".join(lines)))
    assert [x.alias for x in found] == ["", "", "http://inner/api", ""]
