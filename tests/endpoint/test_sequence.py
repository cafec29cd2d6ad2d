"""Sequences of requests that are printed to be followed."""

from __future__ import annotations

import itertools
from dataclasses import replace

from tck.endpoint.curl import sequence
from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.endpoint.sequence import Trail, leading_to, needed_for

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


def made(path: str, id_: str, fmt: str = "xml", started: float = 0.0) -> Exchange:
    """A create that was answered, so, with a document and no Location."""
    documents = {"xml": f"<key href='h' id='{id_}'/>", "json": f'{{"key": {{"id": "{id_}"}}}}'}
    headers = Headers({"Content-Type": f"application/{fmt}"})
    response = Response(201, headers=headers, body=documents[fmt].encode())
    return replace(exchange(f"POST {path}"), response=response, started=started)


def test_what_created_the_object_of_a_request_comes_first() -> None:
    trail = Trail()
    trail.append(made("/keys", "k1"))
    trail.append(made("/keys", "other"))
    trail.append(replace(exchange("POST /keys/k1/change"), started=1.0))
    trail.append(exchange("POST /keys/other/change"))
    last = exchange("GET /keys/k1")
    assert told(needed_for(last, trail)) == "POST /keys, POST /keys/k1/change, GET /keys/k1"
    assert needed_for(exchange("GET /keys/k9"), trail) == []


def test_what_an_earlier_check_created_and_what_a_list_shows() -> None:
    trail = Trail()
    trail.append(made("/keys", "k1"))
    trail.clear()
    shown = Response(200, body=b"<keys><key id='k1'/></keys>")
    listed = replace(exchange("GET /keys"), response=shown)
    assert told(needed_for(listed, trail)) == "POST /keys, GET /keys"
    trail.append(exchange("GET /keys/k1"))
    assert told(leading_to(trail[0], trail)) == "POST /keys, GET /keys/k1"


def test_ids_are_carried_over_in_variables() -> None:
    location = Response(201, headers=Headers({"Location": f"{BASE}/keys/k1"}), body=None)
    by_location = replace(made("/keys", "k1"), response=location)
    trail = Trail()
    for x in (by_location, made("/buckets", "b1"), made("/images", "i1", "json")):
        trail.append(x)
    about = exchange("GET /keys/k1/b1?x_id=i1&name=k1")
    first, second, third, last = sequence([*trail, about])
    assert first.startswith("id1=$(curl -si -X POST")
    assert "ocation" in first
    assert "grep -o ' id=" in second
    assert '"id"' in third
    assert last == f'curl -i -H Accept: "{BASE}/keys/$id1/$id2?x_id=$id3&name=k1"'
    assert not sequence([*trail, exchange("GET /keys")])[0].startswith("id1=")
