"""`deltacloud-tck serve` with TLS."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tck.cli import main
from tck.reference_server.http1 import tls


def entry_point(*options: str, trusting: Callable[[], str]) -> dict[str, object]:
    """The entry point of a server in a process of its own; `trusting` gives its certificate."""
    command = [sys.executable, "-m", "tck", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            context = ssl.create_default_context(cadata=trusting())
            with urllib.request.urlopen(f"{url}?format=json", context=context) as answer:
                found: dict[str, object] = json.load(answer)
                return found
        finally:
            process.terminate()


def test_a_certificate_made_on_the_spot_can_be_trusted(tmp_path: Path) -> None:
    file = tmp_path / "certificate.pem"
    found = entry_point("--tls-self-signed", str(file), trusting=file.read_text)
    assert '"href": "https://127.0.0.1:' in json.dumps(found)


def test_a_certificate_that_is_given(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = tls.certificate("127.0.0.1", key)
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (tmp_path / "cert.pem").write_bytes(pem)
    (tmp_path / "key.pem").write_bytes(tls.private_pem(key))
    options = ("--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem"))
    assert "api" in entry_point(*options, trusting=pem.decode)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--tls-cert", "a.pem"], "belong together"),
        (["--tls-key", "a.pem"], "belong together"),
        (["--tls-cert", "nosuch.pem", "--tls-key", "nosuch.pem"], "nosuch.pem: No such file"),
        (["--tls-self-signed", "", "--tls-key", "a.pem"], "excludes"),
    ],
)
def test_options_that_do_not_fit(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--port", "0", *options]) == 2
    assert message in capsys.readouterr().err
