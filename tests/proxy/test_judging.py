"""What passes the proxy is judged, on both sides, and written down without secrets."""

from __future__ import annotations

import base64
import json
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from commands.running import KIT, PROJECT, Start, environment, run, served

from tck.checks.support import session as sessions
from tck.checks.support.cases import MOCK_CREDENTIALS, cases, run_case
from tck.checks.support.cloud import Cloud
from tck.checks.support.policy import RunPolicy
from tck.checks.support.running import reason_to_skip
from tck.cli import main
from tck.endpoint import files
from tck.endpoint.limits import Limits
from tck.endpoint.transport import Transport
from tck.prove.faults import faults
from tck.proxy.judging import Judges, Watching
from tck.proxy.running import Running
from tck.reference_server.app import create_app
from tck.reference_server.serving import Server
from tck.report import transcript
from tck.report.ledger import Ledger
from tck.rules import RULES
from tck.safety.journal import Journal
from tck.safety.waiting import Patience

from .wires import CLOSE, answering, connected, get, head, proxied, sent, to_the_end

MOCK = base64.b64encode(b"mockuser:mockpassword").decode()
CANARY = "Kanarienvogel-7431"
OTHERS = ("Nachtigall-5512", "Zaunkoenig-9034", "Rotkehlchen-2287")
OWN = {"DELTACLOUD_TCK_USER": "mockuser", "DELTACLOUD_TCK_PASSWORD": "mockpassword"}


class Proxied:
    """A running `proxy` command; once ended, `code`, and what it printed: `out` and `err`."""

    def __init__(self, upstream: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*KIT, "proxy", "--upstream", upstream, "--listen", "127.0.0.1:0", *arguments],
            cwd=PROJECT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        self.out = self.err = ""
        self.code: int | None = None

    def end(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        self.out, self.err = self.process.communicate(timeout=60)
        self.code = self.process.returncode


@contextmanager
def proxying(upstream: str, *arguments: str) -> Iterator[Proxied]:
    running = Proxied(upstream, *arguments)
    try:
        yield running
    finally:
        if running.code is None:
            running.end()


def results(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "results.json").read_text("utf-8"))
    return read


def verdicts(folder: Path) -> dict[str, str]:
    return {r["id"]: r["status"] for r in results(folder)["requirements"]}


def found_by_rules(folder: Path) -> set[tuple[str, str]]:
    return {
        (r["id"], f["by"])
        for r in results(folder)["requirements"]
        for f in r["findings"]
        if f["by"] in RULES
    }


@pytest.mark.parametrize("fault", ["", "href-relative"])
def test_the_kit_gives_the_same_verdict_and_the_proxy_finds_what_its_rules_find(
    fault: str, tmp_path: Path
) -> None:
    options = ("--persona", "full", *(("--fault", fault) if fault else ()))
    command = (*KIT, "run", "-k", "keys or realms", "--seed", "1", "-n0")
    straight, through, seen = (tmp_path / name for name in ("straight", "through", "seen"))
    with served(*options) as server:
        urls = {straight: server.url}
        arguments = ("--report-dir", str(seen), "--side", "server")
        with proxying(server.url, *arguments) as proxy:
            urls[through] = proxy.url
            for folder, url in urls.items():
                start = (*command, "--endpoint", url, "--report-dir", str(folder))
                assert run(Start(start, OWN)).code == (1 if fault else 0), folder
            proxy.end()
    assert verdicts(through) == verdicts(straight)
    assert found_by_rules(seen) == found_by_rules(through)
    assert bool(found_by_rules(seen)) == bool(fault)
    assert proxy.code == (1 if fault else 0), proxy.out[-2000:]


def test_findings_are_lines_and_clients_are_judged_too(tmp_path: Path) -> None:
    with served("--fault", "href-relative") as server, proxying(server.url) as proxy:
        sent(proxy.url, get("/api/realms", "Authorization: Basic " + MOCK, CLOSE))
        sent(proxy.url, get("/api/keys?password=x", "Authorization: Basic %%%", CLOSE))
        proxy.end(signal.SIGINT)
    assert proxy.code == 1
    assert re.search(
        r"^server: wrong DC-\w+-\d+: GET /api/realms \(200\): ", proxy.out, re.MULTILINE
    )
    assert re.search(r"^client \d: wrong DC-CLI-\d+: GET /api/keys", proxy.out, re.MULTILINE)
    assert "Verdict: not conformant" in proxy.out


