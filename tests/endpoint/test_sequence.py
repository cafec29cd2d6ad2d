"""Sequences of requests that are printed to be followed."""

from __future__ import annotations

import itertools
from dataclasses import replace

from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.endpoint.sequence import Trail, leading_to

BASE = "http://host/api"
NUMBERS = itertools.count()


def exchange(told: str) -> Exchange:
    method, path = told.split()
    return Exchange(f"x{next(NUMBERS)}", Request(method, BASE + path), Response(200), BASE)


def told(xs: list[Exchange]) -> str:
    return ", ".join(f"{x.request.method} {x.request.url.removeprefix(BASE)}" for x in xs)


def test_a_few_requests_are_all_shown() -> None:
    trail = [exchange(told) for told in ("POST /keys", "GET /keys/a", "GET /keys", "GET /keys/b")]
    assert told(leading_to(trail[2], trail)) == "POST /keys, GET /keys/a, GET /keys"


def test_one_request_is_no_sequence() -> None:
    only = exchange("GET /keys")
    assert leading_to(only, [only]) == []
    assert leading_to(only, []) == []


def test_of_many_those_that_change_something_and_what_is_looked_at_are_shown() -> None:
    looks = ["GET /a", "GET /b"] * 2
    steps = ["POST /a", *looks, "POST /b", *looks, "DELETE /b", *looks]
    trail = [exchange(told) for told in steps]
    shown = "POST /a, GET /a, POST /b, GET /a, DELETE /b, GET /a"
    assert told(leading_to(trail[-2], trail)) == shown


def test_too_many_are_not_shown() -> None:
    trail = [exchange(f"POST /{number}") for number in range(26)]
    assert leading_to(trail[-1], trail) == []
    assert len(leading_to(trail[-2], trail)) == 25


def test_a_trail_keeps_requests_and_no_content_of_answers() -> None:
    trail = Trail()
    document = Response(200, headers=Headers({"Content-Type": "application/xml"}), body=b"<keys/>")
    sent = [replace(exchange(f"POST /{n}"), response=document) for n in range(2_001)]
    for x in sent:
        assert x.xml is not None
        trail.append(x)
    assert [x.request for x in trail] == [x.request for x in sent[:-1]]
    assert all(x.response and x.response.body is None for x in trail)
    assert not any("_parsed" in vars(x) for x in trail)
    assert leading_to(sent[-1], trail) == []  # it is not among them
    assert len(leading_to(sent[24], trail)) == 25
