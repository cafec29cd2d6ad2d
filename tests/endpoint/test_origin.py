"""Credentials stay at home, whatever an href looks like."""

from __future__ import annotations

import contextlib

import pytest

from tck.endpoint.transport import ForeignOrigin, Transport

from .sockets import LIMITS, SECRET, answer, peer, talking


@pytest.mark.parametrize(
    "href",
    [
        "http://{other}/api/keys",
        "https://{own}/api/keys",
        "http://{own}@{other}/api",
        "http://{other}\\@{own}/api",  # urllib and urllib3 read this differently
        "http://{other}#@{own}/api",
        "http://{other}?@{own}/api",
        "HTTP://{other}/api",
        "hTtP://{other}/",
        "http://[::1/",
        "http://{own_host}:port/",
        "http://{own_host}:99999/",
        "http:///api",
        "http://",
    ],
)
def test_credentials_stay_at_home(href: str) -> None:
    with peer(answer()) as other, talking(answer()) as (own, transport):
        names = {
            "own": own.origin.removeprefix("http://"),
            "other": other.origin.removeprefix("http://"),
            "own_host": "127.0.0.1",
        }
        with contextlib.suppress(ForeignOrigin):
            transport.send("GET", href.format(**names))
        assert other.heard == []


@pytest.mark.parametrize(
    "href", ["@{other}/", ".{other}/", "{digit}/api", "\\@{other}", "//{other}/"]
)
def test_a_reference_cannot_change_the_host_of_an_endpoint_at_the_root(href: str) -> None:
    """`http://host` + `@elsewhere` is elsewhere."""
    with peer(answer()) as other, peer(answer()) as own:
        transport = Transport(own.origin, SECRET, limits=LIMITS)
        name = other.origin.removeprefix("http://")
        # nothing is sent, or it goes home
        with contextlib.suppress(ForeignOrigin):
            x = transport.send("GET", href.format(other=name, digit="1"))
            assert x.request.origin == own.origin
        transport.close()
        assert other.heard == []


def test_foreign_origin_is_said_before_anything_is_sent() -> None:
    with peer(answer()) as other, talking(answer()) as (own, transport):
        with pytest.raises(ForeignOrigin, match="is not at"):
            transport.send("GET", other.origin + "/api")
        assert own.heard == other.heard == []


def test_own_hrefs_are_sent_as_they_stand() -> None:
    with talking(answer()) as (server, transport):
        transport.send("GET", server.origin + "/api/keys/a%2Fb;c=d?e=f")
        assert server.heard[0].startswith(b"GET /api/keys/a%2Fb;c=d?e=f HTTP/1.1\r\n")


def test_a_default_port_may_be_said_or_not() -> None:
    transport = Transport("http://h.invalid/api")
    assert transport.url("http://H.invalid:80/api/keys") == "http://H.invalid:80/api/keys"
    with pytest.raises(ForeignOrigin):
        transport.url("https://h.invalid/api")


def test_urls_with_another_name_of_the_endpoint_are_asked_for_at_home() -> None:
    with peer(answer()) as other, talking(answer()) as (own, transport):
        transport.alias = f"{other.origin}/v2"
        x = transport.send("GET", f"{other.origin}/v2/keys/a%2Fb")
        assert (x.request.url, x.alias) == (f"{transport.base}/keys/a%2Fb", transport.alias)
        for href in (f"{other.origin}/v2x/keys", f"{other.origin}/keys", f"{other.origin}/v2@x/"):
            with pytest.raises(ForeignOrigin):
                transport.send("GET", href)
        assert (len(own.heard), other.heard) == (1, [])
