"""XML and JSON of one object are compared where it is certain that they show the same moment."""

from __future__ import annotations

from collections.abc import Iterable

from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.rules.agreement import Agreement
from tck.rules.judgement import Judgement

BASE = "http://endpoint.test/api"
XML = '<realm id="r1" href="http://endpoint.test/api/realms/r1"><name>{}</name></realm>'
JSON = '{{"realm": {{"id": "r1", "href": "http://endpoint.test/api/realms/r1", "name": "{}"}}}}'


def seen(body: str, method: str = "GET", **fields: str) -> Exchange:
    type_ = "application/xml" if body.startswith("<") else "application/json"
    asked = Headers(tuple((name.replace("_", "-"), value) for name, value in fields.items()))
    request = Request(method, f"{BASE}/realms/r1", asked, None)
    response = Response(200, "OK", Headers((("Content-Type", type_),)), body.encode())
    return Exchange("x1", request, response, BASE)


def judged(exchanges: Iterable[Exchange]) -> list[Judgement]:
    agreement = Agreement()
    return [judgement for x in exchanges for _, judgement in agreement.judge(x)]


def test_what_stayed_the_same_is_compared() -> None:
    a, b = XML.format("east"), JSON.format("east")
    assert [j.ok for j in judged(map(seen, (a, b, a)))] == [True]
    assert [j.ok for j in judged(map(seen, (b, a, b)))] == [True]
    (wrong,) = judged(map(seen, (a, JSON.format("west"), a)))
    assert not wrong.ok
    assert wrong.requirement == "DC-DOC-016"
    assert "east" in str(wrong.got)
    assert "west" in str(wrong.got)


def test_what_may_have_changed_is_not() -> None:
    a, b, c = XML.format("east"), JSON.format("west"), XML.format("west")
    assert judged(map(seen, (a, b, c))) == []  # somebody renamed it
    assert judged(map(seen, (a, b))) == []
    assert judged([seen(a), seen("", "POST"), seen(b), seen(a)]) == []
    assert judged([seen(a), seen(b), seen("", "POST"), seen(a)]) == []


def test_what_others_see_is_another_object() -> None:
    a, b = XML.format("east"), JSON.format("west")
    for field in ("Authorization", "X_Deltacloud_Driver", "X_Deltacloud_Provider"):
        assert judged([seen(a), seen(b, **{field: "other"}), seen(a)]) == []


def test_many_objects_do_not_fill_the_memory() -> None:
    agreement = Agreement()
    for number in range(1000):
        x = seen(XML.format(number))
        other = Request("GET", f"{BASE}/realms/r{number}", Headers(()), None)
        list(agreement.judge(Exchange("x", other, x.response, BASE)))
    assert len(agreement._views) == 200
