"""Browsers as the weapon: stored script, pages in frames, forms of other sites, credentials."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest
from lxml import html

from tck.reference_server.drivers.interface.caller import Caller

from ..client import Api, Reply

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;script&gt;&#60;script>",
    "a&b<c>'\"`=",
    "\u202e\ufeff<b>",
]
ALLOWED = {"a", "body", "button", "caption", "code", "dd", "div", "dl", "dt", "footer", "form"}
ALLOWED |= {"h1", "h2", "h3", "head", "header", "html", "input", "label", "li", "main", "meta"}
ALLOWED |= {"nav", "ol", "option", "p", "pre", "section", "select", "span", "style", "table"}
ALLOWED |= {"tbody", "td", "textarea", "th", "thead", "title", "tr", "ul"}


STARTS = ("http://localhost/api", "/api/", "?format=", "#content")  # of links


@pytest.fixture
def browser(full: Api) -> Api:
    full.headers["Accept"] = "text/html"
    return full


def harmless(reply: Reply) -> Any:
    """The tree of a page, after a look at everything in it that could run or load."""
    assert reply.type == "text/html;charset=utf-8"
    tree = html.document_fromstring(reply.body)
    assert {element.tag for element in tree.iter()} <= ALLOWED
    for element in tree.iter():
        for name, value in element.items():
            assert not name.startswith("on"), (name, value)
            assert name not in ("style", "src", "srcdoc", "formaction", "http-equiv"), name
            if name in ("href", "action"):
                assert value.startswith(STARTS), value
    (style,) = tree.iter("style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert f"style-src 'sha256-{digest}'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    return tree


def pages(browser: Api, start: str = "") -> Iterator[tuple[str, Any]]:
    """All pages that links lead to."""
    waiting, seen = [start], set()
    while waiting:
        path = waiting.pop()
        if path in seen or path.endswith("/content") or path.startswith("/docs"):
            continue
        seen.add(path)
        reply = browser.get(path)
        tree = harmless(reply)
        assert reply.status == 200, path
        yield path, tree
        links = (urlsplit(link) for link in tree.xpath("//a/@href") if "?" not in link)
        waiting += [link.path.removeprefix("/api") for link in links if link.path]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_objects_are_named_with_does_nothing(browser: Api, payload: str) -> None:
    part = quote(payload, safe="")
    for path, parameters in {
        "/instances": {"image_id": "img1", "name": payload, "user_data": payload},
        "/keys": {"name": payload},
        "/buckets": {"name": payload},
        "/firewalls": {"name": payload, "description": payload},
        "/images": {"instance_id": "inst1", "name": payload, "description": payload},
        "/networks": {"name": payload, "address_block": "10.0.0.0/16"},
        "/load_balancers": {
            "name": payload,
            "realm_id": "us",
            "listener_protocol": "HTTP",
            "listener_balancer_port": "80",
            "listener_instance_port": "80",
        },
    }.items():
        reply = browser.post(path, parameters)
        assert reply.status in (201, 400), (path, reply.body)
        harmless(reply)
    stored = {"X_Deltacloud_Blobmeta_A": "<script>", "Content_Type": "text/html;<script>"}
    browser.put(f"/buckets/bucket1/{part}", b"<script>alert(1)</script>", **stored)
    seen = [path for path, _ in pages(browser)]
    assert len(seen) > 40
    assert any(payload in unquote(path) for path in seen)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_a_request_says_does_nothing_in_the_answer(browser: Api, payload: str) -> None:
    part = quote(payload, safe="")
    for path in (
        f"/keys/{part}",
        f"/{part}",
        f"/keys?id={part}&format=html",
        f"/instances/inst1/run?cmd={part}",
        f"/docs/{part}",
        f"/keys;a={part}",
    ):
        harmless(browser.get(path))
    matrix = f"http://localhost/api;provider={part}"
    harmless(browser.get(matrix))
    harmless(browser.get(f"http://localhost/api;driver={part}"))
    harmless(browser.get("/keys", X_Deltacloud_Provider=quote(payload)))
    harmless(browser.post("/instances/inst1/run", {"cmd": payload}))
    moved = browser.post("", {"driver": payload})
    assert moved.headers["Location"].startswith("http://localhost/api;driver=")
    assert "\n" not in moved.headers["Location"]


def test_a_blob_is_no_page(browser: Api) -> None:
    """Not even if it says that it is one, and somebody shows it."""
    browser.put("/buckets/bucket1/page", b"<script>alert(1)</script>", Content_Type="text/html")
    headers = browser.get("/buckets/bucket1/page/content").headers
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]


def test_documents_are_what_they_say(browser: Api) -> None:
    for kind in ("application/xml", "application/json"):
        for path in ("/keys", "/keys/none"):
            reply = browser.get(path, Accept=kind)
            assert (reply.type, reply.headers["X-Content-Type-Options"]) == (kind, "nosniff")


# -- forms of other sites ------------------------------------------------------------------

OWN, OTHER = "http://localhost", "http://evil.example"
FIELDS: dict[str, tuple[dict[str, str], int]] = {
    "no browser": ({}, 201),
    "of a browser": (
        {"Sec_Fetch_Site": "same-origin", "Origin": OWN, "Referer": f"{OWN}/api"},
        201,
    ),
    "typed in": ({"Sec_Fetch_Site": "none"}, 201),
    "own origin": ({"Origin": OWN}, 201),
    "own origin with port": ({"Origin": f"{OWN}:80"}, 201),
    "own page": ({"Referer": f"{OWN}/api/keys"}, 201),
    "other site": ({"Sec_Fetch_Site": "cross-site"}, 403),
    "other port": ({"Sec_Fetch_Site": "same-site"}, 403),
    "unknown relation": ({"Sec_Fetch_Site": "what"}, 403),
    "other origin": ({"Origin": OTHER}, 403),
    "other origin's port": ({"Origin": f"{OWN}:8000"}, 403),
    "no origin": ({"Origin": "null"}, 403),
    "empty origin": ({"Origin": ""}, 403),
    "origin that begins alike": ({"Origin": f"{OWN}.evil.example"}, 403),
    "origin with user": ({"Origin": "http://localhost@evil.example"}, 403),
    "other origin said to be own": ({"Sec_Fetch_Site": "same-origin", "Origin": OTHER}, 403),
    "own origin said to be other": ({"Sec_Fetch_Site": "cross-site", "Origin": OWN}, 403),
    "other page": ({"Referer": f"{OTHER}/page"}, 403),
    "other page that names us": ({"Referer": f"{OTHER}/?http://localhost/api"}, 403),
}


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*"])
def test_pages_of_other_sites_change_nothing(full: Api, name: str, accept: str) -> None:
    """A browser sends the credentials it holds with every form, from whatever site the form is."""
    fields, status = FIELDS[name]
    assert full.post("/keys", {"name": "k"}, Accept=accept, **fields).status == status
    assert full.get("/keys/k").status == (200 if status == 201 else 404)
    assert full.get("/keys", **fields).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", None])
def test_no_method_and_type_is_open_to_other_sites(
    full: Api, method: str, kind: str | None
) -> None:
    for path in ("/buckets/bucket1/blob1", "/keys/test-key", "/instances/inst1/stop", ""):
        reply = full(method, path, body=b"_method=delete", Content_Type=kind, Origin=OTHER)
        assert reply.status in (403, 404, 405), (path, reply.status)
    assert full.get("/buckets/bucket1/blob1").status == 200
    assert full.get("/keys/test-key").status == 200


def test_no_page_of_another_site_may_read(full: Api) -> None:
    """Nothing is allowed to other origins (CORS), so scripts of theirs see no answer."""
    asks = {"Origin": OTHER, "Access_Control_Request_Method": "DELETE"}
    for reply in (full.get("/keys", **asks), full("OPTIONS", "/keys/test-key", **asks)):
        assert not [name for name, _ in reply.headers if name.startswith("Access-Control")]


# -- credentials ---------------------------------------------------------------------------


@pytest.mark.parametrize("caller", [Caller("x", "y"), Caller("user", "y"), Caller("x", "word")])
def test_the_time_does_not_tell_which_credential_is_wrong(
    monkeypatch: pytest.MonkeyPatch, caller: Caller
) -> None:
    compared: list[tuple[bytes, bytes]] = []
    compare: Callable[[bytes, bytes], bool] = hmac.compare_digest

    def observed(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", observed)
    assert not caller.has("user", "word")
    assert len(compared) == 2


@pytest.mark.parametrize(
    "given",
    [
        *("", ":", "mockuser:", ":mockpassword", "mockuser:mockpassword ", "MOCKUSER:mockpassword"),
        *("mockuser:mockpassword\0", "mockuser", "mockuser:mockpasswor", "\xff\xfe:\xff"),
    ],
)
def test_credentials_that_are_almost_right(full: Api, given: str) -> None:
    token = base64.b64encode(given.encode("latin-1")).decode()
    for field in (f"Basic {token}", f"Bearer {token}", f"Basic {token}=", "Basic", "Basic ="):
        assert full.get("/keys", auth=None, Authorization=field).status == 401
