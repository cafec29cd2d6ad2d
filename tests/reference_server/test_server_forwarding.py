"""Behind a proxy: hrefs lead to the proxy, if the server is configured to trust it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .client import Api

HEADERS = {
    "X-Forwarded-Host": "cloud.example.org",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "443",
}


def base(api: Api, **headers: str) -> str:
    entry = api("GET", "http://inside:3001/api", **{**HEADERS, **headers}).xml
    return entry[0].attrib["href"].removesuffix("/addresses")


def test_api_xforwarded_as_recorded(make: Callable[..., Api]) -> None:
    assert base(make(trust_forwarded=True)) == "https://cloud.example.org/api"


def test_anybody_could_send_them_so_nobody_is_believed_unasked(api: Api) -> None:
    assert base(api) == "http://inside:3001/api"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-Forwarded-Port": "8443"}, "https://cloud.example.org:8443"),
        ({"X-Forwarded-Proto": "http", "X-Forwarded-Port": "80"}, "http://cloud.example.org"),
        ({"X-Forwarded-Host": "a.example:8000"}, "https://a.example:8000"),
        ({"X-Forwarded-Host": "[::1]"}, "https://[::1]"),
        ({"X-Forwarded-Host": "evil.example, near.example"}, "https://near.example"),
        ({"X-Forwarded-Host": ""}, "https://inside:3001"),
        ({"X-Forwarded-Proto": "gopher", "X-Forwarded-Port": "80"}, "http://cloud.example.org"),
        ({"X-Forwarded-Port": "many"}, "https://cloud.example.org"),
    ],
)
def test_what_proxies_send(
    make: Callable[..., Api], headers: dict[str, str], expected: str
) -> None:
    assert base(make(trust_forwarded=True), **headers) == f"{expected}/api"


def test_an_answer_for_one_proxy_is_not_given_to_another(make: Callable[..., Api]) -> None:
    api = make(trust_forwarded=True)
    assert base(api) != base(api, **{"X-Forwarded-Host": "other.example"})


def test_a_proxy_that_names_no_host_is_refused(make: Callable[..., Api]) -> None:
    reply = make(trust_forwarded=True).get("", **{"X-Forwarded-Host": "a b"})
    assert reply.status == 400
    assert b"a b" not in reply.body