def test_no_secret_is_in_what_is_written_or_printed(tmp_path: Path) -> None:
    pair = base64.b64encode(f"someone:{CANARY}".encode()).decode()
    with served("--persona", "full") as server:
        for suffix in (".jsonl", ".har"):
            folder, file = tmp_path / suffix, tmp_path / f"seen{suffix}"
            arguments = ("--report-dir", str(folder), "--record", str(file))
            with proxying(server.url, *arguments) as proxy:
                sent(proxy.url, get("/api/keys", f"Authorization: Basic {pair}", CLOSE))
                sent(
                    proxy.url,
                    get(f"/api/keys/{CANARY}?password={CANARY}", f"Cookie: a={CANARY}")
                    + get(f"/api/keys?x={pair}", f"X-Other: {CANARY}", f"Referer: {CANARY}")
                    + get("/api/keys", f"Proxy-Authorization: Basic {pair}")
                    + get(f"/api?api[password]={OTHERS[0]}", f"X-Auth-Token: {OTHERS[1]}")
                    + get("/api", f"Authorization: {OTHERS[2]}", f"Referer: {OTHERS[2]}")
                    + get(f"http://someone:{CANARY}@name.test/api", CLOSE),
                )
                proxy.end()
            written = [path for path in (*folder.iterdir(), file) if path.is_file()]
            assert len(written) >= 7
            for path in written:
                text = path.read_text("utf-8")
                assert [c for c in (CANARY, pair, *OTHERS) if c in text] == [], path
            printed = proxy.out + proxy.err
            assert [c for c in (CANARY, pair, *OTHERS) if c in printed] == []
            assert len(list(files.read(file))) >= 4
            assert not list(tmp_path.glob("*.part"))


def judged(*answers: bytes, request: bytes = b"") -> Judges:
    judges = Judges("a test")
    with proxied(answering(*answers), judges) as (proxy, _):
        sent(proxy.url, request or get("/api", CLOSE))
    return judges


def test_what_the_proxy_answers_itself_is_not_the_endpoints() -> None:
    judges = judged(b"", request=b"CONNECT name.test:1 HTTP/1.1\r\nHost: name.test:1\r\n\r\n")
    assert judges.ledger.requests == 0
    assert [line for line in judges.result().unjudged if "refused" in line]


def test_an_endpoint_that_gives_no_answer_is_blamed_for_that() -> None:
    judges = judged(b"garbage\r\n\r\n")
    assert {f.requirement for f in judges.ledger.findings.values()} >= {"DC-HTTP-001"}


def test_what_the_client_broke_off_is_nobodys_fault() -> None:
    judges = Judges("a test")
    left = threading.Event()

    def handler(sock: socket.socket) -> None:
        head(sock)
        if not sock.recv(1):
            left.set()

    with proxied(handler, judges) as (proxy, _):
        with connected(proxy.url) as sock:
            sock.sendall(get())
        assert left.wait(10)
    assert judges.ledger.findings == {}
    assert judges.result().unjudged


def test_a_long_content_is_not_judged_and_said_so() -> None:
    content = b"<api>" + bytes(5 << 20)
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n"
    judges = judged(answer % len(content) + content)
    assert any("not recorded" in line for line in judges.result().unjudged)
    assert "DC-DOC-001" not in {f.requirement for f in judges.ledger.findings.values()}


def test_what_finds_no_room_is_counted_and_clients_are_not_judged_any_more() -> None:
    judges = Judges("a test")
    begun, go = threading.Event(), threading.Event()
    observe = judges.observe

    def slowly(x: Any) -> None:
        begun.set()
        go.wait(20)
        observe(x)

    judges.observe = slowly  # type: ignore[method-assign]
    watching = Watching(judges)
    watching._most = 1
    with Server(create_app()) as server, Running(server.url, watching) as proxy:
        assert proxy._handing is not None
        proxy._handing._backlog._most = 1
        with connected(proxy.url) as sock:
            for _ in range(6):
                sock.sendall(get("/api/nowhere"))
                head(sock)
                sock.recv(1 << 16)
            assert begun.wait(10)
            sock.sendall(get("/api", CLOSE))
            to_the_end(sock)
        go.set()
    lines = judges.result().unjudged
    assert any("found no room" in line for line in lines)
    assert any("clients, from then on" in line for line in lines)


def memory(process: int) -> int:
    """The most memory that a process ever had, in MiB."""
    text = Path(f"/proc/{process}/status").read_text("ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", text)
    assert found
    return int(found[1]) // 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc on this system")
