"""Names of buckets and blobs that mean something to file systems: here they are only names."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest

from tck.reference_server import create_app
from tck.reference_server.content import CHUNK

from ..client import Api, Reply

LARGE = b"x" * (CHUNK + 1)
NAMES = [
    *("..", ".", "...", "../..", "../../../../etc/passwd", "/etc/passwd", "a/../../b", "a/./b"),
    *("/", "//", "a/", "/a", "\\", "..\\..\\x", "C:\\x", "\\\\host\\share", "file:///etc/passwd"),
    *("CON", "nul", "aux.txt", "COM1", "a:stream", "name.", "~", "~root", "-rf"),
    *("$HOME", "`id`", "$(id)", "a;b", "a|b", "a b", "*", "?", "%2e%2e", "%2e%2e%2f", "%00", "%"),
    *("cloud.db", "cloud.db-wal", "reserve", ".hidden", "a\tb", "0" * 32),
    *("\u202etxt.exe", "\ufeff", "\u200b", "🐎", "\ufb01", "\xe9", "e\u0301"),
    *("x" * 255, "x" * 256, "é" * 255, "x" * 1024),
]
REFUSED = [
    *("", ".", "..", "a\0b", "a\x01b", "a\x1fb", "\ud7ff\ufffe", "x" * 1025, "x" * 20_000),
    *("name ", " name", "a\nb", "a\r\nb", "\u2028", "\r"),  # no ids by the schemas
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store" / "cloud.db"


@pytest.fixture
def stored(file: Path, make: Callable[..., Api]) -> Api:
    file.parent.mkdir()
    return make("full", storage=file)


def put(api: Api, bucket: str, blob: str, body: bytes) -> Reply:
    return api.put(f"/buckets/{quote(bucket, safe='')}/{quote(blob, safe='')}", body)


def content(api: Api, bucket: str, blob: str) -> bytes:
    path = f"/buckets/{quote(bucket, safe='')}/{quote(blob, safe='')}/content"
    reply = api.get(path)
    assert reply.status == 200
    return reply.body


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_is_only_a_name(
    stored: Api, file: Path, name: str, make: Callable[..., Api]
) -> None:
    made = stored.post("/buckets", {"name": name})
    if name in (".", ".."):
        assert (made.status, put(stored, "bucket1", name, LARGE).status) == (400, 400)
        return
    assert made.status == 201, made.body
    assert made.id == name
    encoded = urlsplit(made.location).path.removeprefix("/api/buckets/")
    assert (unquote(encoded), "/" in encoded) == (name, False)
    assert put(stored, name, name, LARGE).status == 200
    assert put(stored, name, "small", b"small").status == 200
    stored.client.application.close()
    assert list(file.parent.parent.iterdir()) == [file.parent]
    found = {path.relative_to(file.parent).parts for path in file.parent.rglob("*")}
    blobs = [parts for parts in found if len(parts) > 1]
    assert {parts[0] for parts in found} <= {"cloud.db", "cloud.db-blobs"}
    assert [(len(parts), len(parts[1])) for parts in blobs] == [(2, 32)]
    after = make("full", storage=file)
    assert (content(after, name, name), content(after, name, "small")) == (LARGE, b"small")
    after.client.application.close()


@pytest.mark.parametrize("name", REFUSED, ids=lambda name: ascii(name)[:12])
def test_names_that_nobody_can_have(stored: Api, file: Path, name: str) -> None:
    assert stored.post("/buckets", {"name": name}).status == 400
    assert put(stored, "bucket1", name, LARGE).status in (400, 404, 405)
    assert put(stored, name, "blob", LARGE).status in (400, 404, 405)
    assert list(file.with_name("cloud.db-blobs").iterdir()) == []


@pytest.mark.parametrize(
    "pair",
    [
        ("Name", "name"),
        ("\xe9", "e\u0301"),
        ("\ufb01", "fi"),
        ("a", "a."),
        ("\u017f", "s"),
        ("\u212a", "K"),
    ],
    ids=ascii,
)
def test_names_that_look_alike_are_different(stored: Api, pair: tuple[str, str]) -> None:
    one, other = pair
    assert one != other
    for n, name in enumerate(pair):
        assert stored.post("/buckets", {"name": name}).status == 201
        assert put(stored, "bucket1", name, LARGE + bytes([n])).status == 200
        assert put(stored, name, "b", bytes([n])).status == 200
    for n, name in enumerate(pair):
        assert content(stored, "bucket1", name) == LARGE + bytes([n])
        assert content(stored, name, "b") == bytes([n])


def test_normal_forms_are_kept(stored: Api) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        name = unicodedata.normalize(form, "\u212b-\ufb01-\uac01")
        assert stored.post("/buckets", {"name": name}).id == name


def test_the_path_itself_leads_nowhere_else() -> None:
    api = Api(create_app("full"))
    for path in (
        "/buckets/../../etc/passwd",
        "/buckets/bucket1/../../../etc/passwd/content",
        "/buckets/bucket1/..%2f..%2fetc%2fpasswd/content",
        "/buckets/bucket1/%2fetc%2fpasswd/content",
        "/buckets/%2e%2e/%2e%2e/content",
    ):
        reply = api.get(path)
        assert reply.status in (400, 404)
        assert b"root:" not in reply.body
