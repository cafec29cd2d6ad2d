"""No secret of a run, nor of what it created, is in anything that the run leaves.

The endpoint is hostile: it repeats the credentials in headers, errors and documents, fails in
many ways, so that there is much to tell, and gives keys and takes passwords as usual.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

import pytest
from lxml import etree

from tck.reference_server.app import create_app
from tck.reference_server.serving import Server

from .running import KIT, Start, run

USER, PASSWORD = "canary-user@example", "canary pa/ss<w>ord"
OWN = {"DELTACLOUD_TCK_USER": USER, "DELTACLOUD_TCK_PASSWORD": PASSWORD}
PAIR = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
CLOUD = """
[parrot]
endpoint = "{url}"
user = {{ env = "DELTACLOUD_TCK_USER" }}
password = {{ env = "DELTACLOUD_TCK_PASSWORD" }}
transition = 1
"""


class Parrot:
    """The reference server, repeating what it should not; it notes the secrets it saw."""

    def __init__(self) -> None:
        self._app = create_app("full", user=USER, password=PASSWORD)
        self.secrets: set[str] = set()
        self.requests = 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.requests += 1
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length and "urlencoded" in environ.get("CONTENT_TYPE", ""):
            self._note(environ, length)
        said: list[Any] = []
        body = b"".join(self._app(environ, lambda *told: said.extend(told[:2])))
        self._keys(body)
        told = environ.get("HTTP_AUTHORIZATION", "")
        headers = [(n, v) for n, v in said[1] if n.lower() not in ("content-length", "etag")]
        headers.append(("X-Echo", told))
        echo = f"{told} {PASSWORD} {quote(PASSWORD)} password={PASSWORD}".encode()
        if not said[0].startswith("2"):
            body = body.replace(b"</", b"<!-- " + echo + b" --></", 1)
        elif self.requests % 7 == 0 and environ["PATH_INFO"] != "/api":
            body = body.replace(b"</", b"&lt;" + echo.replace(b"<", b"&lt;") + b"<b></", 1)
        start(said[0], headers)
        return [body]

    def _note(self, environ: dict[str, Any], length: int) -> None:

        sent = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = io.BytesIO(sent)
        form = parse_qs(sent.decode("utf-8", "replace"))
        for name in ("password", "user_data", "private_key"):
            self.secrets.update(value for value in form.get(name, ()) if len(value) > 3)

    def _keys(self, body: bytes) -> None:
        if b"PRIVATE KEY" in body and body.startswith(b"<"):
            for pem in etree.fromstring(body).iter("pem"):
                lines = (pem.text or "").strip().splitlines()
                self.secrets.update(line for line in lines if len(line) > 30 and "KEY" not in line)


@pytest.mark.parametrize("processes", [(), ("-n", "2")], ids=["one", "two"])
def test_nothing_that_a_run_leaves_holds_a_secret(
    processes: tuple[str, ...], tmp_path: Path
) -> None:
    parrot = Parrot()
    with Server(parrot) as server:
        (tmp_path / "clouds.toml").write_text(CLOUD.format(url=server.url), "utf-8")
        command = (*KIT, "run", "-v", "--profile", "smoke", "--cloud", "parrot", *processes)
        command += ("--report-dir", str(tmp_path / "r"), "--alluredir", str(tmp_path / "allure"))
        command += ("-k", "keys or authentication or launch_features or errors or instances")
        ended = run(Start(command, OWN, tmp_path))
    assert ended.code in (1, 4, 5), ended.told[-3000:]
    assert len(parrot.secrets) > 5
    written = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.suffix for path in written} >= {".json", ".jsonl", ".html", ".har", ".xml", ".md"}
    written[Path("console")] = ended.told.encode()
    secrets = {PASSWORD, quote(PASSWORD), PAIR, *parrot.secrets}
    found = {
        (str(path), secret)
        for path, content in written.items()
        for secret in secrets
        if secret.encode() in content
    }
    assert found == set()
