"""What stood in Authorization, without secrets, and as it is sent again."""

from __future__ import annotations

import base64
import os
import subprocess

import pytest

from tck.endpoint.authorization import OWN, value, writable
from tck.endpoint.curl import curl
from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.endpoint.redaction import Redactor
from tck.endpoint.transport import Credentials, Transport

USER, PASSWORD = "me", "Kanarienvogel"


def basic(pair: str, scheme: str = "Basic") -> str:
    return f"{scheme} {base64.b64encode(pair.encode()).decode()}"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (basic(f"{USER}:{PASSWORD}"), OWN),
        (basic(f"{USER}:{PASSWORD}", "basic"), OWN.replace("Basic", "basic")),
        (basic(f"{USER}:{PASSWORD}x"), f"{OWN}x"),
        (basic(f"{USER}:"), "Basic ${DELTACLOUD_TCK_USER}:"),
        (basic("tck-nobody:x"), "Basic tck-nobody:x"),
        (basic(f"tck-nobody:{PASSWORD}"), "Basic tck-nobody:${DELTACLOUD_TCK_PASSWORD}"),
        (basic("nocolon"), basic("nocolon")),
        ("Basic %%%", "Basic %%%"),
        ("Bearer tck", "Bearer tck"),
        ("tck", "tck"),
        ("Bearer " + PASSWORD, ""),
        (basic(f"{USER}:{PASSWORD}{PASSWORD}"), ""),
        (basic(f"a{PASSWORD}:x"), ""),
    ],
)
def test_what_is_written_down(sent: str, shown: str) -> None:
    assert writable(sent, USER, PASSWORD) == shown
    assert not shown or value(shown, USER, PASSWORD) == sent
    assert PASSWORD not in shown


@pytest.mark.parametrize("sent", [basic("a:b"), "Bearer x", "Basic", ""])
def test_without_credentials_of_its_own_all_are_others(sent: str) -> None:
    assert value(writable(sent, "", ""), "", "") == sent


@pytest.mark.parametrize(
    "authorization",
    [
        basic(f"{USER}:{PASSWORD}", "BASIC"),
        basic(f"{USER}:{PASSWORD}x"),
        basic("tck-nobody:it's $HOME"),
        "Basic %%%",
        "Bearer tck",
        'Digest username="tck"',
        "",
    ],
)
def test_a_command_sends_what_was_sent(authorization: str) -> None:
    transport = Transport("http://127.0.0.1:1/api", Credentials(USER, PASSWORD))
    transport._connected = True
    x = transport.send("GET", "", credentials=None, headers={"Authorization": authorization})
    command = curl(Redactor([PASSWORD]).exchange(x))
    assert PASSWORD not in command
    told = subprocess.run(
        ["sh", "-c", f'curl() {{ printf "%s\\n" "$@"; }}; {command}'],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"DELTACLOUD_TCK_USER": USER, "DELTACLOUD_TCK_PASSWORD": PASSWORD},
    ).stdout.splitlines()
    if "-u" in told:
        assert basic(told[told.index("-u") + 1]) == authorization
    else:
        assert (f"Authorization: {authorization}" if authorization else "Authorization;") in told


@pytest.mark.parametrize(("status", "name"), [(401, "REFUSED_USER"), (200, "TCK_USER")])
def test_what_a_recorded_client_sent_is_not_known(status: int, name: str) -> None:
    sent = Request("GET", "http://h/api", Headers({"Authorization": "Basic [redacted]"}))
    assert name in curl(Exchange("x", sent, Response(status), "http://h/api"))