def test_large_contents_pass_in_constant_memory() -> None:
    size = 192 << 20
    received: list[int] = []

    def handler(sock: socket.socket) -> None:
        request = head(sock)
        if request.startswith(b"PUT"):
            left = size
            while left:
                left -= len(sock.recv(min(left, 1 << 20)))
            received.append(size)
            sock.sendall(b"HTTP/1.1 204 N\r\n\r\n")
        else:
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            for _ in range(size >> 20):
                sock.sendall(bytes(1 << 20))

    with proxied(handler) as (_, endpoint), proxying(endpoint.url) as proxy:
        sent(proxy.url, get("/api", CLOSE))
        before = memory(proxy.process.pid)
        with connected(proxy.url) as sock:
            sock.sendall(get("/api/buckets/b/x/content", CLOSE))
            got = sum(map(len, iter(lambda: sock.recv(1 << 20), b"")))
            assert got > size
        with connected(proxy.url) as sock:
            sock.sendall(get("/api/buckets/b/x", f"Content-Length: {size}", CLOSE, method="PUT"))
            for _ in range(size >> 20):
                sock.sendall(bytes(1 << 20))
            assert to_the_end(sock).startswith(b"HTTP/1.1 204")
        assert received == [size]
        assert memory(proxy.process.pid) - before < 64


def test_what_passed_a_proxy_that_is_killed_is_reported_all_the_same(tmp_path: Path) -> None:
    arguments = ("--report-dir", str(tmp_path))
    with served("--fault", "href-relative") as server, proxying(server.url, *arguments) as proxy:
        sent(proxy.url, get("/api/realms", "Authorization: Basic " + MOCK, CLOSE))
        assert proxy.process.stdout is not None
        assert proxy.process.stdout.readline().startswith("server: wrong ")
        proxy.end(signal.SIGKILL)  # waits until nobody writes to standard output any more
    assert proxy.code == -signal.SIGKILL
    assert "Verdict: not conformant" in proxy.out
    assert results(tmp_path)["summary"]["requests"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--upstream", "ftp://x"], "not an http URL"),
        (["--upstream", "http://u:p@x/api"], "credentials do not belong in the URL"),
        (["--upstream", "https://x/api", "--ca-bundle", "none.pem"], "no such file"),
        (["--upstream", "http://x/api", "--record", "a.txt"], "must end in .jsonl or .har"),
        (["--upstream", "http://x/api", "--tls-cert", "a"], "belong together"),
        (["--upstream", "http://x/api", "--listen", "300.1.1.1:0"], "cannot listen"),
        (["--upstream", "http://x/api", "--listen", "3002"], "is not HOST:PORT"),
    ],
)
def test_options_that_do_not_fit(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["proxy", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_transcript_of_the_report_can_be_judged_again(tmp_path: Path) -> None:
    with served() as server, proxying(server.url, "--report-dir", str(tmp_path)) as proxy:
        sent(proxy.url, get("/api", CLOSE))
        proxy.end()
    assert transcript.describe(tmp_path / "transcript.jsonl").exchanges == 1
    assert main(["validate", str(tmp_path / "transcript.jsonl"), "--side", "both"]) == 0


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("href-relative", "documents"),
        ("no-date", "keys"),  # below the application
        ("image-root-type-unknown", "images"),
        ("address-without-actions", "addresses"),
        ("snapshot-without-volume", "storage_snapshots"),
    ],
)
def test_rules_find_through_the_proxy_what_they_find_in_the_run(name: str, module: str) -> None:
    fault = faults()[name]
    judges, ledger = Judges("a test", "server"), Ledger()
    with fault.server() as server, Running(fault.url(server), Watching(judges)) as proxy:
        transport = Transport(proxy.url, MOCK_CREDENTIALS, limits=Limits(seconds=5.0))
        transport.observers.append(ledger.observe)
        declared = sessions.discover(transport)
        cloud = Cloud(transport, declared, Journal(), "p", RunPolicy(Patience(0.5), free=True))
        for case in [case for case in cases() if case.module == module][:20]:
            if not reason_to_skip(case.spec, case.params, declared, read_only=False):
                run_case(case, cloud, ledger)
                cloud.cleaner.remove_all()
        transport.close()
    ran, passed = (
        {(f.requirement, f.by) for f in book.findings.values() if f.by in RULES}
        for book in (ledger, judges.ledger)
    )
    assert passed == ran
    assert {f.requirement for f in ledger.findings.values()} >= set(fault.violates)
