"""`serve --audit`: clients are judged as they talk, and nothing tells their credentials."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from tck.cli import main
from tck.report import FILES

from .running import served

CANARY = "Kanarienvogel/7431 ü"
PAIR = base64.b64encode(f"canary:{CANARY}".encode()).decode()
WITH = f"Authorization: Basic {PAIR}"


def ask(url: str, line: str, *fields: str, body: str = "") -> bytes:
    """What comes back for one request on a connection of its own."""
    parts = urlsplit(url)
    length = [f"Content-Length: {len(body.encode())}"] if body else []
    head = [f"{line} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close", *fields, *length]
    with socket.create_connection((parts.hostname, parts.port or 80), 10) as sock:
        sock.sendall("\r\n".join([*head, "", body]).encode())
        return b"".join(iter(lambda: sock.recv(1 << 16), b""))


FORM = "Content-Type: application/x-www-form-urlencoded"
PLACES = {
    "userinfo": (f"GET http://canary:{quote(CANARY)}@name.test/api/keys", WITH),
    "host": ("GET /api/keys", WITH, f"Referer: http://canary:{quote(CANARY)}@name.test/"),
    "query": (f"GET /api/keys?password={quote(CANARY)}&name={quote(CANARY)}", WITH),
    "matrix": (f"GET /api;password={quote(CANARY)}/keys", WITH),
    "path": (f"GET /api/keys/{quote(CANARY, safe='')}", WITH),
    "form": ("POST /api/keys", WITH, FORM, f"nome={quote(CANARY)}&password={quote(CANARY)}"),
    "cookie": ("GET /api/nowhere", WITH, f"Cookie: session={quote(CANARY)}"),
    "agent": ("PATCH /api/keys", WITH, f"User-Agent: {CANARY}"),
    "json": ("POST /api/keys", WITH, "Content-Type: application/json", f'{{"p": "{CANARY}"}}'),
    "session": ("GET /api/nowhere", WITH, f"Deltacloud-TCK-Session: {CANARY}"),
    "purpose": ("GET /api/nowhere", WITH, f"Deltacloud-TCK-On-Purpose: {CANARY}"),
    "scheme": ("GET /api/nowhere", f"Authorization: Bearer {PAIR}"),
}


def spellings() -> Iterator[bytes]:
    for text in (CANARY, quote(CANARY), quote(CANARY, safe=""), json.dumps(CANARY)[1:-1], PAIR):
        yield text.encode()


def test_credentials_are_in_nothing_that_an_audit_leaves(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    with served("--user", "canary", "--password", CANARY, "--audit", str(folder)) as server:
        for line, *fields in PLACES.values():
            body = fields.pop() if line.startswith("POST") else ""
            ask(server.url, line, *fields, body=body)
    left = {path.name: path.read_bytes() for path in folder.iterdir()}
    left["log"] = "\n".join(server.log).encode()
    assert {"results.json", "report.html", "junit.xml", "summary.md"} <= set(left)
    told = {(name, form) for name, data in left.items() for form in spellings() if form in data}
    assert told == set()
    value = json.loads(left["results.json"])
    failed = {r["id"] for r in value["requirements"] if r["status"] == "fail"}
    assert {"DC-CLI-016", "DC-CLI-017", "DC-CLI-031", "DC-CLI-034"} <= failed
    assert value["summary"]["side"] == "client"
    assert [level["name"] for level in value["levels"]] == ["client"]


def test_a_right_client_is_told_to_be_right(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    credentials = "Authorization: Basic " + base64.b64encode(b"mockuser:mockpassword").decode()
    with served("--audit", str(folder)) as server:
        ask(server.url, "GET /api")
        ask(server.url, "GET /api/images", credentials)
        ask(server.url, "POST /api/instances?image_id=img1", credentials)
    value = json.loads((folder / "results.json").read_text())
    assert value["summary"]["verdict"] == "conformant"
    assert value["summary"]["counts"].keys() == {"pass", "inconclusive"}
    assert {path.name for path in folder.iterdir()} <= set(FILES)


@pytest.mark.parametrize(("side", "code"), [("server", 0), ("client", 1), ("both", 1)])
def test_a_recording_is_judged_from_either_side(tmp_path: Path, side: str, code: int) -> None:
    file = tmp_path / "seen.jsonl"
    with served("--record", str(file)) as server:
        ask(server.url, "GET /api")
        ask(server.url, "PATCH /api/keys", WITH)
    assert main(["validate", str(file), "--side", side]) == code
