"""The curl line of a finding sends the same request again."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tck.endpoint.curl import curl
from tck.endpoint.redaction import Redactor
from tck.endpoint.transport import Credentials, Transport

from .exchanges import exchange
from .sockets import Peer, answer, peer

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
OWN = Credentials("mockuser", "mockpassword")
# fields that say nothing of the request itself
NOISE = {"host", "connection", "user-agent", "accept-encoding", "expect"}


@pytest.fixture(scope="module")
def server() -> Iterator[Peer]:
    with peer(answer()) as running:
        yield running


def parsed(request: bytes) -> tuple[bytes, dict[str, str], bytes]:
    """(request line, fields that matter, body)."""
    head, _, body = request.partition(b"\r\n\r\n")
    line, *lines = head.split(b"\r\n")
    fields = dict(field.decode("latin-1").split(":", 1) for field in lines)
    kept = {k.lower(): v.strip() for k, v in fields.items() if k.lower() not in NOISE}
    if kept.get("content-length") == "0":
        del kept["content-length"]
    return line, kept, body


def again(server: Peer, command: str) -> bytes:
    """What arrives when a command is run by a shell."""
    environment = os.environ | {
        "DELTACLOUD_TCK_USER": OWN.user,
        "DELTACLOUD_TCK_PASSWORD": OWN.password,
        "NO_PROXY": "*",
    }
    server.heard.clear()
    subprocess.run(
        ["sh", "-c", f"{command} --max-time 5"],
        check=True,
        capture_output=True,
        env=environment,
        timeout=10,
    )
    [request] = server.heard
    return request


def assert_same(server: Peer, method: str, target: str, **options: object) -> None:
    server.heard.clear()
    transport = Transport(server.origin + "/api", OWN)
    x = transport.send(method, target, **options)  # type: ignore[arg-type]
    transport.close()
    first = server.heard[0]
    clean = Redactor([OWN.password]).exchange(x)
    assert parsed(again(server, curl(clean))) == parsed(first), curl(clean)


@pytest.mark.parametrize(
    ("method", "target", "options"),
    [
        ("GET", "", {}),
        ("GET", "", {"credentials": None}),
        ("GET", "/keys", {"headers": {"Accept": "application/xml"}}),
        ("GET", "/keys", {"headers": {"Accept": ""}}),
        ("GET", "/keys", {"headers": {"Accept": "*/*; q=0.5, application/xml"}}),
        ("GET", "/keys", {"params": {"id": "a b&c=ä'\"$HOME`id`"}}),
        ("GET", "/keys/[1-3]{a,b}", {}),
        ("GET", "/keys/../keys/./a", {}),
        ("GET", ";driver=ec2;provider=eu/keys", {}),
        ("HEAD", "/keys", {}),
        ("OPTIONS", "/keys", {}),
        ("DELETE", "/keys/k", {}),
        ("POST", "/keys", {"form": {"name": "a b&'\"$HOME`id`\\"}}),
        ("POST", "/keys", {"form": {}}),
        ("POST", "/keys", {}),
        ("POST", "/keys", {"params": {"name": "k"}}),
        ("POST", "/keys", {"body": b"@/etc/hostname", "headers": {"Content-Type": "text/plain"}}),
        ("POST", "/keys", {"body": b"a\r\nb\n", "headers": {"Content-Type": "text/plain"}}),
        ("POST", "/buckets/b", {"files": {"blob_data": ("n", b"content")}, "form": {"a": "b"}}),
        ("PUT", "/buckets/b/c", {"body": "ä😀".encode(), "headers": {"Content-Type": "a/b"}}),
        ("PUT", "/buckets/b/c", {"body": b"no type"}),
        ("GET", "", {"headers": {"X-Deltacloud-Driver": "it's; rm -rf ~"}}),
    ],
)  # fmt: skip
def test_the_same_request_arrives(
    server: Peer, method: str, target: str, options: dict[str, object]
) -> None:
    assert_same(server, method, target, **options)


TEXT = st.text("ab @%&='\"`$\\!*?[]{}()<>|;~#\t\näЖ😀", min_size=1, max_size=12)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]), name=TEXT, value=TEXT)
def test_any_request_arrives_again(server: Peer, method: str, name: str, value: str) -> None:
    form = {name: value} if method == "POST" else None
    assert_same(server, method, "/keys", params={value: name}, form=form)


def test_a_hostile_recording_cannot_run_commands() -> None:
    x = exchange("/keys", method="GET; touch canary; :", sent={"X: a'; b": "$(c)"})
    told = subprocess.run(
        ["sh", "-c", f'curl() {{ printf "%s\\n" "$@"; }}; {curl(x)}'],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "GET; touch canary; :" in told.splitlines()
    assert "X: a'; b: $(c)" in told.splitlines()


def test_content_that_is_no_text_is_a_file_to_be_filled_in() -> None:
    for body in (b"\xff\xfe", b"a\x00b"):
        x = exchange("/buckets/b/c", method="PUT", form=body)
        assert f"--data-binary @BODY_OF_{len(body)}_BYTES" in curl(x)


def test_credentials_come_from_the_environment() -> None:
    transport = Transport("http://127.0.0.1:1/api", OWN)
    transport._connected = True
    x = transport.send("GET", "")
    told = curl(Redactor([OWN.password]).exchange(x))
    assert '-u "$DELTACLOUD_TCK_USER:$DELTACLOUD_TCK_PASSWORD"' in told
    assert OWN.password not in told
    assert "Authorization" not in told
