"""The driver to Swift, on answers as Swift gives them; on a real one: `make test-openstack`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from reference_server.client import Api
from tck.reference_server import create_app
from tck.reference_server.content import Content
from tck.reference_server.drivers import registry
from tck.reference_server.drivers.base import Caller
from tck.reference_server.drivers.provider import Endpoint
from tck.reference_server.drivers.swift import SwiftDriver, account
from tck.reference_server.errors import NotFoundError, ValidationError

AUTH = ("me+theirs", "key")


class Swift(ThreadingHTTPServer):
    """Records requests, issues tokens, and answers the rest from `answers`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.asked: list[tuple[str, str]] = []
        self.answers: dict[tuple[str, str], tuple[int, dict[str, str], bytes]] = {}
        self.logins = 0
        self.forgotten: set[str] = set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Swift

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path))
        status, headers, content = self._found(body)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _found(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        swift, token = self.server, self.headers.get("X-Auth-Token")
        if self.path == "/auth":
            told = self.headers["X-Auth-User"], self.headers["X-Auth-Key"]
            if told != ("theirs:me", "key"):
                return 401, {}, b""
            swift.logins += 1
            given = {"X-Auth-Token": f"t{swift.logins}", "X-Storage-Url": f"{swift.url}/v1/a"}
            return 200, given, b""
        if token is None or token in swift.forgotten:
            return 401, {}, b""
        place = urlsplit(self.path)
        marker = parse_qs(place.query).get("marker", [""])[0]
        asked = self.command, place.path + (f"@{marker}" if marker else "")
        return swift.answers.get(asked, (404, {}, b"<html>not here</html>"))

    def log_message(self, *_: object) -> None:
        """Silence."""


for method in ("GET", "HEAD", "PUT", "POST", "DELETE"):
    setattr(Handler, f"do_{method}", Handler._answer)


@pytest.fixture
def swift() -> Iterator[Swift]:
    server = Swift()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def api(swift: Swift) -> Api:
    return Api(create_app("bridge-swift", f"{swift.url}/auth"))


def _names(*names: str) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps([{"name": name} for name in names]).encode()


def test_strangers_are_refused(swift: Swift, api: Api) -> None:
    swift.answers["GET", "/v1/a"] = _names()
    assert api.get("/buckets", auth=AUTH).status == 200
    for wrong in (None, ("me+theirs", "x"), ("me", "key")):
        assert api.get("/buckets", auth=wrong).status == 401


def test_a_token_that_swift_forgot_is_renewed(swift: Swift, api: Api) -> None:
    swift.answers["GET", "/v1/a"] = _names()
    assert api.get("/buckets", auth=AUTH).status == 200
    swift.forgotten.add("t1")
    assert api.get("/buckets", auth=AUTH).status == 200
    assert swift.logins == 2


def test_lists_are_read_to_their_end(
    swift: Swift, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "PAGE", 2)
    swift.answers["GET", "/v1/a"] = _names("box")
    swift.answers["GET", "/v1/a/box"] = _names("a", "b")
    swift.answers["GET", "/v1/a/box@b"] = _names("c")
    blobs = api.get("/buckets/box", auth=AUTH).xml.findall("blob")
    assert [blob.attrib["id"] for blob in blobs] == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["..", ".", "../b", ""])
def test_no_name_leads_out_of_its_container(swift: Swift, name: str) -> None:
    """The account itself would be deleted by a path that somebody resolves."""
    bridge = SwiftDriver(registry.shape("bridge-swift"), Endpoint.parse(f"{swift.url}/auth"))
    caller = Caller(*AUTH)
    with pytest.raises(NotFoundError):
        bridge.delete_bucket(caller, name)
    with pytest.raises(NotFoundError):
        bridge.delete_blob(caller, "box", name)
    with pytest.raises(ValidationError):
        bridge.create_bucket(caller, name=name)
    content = Content(b"", 0, "")
    with pytest.raises(ValidationError):
        bridge.create_blob(caller, "box", name, content, content_type="", metadata={})
    assert swift.asked == [("GET", "/auth")]


@pytest.mark.parametrize(
    ("swifts", "status"),
    [(403, 403), (404, 404), (409, 409), (413, 413), (422, 400), (500, 502), (504, 504)],
)
def test_statuses(swift: Swift, api: Api, swifts: int, status: int) -> None:
    swift.answers["DELETE", "/v1/a/box"] = swifts, {}, b"as Swift says"
    answer = api.delete("/buckets/box", auth=AUTH)
    assert answer.status == status
    assert answer.xml.findtext("message") == "as Swift says"


def test_metadata_travel_as_utf_8(swift: Swift, api: Api) -> None:
    head = {"Last-Modified": "Sun, 22 Nov 2026 13:00:00 GMT", "ETag": "abc"}
    author = "n\u00e9e".encode().decode("latin-1")
    head |= {"Content-Type": "text/plain", "X-Object-Meta-Some-Author": author}
    swift.answers["HEAD", "/v1/a/box/a%20b"] = 200, head, b""
    entries = api.get("/buckets/box/a%20b", auth=AUTH).xml.findall("user_metadata/entry")
    assert [(e.attrib["key"], e.text) for e in entries] == [("some_author", "n\u00e9e")]
