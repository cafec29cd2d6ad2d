"""The layer in which changes are applied, and the builders of changes."""

from __future__ import annotations

import http.client
import json as stdlib_json
import socket
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree
from werkzeug.test import Client, TestResponse

from tck.prove.altered import drivers, json, requests, wire, xml
from tck.prove.altered import http as fields
from tck.prove.altered.alteration import Alteration
from tck.prove.altered.change import Change, in_request
from tck.prove.altered.messages import Asked
from tck.reference_server.resources import Key, Realm

AUTH = {"Authorization": "Basic bW9ja3VzZXI6bW9ja3Bhc3N3b3Jk"}
Ask = Callable[..., TestResponse]


@pytest.fixture
def serving() -> Callable[..., Ask]:
    """Makes a client of a mock with changes."""

    def make(*changes: Change) -> Ask:
        client = Client(Alteration("t", changes, "mock").app())

        def ask(
            path: str, method: str = "GET", accept: str = "xml", **options: Any
        ) -> TestResponse:
            headers = {"Accept": f"application/{accept}", **AUTH, **options.pop("headers", {})}
            return client.open(f"/api{path}", method=method, headers=headers, **options)

        return ask

    return make


def test_without_changes_the_server_is_as_it_is(serving: Callable[..., Ask]) -> None:
    plain = Client(Alteration("t", (), "mock").app().app)
    for path in ("", "/realms", "/images/img1", "/realms/none"):
        altered = serving()(path)
        expected = plain.get(f"/api{path}", headers={"Accept": "application/xml", **AUTH})
        assert (altered.status, altered.data) == (expected.status, expected.data)
        assert altered.headers.get("ETag") == expected.headers.get("ETag")
        assert altered.headers["Content-Length"] == expected.headers["Content-Length"]


def test_length_and_tag_fit_a_changed_document(serving: Callable[..., Ask]) -> None:
    ask, plain = serving(xml.put("realms.*", "//name", "Utopia")), serving()
    changed = ask("/realms")
    assert b"<name>Utopia</name>" in changed.data
    assert int(changed.headers["Content-Length"]) == len(changed.data)
    assert changed.headers["ETag"] != plain("/realms").headers["ETag"]
    head = ask("/realms", "HEAD")
    assert head.data == b""
    assert head.headers["ETag"] == changed.headers["ETag"]
    assert head.headers["Content-Length"] == changed.headers["Content-Length"]
    tag = {"If-None-Match": changed.headers["ETag"]}
    assert ask("/realms", headers=tag).status_code == 304
    assert ask("/images").data == plain("/images").data


def test_nothing_repairs_a_changed_message(serving: Callable[..., Ask]) -> None:
    ask = serving(fields.field("realms.*", "ETag", '"constant"'))
    assert ask("/realms").headers["ETag"] == '"constant"'
    assert ask("/images").headers["ETag"] != '"constant"'


@pytest.mark.parametrize(
    ("where", "path", "meant"),
    [
        ("realms.*", "/realms", True),
        ("realms.*", "/realms/none", False),
        ("!realms.*", "/realms/none", True),
        ("!realms.*", "/realms", False),
        ("images.* realms.show", "/realms", False),
        ("images.* realms.show", "/realms/us", True),
        ("*", "", True),
        ("!*", "/no/such/path", True),
    ],
)
def test_where_a_change_applies(
    serving: Callable[..., Ask], where: str, path: str, meant: bool
) -> None:
    answer = serving(fields.add_field(where, "X-Meant", "yes"))(path)
    assert ("X-Meant" in answer.headers) == meant


@pytest.mark.parametrize(
    ("change", "path", "expected"),
    [
        (xml.drop("*", "//state"), "/realms/us", {"name": "United States"}),
        (xml.drop("*", "/realm/@id"), "/realms/us", {"@id": None}),
        (xml.alter("*", "x", "/realm/@id", str.upper), "/realms/us", {"@id": "US"}),
        (xml.alter("*", "x", "//name", lambda old: old[:6]), "/realms/us", {"name": "United"}),
        (xml.alter("*", "x", "//name", lambda _: None), "/realms/us", {"name": "United States"}),
        (xml.rename("*", "//name", "title"), "/realms/us", {"title": "United States"}),
        (xml.add("*", "/realm", "<a>1</a>"), "/realms/us", {"a": "1"}),
        (xml.attribute("*", "/realm", "id", "x"), "/realms/us", {"@id": "x"}),
        (xml.repeat("*", "//name"), "/realms/us", {"name[2]": "United States"}),
    ],
)
def test_changes_of_xml(
    serving: Callable[..., Ask], change: Change, path: str, expected: dict[str, str | None]
) -> None:
    root = etree.fromstring(serving(change)(path).data)
    for place, value in expected.items():
        got = root.get(place[1:]) if place.startswith("@") else root.findtext(place)
        assert got == value


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (json.drop("*", "state"), {"state": None}),
        (json.put("*", "realm.name", "x"), {"name": "x"}),
        (json.put("*", "image.name", "x"), {"name": "United States"}),
        (json.alter("*", "x", "name", str.lower), {"name": "united states"}),
        (json.rename("*", "name", "title"), {"title": "United States", "name": None}),
    ],
)
def test_changes_of_json(
    serving: Callable[..., Ask], change: Change, expected: dict[str, Any]
) -> None:
    value = stdlib_json.loads(serving(change)("/realms/us", accept="json").data)["realm"]
    assert {key: value.get(key) for key in expected} == expected


