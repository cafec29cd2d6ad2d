"""What an exchange knows of itself: path, operation, method, format, content."""

from __future__ import annotations

import json

import pytest

from tck.endpoint.exchange import Exchange, Headers, Request

from .exchanges import exchange

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


# ---------------------------------------------------------------- header fields


def test_names_are_compared_without_regard_to_case() -> None:
    headers = Headers({"ETag": '"1"', "x-a": ""})
    assert headers.get("etag") == '"1"'
    assert "X-A" in headers
    assert "X-B" not in headers
    assert headers.get("X-B", "none") == "none"
    assert headers.get("X-A", "none") == ""


def test_repeated_fields_are_joined_and_kept_apart() -> None:
    headers = Headers((("Allow", "GET"), ("x", "1"), ("allow", "PUT")))
    assert headers.get("Allow") == "GET, PUT"
    assert headers.all("ALLOW") == ["GET", "PUT"]
    assert list(headers) == [("Allow", "GET"), ("x", "1"), ("allow", "PUT")]


# ---------------------------------------------------------------- what was asked


@pytest.mark.parametrize(
    ("path", "api_path", "operation", "params"),
    [
        ("", "", "api.show", {}),
        ("/", "", "api.show", {}),
        (";driver=ec2", "", "api.show", {}),
        (";driver=ec2;provider=eu/keys", "/keys", "keys.index", {}),
        ("/keys", "/keys", "keys.index", {}),
        ("/keys/", "/keys/", None, {}),
        ("/keys/a%2Fb%20c", "/keys/a%2Fb%20c", "keys.show", {"id": "a/b c"}),
        ("/images;instance_id=i1", "/images", "images.index", {}),
        ("/instances/i1;a=b/stop", "/instances/i1/stop", None, {}),  # stop wants POST
        ("/buckets/b/c", "/buckets/b/c", "blobs.show", {"id": "b", "blob_id": "c"}),
        (
            "/buckets/b/c/content",
            "/buckets/b/c/content",
            "blobs.content",
            {"id": "b", "blob_id": "c"},
        ),
        ("/nowhere", "/nowhere", None, {}),
        ("/keys?format=xml", "/keys", "keys.index", {}),
        ("//keys", "//keys", None, {}),
    ],
)
def test_operation(path: str, api_path: str, operation: str | None, params: dict[str, str]) -> None:
    x = exchange(path)
    assert x.api_path == api_path
    assert (x.operation.id if x.operation else None) == operation
    assert x.path_params == params


@pytest.mark.parametrize(
    ("base", "url", "api_path"),
    [
        ("http://h/api", "http://h/apis/keys", None),
        ("http://h/api", "http://h/", None),
        ("http://h/api", "http://h/cimi/machines", None),
        ("http://h/cloud/v1", "http://h/cloud/v1/keys", "/keys"),
        ("http://h/cloud/v1", "http://h/cloud/v1;driver=x/keys", "/keys"),
        ("http://h/api/", "http://h/api/keys", "/keys"),
        ("http://h", "http://h/keys", "/keys"),
        ("http://h", "http://h", ""),
        ("http://h", "http://h/", ""),
    ],
)
def test_path_below_the_base(base: str, url: str, api_path: str | None) -> None:
    x = Exchange("x", Request("GET", url), None, base)
    assert x.api_path == api_path
    if api_path is None:
        assert x.operation is None


def test_head_asks_for_the_operation_of_get_unless_it_has_its_own() -> None:
    head = exchange("/keys", method="HEAD")
    assert head.operation is not None
    assert head.operation.id == "keys.index"
    blob = exchange("/buckets/b/c", method="HEAD")
    assert blob.operation is not None
    assert blob.operation.id == "blobs.head"


@pytest.mark.parametrize(
    ("method", "query", "form", "content_type", "counts"),
    [
        ("POST", "", b"_method=delete", FORM["Content-Type"], "DELETE"),
        ("POST", "", b"a=b&_method=DELETE", FORM["Content-Type"] + "; charset=utf-8", "DELETE"),
        ("POST", "", b"_method=", FORM["Content-Type"], "POST"),
        ("POST", "", b"_method=delete", "text/plain", "POST"),
        ("GET", "", b"_method=delete", FORM["Content-Type"], "GET"),
        ("POST", "?_method=delete", b"", FORM["Content-Type"], "POST"),  # only in a form
        ("GET", "?_method=delete", None, "", "GET"),
    ],
)
def test_method_override(
    method: str, query: str, form: bytes | None, content_type: str, counts: str
) -> None:
    sent = {"Content-Type": content_type} if content_type else {}
    x = exchange("/keys/k" + query, method=method, form=form, sent=sent)
    assert x.method == counts
    assert x.request.method == method


