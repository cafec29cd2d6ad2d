"""No secret of a run, nor of what it created, is in anything that the run leaves.

The endpoint is hostile: it repeats the credentials in headers, errors and documents, in every
spelling one after the other, fails in many ways, so that there is much to tell, and gives keys and
takes passwords as usual. What is left is searched for all that the endpoint said, and by a reader
who decodes (`endpoint/spellings.py`).
"""

from __future__ import annotations

import base64
import io
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, quote

import pytest
from endpoint.spellings import BYTES, TEXTS, shows
from lxml import etree

from tck.reference_server.app import create_app
from tck.reference_server.serving import Server

from .running import KIT, PYTEST, Start, run

_LONGEST = 240  # seconds, on a machine that is busy
USER, PASSWORD = "canary-user@example", "canary pa/ss<w>ord"
OTHER = ("canary-other@example", "öther canary/s%cret<2>")
OWN = {"DELTACLOUD_TCK_USER": USER, "DELTACLOUD_TCK_PASSWORD": PASSWORD}
OWN |= {"DELTACLOUD_TCK_OTHER_USER": OTHER[0], "DELTACLOUD_TCK_OTHER_PASSWORD": OTHER[1]}
PASSWORDS = (PASSWORD, OTHER[1])
PAIRS = [base64.b64encode(":".join(pair).encode()).decode() for pair in ((USER, PASSWORD), OTHER)]
CLOUD = """
[parrot]
endpoint = "{url}"
user = {{ env = "DELTACLOUD_TCK_USER" }}
password = {{ env = "DELTACLOUD_TCK_PASSWORD" }}
other_user = {{ env = "DELTACLOUD_TCK_OTHER_USER" }}
other_password = {{ env = "DELTACLOUD_TCK_OTHER_PASSWORD" }}
transition = 1
"""
# Checks of somebody's own, which tell whatever the endpoint said in every way that pytest has.
CHECKS = """
import logging, sys, warnings
import pytest
from tck.checks.support.check import check

MUST, ALSO = "DC-HTTP-003", "DC-HTTP-029"

def said(cloud):
    return [cloud.get("/keys").body.decode("utf-8", "replace") for _ in range(30)]

@pytest.fixture
def broken(cloud):
    yield
    raise RuntimeError("\\n".join(said(cloud)))

@check(MUST)
def test_error(cloud, verify):
    told, (user, password) = said(cloud), (cloud.transport.credentials.user, "not here")
    credentials = cloud.transport.credentials
    joined = ", ".join(told)
    for text in told:
        logging.getLogger("own").warning("it said %s", text)
        print(text)
        print(text, file=sys.stderr)
    raise ValueError(joined)

@check(MUST)
def test_end(cloud, verify, broken):
    verify.holds(MUST, "", "a", "a", True)

@check(ALSO)
def test_finding(cloud, verify):
    x = cloud.get("/keys")
    told = x.body.decode("utf-8", "replace")
    verify.equal(ALSO, told, "rain", told, x=x)

@check(MUST)
def test_skipped(cloud, verify):
    pytest.skip(" ".join(said(cloud)))

@check(MUST)
def test_warning(cloud, verify):
    for text in said(cloud):
        warnings.warn(text)
    try:
        raise KeyError(said(cloud)[0])
    except KeyError:
        logging.getLogger("own").exception("it failed")
"""


class Parrot:
    """The reference server, repeating what it should not; it notes the secrets it saw.

    `said`: the spellings of the passwords that it used.
    """

    def __init__(self) -> None:
        self._app = create_app("full", user=USER, password=PASSWORD, other=OTHER)
        self.secrets: set[str] = set()
        self.said: set[bytes] = set()
        self.requests = 0
        random = Random(1)
        steps = itertools.product(sorted(TEXTS), sorted(TEXTS))
        self._spellings = itertools.cycle(
            TEXTS[second](TEXTS[first](password.encode(), random), random)
            for first, second in steps
            for password in PASSWORDS
        )

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
        headers.append(("X-Spelled", "".join(self._spell().decode("latin-1").splitlines())))
        echo = f"{told} {PASSWORD} {quote(PASSWORD)} password={PASSWORD} {OTHER[1]}".encode()
        if not said[0].startswith("2"):
            body = body.replace(b"</", b"<!-- " + echo + b" --></", 1)
        elif environ["PATH_INFO"] == "/api/keys":
            body = body.replace(b"</", b"&lt;" + self._spell() + b"</", 1)
        elif self.requests % 7 == 0 and environ["PATH_INFO"] != "/api":
            body = body.replace(b"</", b"&lt;" + echo.replace(b"<", b"&lt;") + b"<b></", 1)
        if self.requests % 11 == 0 and environ["PATH_INFO"] != "/api":
            form = ("gzip", "zlib")[self.requests % 2]
            body = BYTES[form](body + PASSWORD.encode(), Random(1))
            headers.append(("Content-Encoding", form.replace("zlib", "deflate")))
        start(said[0], headers)
        return [body]

    def _spell(self) -> bytes:
        spelled = next(self._spellings)
        self.said.add(spelled)
        return spelled

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