def test_changes_of_requests(serving: Callable[..., Ask]) -> None:
    assert len(etree.fromstring(serving()("/realms?id=us").data)) == 1
    assert len(etree.fromstring(serving(requests.ignore("*", "id"))("/realms?id=us").data)) == 2
    ask = serving(requests.supply("keys.create", name="made-up"))
    assert ask("/keys", "POST", data={}).headers["Location"].endswith("/keys/made-up")
    given = ask("/keys", "POST", data={"name": "given"})
    assert given.headers["Location"].endswith("/keys/given")
    ask = serving(requests.divert("images.index", "realms", lambda _: "/api/realms"))
    assert etree.fromstring(ask("/images").data).tag == "realms"


def test_changes_of_the_driver_reach_both_formats(serving: Callable[..., Ask]) -> None:
    ask = serving(drivers.shown("*", "x", Realm, lambda r: Realm(r.id, "Nowhere")))
    assert etree.fromstring(ask("/realms/us").data).findtext("name") == "Nowhere"
    assert stdlib_json.loads(ask("/realms/us", accept="json").data)["realm"]["name"] == "Nowhere"


def test_doing_nothing_still_refuses_what_does_not_exist(serving: Callable[..., Ask]) -> None:
    change = drivers.do_nothing("keys.destroy", "destroy_key", "keys")
    ask = serving(change)
    assert ask("/keys/test-key", "DELETE").status_code == 204
    assert ask("/keys/test-key").status_code == 200
    assert ask("/keys/none", "DELETE").status_code == 404


def test_forgetting_answers_and_stores_nothing(serving: Callable[..., Ask]) -> None:
    ask = serving(drivers.forget("keys.create", "create_key", Key))
    assert ask("/keys", "POST", data={"name": "k"}).status_code == 201
    assert ask("/keys/k").status_code == 404


def test_what_was_destroyed_is_listed_and_not_shown(serving: Callable[..., Ask]) -> None:
    ask = serving(drivers.list_destroyed("keys.index", "keys", "destroy_key"))
    before = ask("/keys").data
    assert ask("/keys/test-key", "DELETE").status_code == 204
    assert ask("/keys").data == before
    assert ask("/keys/test-key").status_code == 404


def test_other_arguments_than_were_sent(serving: Callable[..., Ask]) -> None:
    ask = serving(drivers.with_arguments("keys.create", "x", "create_key", name=str.upper))
    assert ask("/keys", "POST", data={"name": "k"}).headers["Location"].endswith("/keys/K")


def test_a_change_must_say_what_it_does() -> None:
    with pytest.raises(ValueError, match="text"):
        drivers.shown("*", "", Realm, lambda realm: realm)


def test_servers_do_not_share_their_memory() -> None:
    def count(asked: Asked) -> None:
        asked.memory["n"] = asked.memory.get("n", 0) + 1

    change = in_request("*", "counts", count)
    first, second = (Alteration("t", (change,), "mock").app() for _ in range(2))
    for app, times in ((first, 2), (second, 1)):
        for _ in range(times):
            Client(app).get("/api")
    assert (first._memory["n"], second._memory["n"]) == (2, 1)


def test_the_right_credentials_can_be_put_in(serving: Callable[..., Ask]) -> None:
    ask = serving(in_request("*", "lets everybody in", Asked.authorize))
    assert ask("/realms", headers={"Authorization": ""}).status_code == 200


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_what_is_received_is_changed_once_its_head_is_there(size: int) -> None:
    change = wire.heads("x", lambda head: head.replace(b"X-Format: ", b"Accept: application/"))
    data = b"GET /api HTTP/1.1\r\nHost: h\r\nX-Format: json\r\n\r\n" * 2
    with Alteration("t", (change,), "mock").server() as server:
        host, port = server.url.split("/")[2].split(":")
        with socket.create_connection((host, int(port)), timeout=10) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(0, len(data), size):
                client.sendall(data[at : at + size])
            client.shutdown(socket.SHUT_WR)
            came = b"".join(iter(lambda: client.recv(1 << 16), b""))
    assert came.count(b"Content-Type: application/json") == 2


@pytest.mark.parametrize("hangs_up", [False, True])
def test_bytes_on_the_wire(hangs_up: bool) -> None:
    change = wire.head("realms.*", "x", lambda head: head + b"\r\nX-Late: 1", hangs_up=hangs_up)
    with Alteration("t", (change,), "mock").server() as server:
        host = server.url.split("/")[2]
        connection = http.client.HTTPConnection(host, timeout=10)
        answers = []
        for path in ("/api/realms", "/api/realms", "/api/images"):
            connection.request("GET", path, headers=AUTH)
            answer = connection.getresponse()
            answers.append((answer.status, answer.headers.get("X-Late"), bool(answer.read())))
            if hangs_up:
                connection.close()
        connection.close()
    assert answers == [(200, "1", True), (200, "1", True), (200, None, True)]
