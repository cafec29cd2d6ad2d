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


def test_a_trail_keeps_no_more_than_eight_mebibytes_of_content() -> None:
    trail, content = Trail(), b"a" * (3 << 20)
    for _ in range(2):
        for step in ("GET /a", "POST /a", "GET /a", "GET /b"):
            x = exchange(step)
            trail.append(replace(x, response=Response(200, body=content)))
        assert [len(x.body) for x in trail] == [3 << 20] * 2 + [0] * 2
        assert all(x.beyond for x in trail[2:])
        assert told(leading_to(x, trail)) == "GET /a, POST /a, GET /a, GET /b"
        trail.clear()


def test_a_trail_keeps_nothing_that_was_read_out_of_an_exchange() -> None:
    document = Response(200, headers=Headers({"Content-Type": "application/xml"}), body=b"<keys/>")
    x = replace(exchange("GET /keys"), response=document)
    assert x.xml is not None
    trail = Trail()
    trail.append(x)
    assert trail == [x]
    assert "_parsed" not in vars(trail[0])