def leaks(folder: Path, console: str, parrot: Parrot) -> Iterator[str]:
    """What a run left that shows a secret, and where."""
    written = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    written["the console"] = console.encode()
    secrets = {*PASSWORDS, *map(quote, PASSWORDS), *PAIRS, *parrot.secrets}
    wanted = {secret.encode() for secret in secrets} | {s for s in parrot.said if b"\n" not in s}
    seen: set[bytes] = set()
    for name, content in written.items():
        yield from (f"{name} holds {secret!r}" for secret in wanted if secret in content)
        for line in set(content.splitlines()) - seen:
            seen.add(line)
            if any(shows(line, password, 1) for password in PASSWORDS):
                yield f"{name} shows the password: {line[:2000]!r}"


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
        ended = run(Start(command, OWN, tmp_path), _LONGEST)
    assert ended.code in (1, 4, 5), ended.told[-3000:]
    assert len(parrot.secrets) > 5
    assert len(parrot.said) > 200
    written = {path.suffix for path in tmp_path.rglob("*")}
    assert written >= {".json", ".jsonl", ".html", ".har", ".xml", ".md"}
    assert list(leaks(tmp_path, ended.told, parrot)) == []


@pytest.mark.parametrize("more", [(), ("-n", "2"), ("-s",)], ids=["one", "two", "uncaptured"])
def test_nothing_that_pytest_tells_holds_a_secret(more: tuple[str, ...], tmp_path: Path) -> None:
    parrot, checks = Parrot(), tmp_path / "own" / "test_own.py"
    checks.parent.mkdir()
    checks.write_text(CHECKS, "utf-8")
    files = ("--junitxml", "junit.xml", "--log-file", "log.txt", "--log-file-level", "DEBUG")
    files += ("--alluredir", "allure", "--report-dir", "r")
    shown = ("-v", "-l", "--tb", "long", "-r", "A", "--log-cli-level", "DEBUG")
    with Server(parrot) as server:
        where = ("--endpoint", server.url, "--profile", "standard")
        ended = run(
            Start((*PYTEST, str(checks), *where, *files, *shown, *more), OWN, tmp_path), _LONGEST
        )
    assert ended.code in (1, 4), ended.told[-3000:]
    assert "it said" in ended.told
    assert "ValueError" in (tmp_path / "junit.xml").read_text("utf-8")
    assert "[redacted]" in (tmp_path / "junit.xml").read_text("utf-8")
    checks.unlink()
    assert list(leaks(tmp_path, ended.told, parrot)) == []


@pytest.mark.parametrize("command", [(*KIT, "run"), PYTEST], ids=["kit", "pytest"])
def test_a_report_under_a_password_of_one_letter_is_readable(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    own = {"DELTACLOUD_TCK_USER": "tester", "DELTACLOUD_TCK_PASSWORD": "s"}
    with Server(create_app("mock", user="tester", password="s")) as server:
        more = ("--endpoint", server.url, "--profile", "smoke", "-k", "keys or realms")
        ended = run(Start((*command, *more, "--report-dir", str(tmp_path / "r")), own, tmp_path))
    assert ended.code == 0, ended.told[-3000:]
    assert ended.told.count("warning: the password is short, or an ordinary word") == 1
    assert "Verdict: conformant" in ended.told
    written = "".join(path.read_text("utf-8") for path in (tmp_path / "r").iterdir())
    assert re.search(r"\w\[redacted\]|\[redacted\]\w", written) is None
    assert "Basic [redacted]" in written
    assert base64.b64encode(b"tester:s").decode() not in written
    assert "tester:s" not in written


@pytest.mark.parametrize("url", ["http://{}:{}@127.0.0.1:1/api", "http://{}:a/{}@h:x/api"])
@pytest.mark.parametrize("command", [(*KIT, "run"), PYTEST], ids=["kit", "pytest"])
def test_credentials_in_a_url_are_not_told(
    command: tuple[str, ...], url: str, tmp_path: Path
) -> None:
    place = url.format(USER.partition("@")[0], "hunter2-canary")
    ended = run(Start((*command, "--endpoint", place, "--profile", "smoke"), folder=tmp_path))
    assert ended.code == 2, ended.told[-3000:]
    assert "credentials do not belong in the URL" in ended.told
    assert "hunter2" not in ended.told