def test_parameters_of_query_and_form() -> None:
    x = exchange("/keys?a=1&b=&a=2", method="POST", form=b"b=%C3%A4&c=+x", sent=FORM)
    assert x.request.query == {"a": "2", "b": ""}
    assert x.request.parameters == {"a": "2", "b": "ä", "c": " x"}


def test_a_body_that_is_no_form_has_no_parameters() -> None:
    assert exchange("/keys", method="POST", form=b"a=1").request.parameters == {}
    assert exchange("/keys", method="POST", form=b"\xff=\xfe", sent=FORM).request.parameters


# ---------------------------------------------------------------- what came


@pytest.mark.parametrize(
    ("content_type", "format_"),
    [
        ("application/xml", "xml"),
        ("text/xml; charset=utf-8", "xml"),
        (" Application/JSON ;charset=utf-8", "json"),
        ("text/html;charset=utf-8", "html"),
        ("application/xhtml+xml", "html"),
        ("text/plain", None),
        ("", None),
        ("xml", None),
    ],
)
def test_format(content_type: str, format_: str | None) -> None:
    assert exchange("", "<api/>", fields={"Content-Type": content_type}).format == format_


def test_content_is_parsed_as_what_it_claims_to_be() -> None:
    assert exchange("", "<api/>").xml is not None
    assert exchange("", "<api/>").json is None
    assert exchange("", '{"api": 1}', format="json").json == {"api": 1}
    assert exchange("", '{"api": 1}', format="json").xml is None
    assert exchange("", "<api/>", format="html").xml is None
    assert exchange("", "").xml is None
    assert exchange("", "").syntax_error is None


BOMB = (
    '<!DOCTYPE api [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><api>&i;</api>"
)


@pytest.mark.parametrize(
    ("body", "format_"),
    [
        ("<api>", "xml"),
        ("<api/><api/>", "xml"),
        ("not xml", "xml"),
        (b"<api>\xff</api>", "xml"),
        ("<a>" * 5000 + "</a>" * 5000, "xml"),
        ("{", "json"),
        ("{'a': 1}", "json"),
        (b'{"a": "\xff"}', "json"),
        ("[" * 100_000 + "]" * 100_000, "json"),
        ('{"a": NaN}', "json"),
        ('{"a": -Infinity}', "json"),
        ("\ufeff{}", "json"),
    ],
)
def test_broken_content_says_why(body: bytes | str, format_: str) -> None:
    x = exchange("", body, format=format_)
    assert (x.xml, x.json) == (None, None)
    assert x.syntax_error


def test_large_numbers_are_json() -> None:
    x = exchange("", '{"a": ' + "9" * 5000 + "}", format="json")
    assert x.syntax_error is None


def test_entities_are_not_expanded() -> None:
    x = exchange("", BOMB)
    assert x.xml is None or len("".join(x.xml.itertext())) < 1000


def test_nothing_is_fetched(tmp_path: object) -> None:
    outside = f"{tmp_path}/secret"
    with open(outside, "w", encoding="utf-8") as file:
        file.write("canary")
    x = exchange("", f'<!DOCTYPE api [<!ENTITY e SYSTEM "file://{outside}">]><api>&e;</api>')
    assert x.xml is None or "canary" not in "".join(x.xml.itertext())


@pytest.mark.parametrize(
    ("body", "length", "edited"),
    [("<api/>", "6", False), ("<api/>", "7", True), ("<api/>", "", False), ("<api/>", "x", False)],
)
def test_edited_by_a_recorder(body: str, length: str, edited: bool) -> None:
    assert exchange("", body, fields={"Content-Length": length}).edited == edited


def test_without_response() -> None:
    x = Exchange("x", Request("GET", "http://h/api"), None, "http://h/api", failure="it broke")
    assert (x.status, x.ok, x.body, x.xml, x.json, x.format) == (0, False, b"", None, None, None)
    assert list(x.headers) == []


def test_omitted_body_is_none_but_reads_as_empty() -> None:
    x = exchange("", None)
    assert x.response is not None
    assert x.response.body is None
    assert x.body == b""
    assert x.syntax_error is None


def test_json_values_keep_their_kinds() -> None:
    value = {"a": [1, 1.5, None, True, "ä😀"]}
    assert exchange("", json.dumps(value), format="json").json == value
