"""`serve --record`: what was asked and answered, in a file that `validate` reads."""

from __future__ import annotations

import base64
import http.client
import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tck.cli import main
from tck.commands import watch
from tck.endpoint import files
from tck.endpoint.exchange import Exchange
from tck.prove.faults import faults
from tck.reference_server.app import create_app
from tck.reference_server.serving import Server

from .running import served

CANARY = "Kanarienvogel-7431"


def wire(url: str, *requests: str) -> bytes:
    """What comes back for requests on one connection; the last should close it."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port or 80), 10) as sock:
        sock.sendall("".join(requests).encode())
        return b"".join(iter(lambda: sock.recv(1 << 16), b""))


def get(target: str, *fields: str, version: str = "1.1") -> str:
    return "\r\n".join([f"GET {target} HTTP/{version}", "Host: name.test:80", *fields, "", ""])


def authorization(user: str, password: str) -> str:
    return "Authorization: Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize("suffix", [".jsonl", ".har"])
def test_a_recording_is_what_validate_reads(
    tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"seen{suffix}"
    with served("--record", str(file)) as server:
        wire(server.url, get("/api"), get("/api/realms", "Connection: close"))
        wire(server.url, get("/api;driver=mock/keys", authorization("mockuser", "mockpassword"),
                             "Connection: close"))  # fmt: skip
    first, second, third = files.read(file)
    assert [x.request.path for x in (first, second, third)] == [
        "/api", "/api/realms", "/api;driver=mock/keys",
    ]  # fmt: skip
    assert [x.status for x in (first, second, third)] == [200, 401, 200]
    assert (first.id, second.id, third.id) == ("c1-1", "c1-2", "c2-1")
    assert first.xml is not None
    assert first.request.origin == "http://name.test:80"
    assert "mockpassword" not in file.read_text()
    assert main(["validate", str(file)]) == 0
    assert " 0 failed" in capsys.readouterr().out


def observed(*requests: str, fault: str = "") -> list[Exchange]:
    """What is seen of requests on connections of their own."""
    seen: list[Exchange] = []
    server = faults()[fault].server() if fault else Server(create_app(driver="full"))
    with watch.watching(server, "/api", seen.append), server:
        for request in requests:
            wire(server.url, request)
    return seen


def test_a_fault_on_the_wire_is_seen_as_it_left() -> None:
    [fault] = [f for f in faults().values() if f.name == "no-date"]
    assert fault.needs_socket
    [x] = observed(get("/api", "Connection: close"), fault="no-date")
    assert "Date" not in x.headers
    [right] = observed(get("/api", "Connection: close"))
    assert "Date" in right.headers


def test_what_is_no_http_and_what_is_broken_off() -> None:
    [x] = observed("nonsense\r\n\r\n")
    assert (x.status, x.disturbance) == (400, "it does not begin with a request line")


def test_a_blob_is_not_in_memory_as_a_whole(tmp_path: Path) -> None:
    seen: list[Exchange] = []
    server = Server(create_app(driver="full", blob_limit=1 << 30))
    with watch.watching(server, "/api", seen.append), server:
        host = urlsplit(server.url)
        client = http.client.HTTPConnection(str(host.hostname), host.port, timeout=30)
        fields = dict([authorization("mockuser", "mockpassword").split(": ", 1)])
        fields |= {"Content-Type": "a/b"}
        client.request("POST", "/api/buckets", "name=b", fields | {
            "Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
        client.getresponse().read()
        client.request("PUT", "/api/buckets/b/large", bytes(6 << 20), fields)
        client.getresponse().read()
        client.request("GET", "/api/buckets/b/large/content", headers=fields)
        assert len(client.getresponse().read()) == 6 << 20
        client.close()
    _, put, got = seen
    assert put.request.body is None
    assert "not all kept" in put.request.omitted
    assert "not all kept" in got.beyond
    assert files.from_json(files.to_json(put)).request.omitted == put.request.omitted


def test_no_secret_of_a_client_is_recorded(tmp_path: Path) -> None:
    pair = base64.b64encode(f"user:{CANARY}".encode()).decode()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
    for suffix in (".jsonl", ".har"):
        file = tmp_path / f"seen{suffix}"
        with served("--record", str(file)) as server:
            body = f"name=k&password={CANARY}"
            wire(
                server.url,
                get("/api/keys", authorization("user", CANARY)),
                get("/api", "Connection: close"),
            )
            wire(
                server.url,
                get(f"/api/keys/{CANARY}"),
                get(f"/api/keys?x={pair}"),
                get("/api", f"Cookie: session={CANARY}", f"X-Other: {CANARY}"),
                get("/api").replace("name.test", CANARY),
                get(f"http://user:{CANARY}@name.test:80/api", "Connection: close"),
            )
            wire(
                server.url,
                "POST /api/keys HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}",
            )
            log = "\n".join(server.log)
        text = file.read_text()
        assert CANARY not in text
        assert pair not in text
        assert len(list(files.read(file))) == 7
        assert CANARY not in log


def test_another_suffix_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--port", "0", "--record", str(tmp_path / "seen.txt")]) == 2
    assert "must end in .jsonl or .har" in capsys.readouterr().err
    assert main(["serve", "--port", "0", "--record", str(tmp_path / "no" / "seen.har")]) == 2
    assert json.dumps(str(tmp_path))[1:-1] in capsys.readouterr().err
