"""Sequences of requests that are printed to be followed."""

from __future__ import annotations

from tck.endpoint.exchange import Exchange, Request, Response
from tck.endpoint.sequence import leading_to

BASE = "http://host/api"


def exchange(told: str) -> Exchange:
    method, path = told.split()
    return Exchange("x", Request(method, BASE + path), Response(200), BASE)


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
