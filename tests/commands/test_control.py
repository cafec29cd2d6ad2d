"""`serve --control-port`: a running server is changed, and asked about its clients, over HTTP."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tck.cli import main

from .running import Served, served

AUTH = ("mockuser", "mockpassword")
JSON = {"Accept": "application/json"}


class Controlled:
    """A running server with its control port."""

    def __init__(self, server: Served) -> None:
        self.cloud, self.url = server.url, server.next_line()

    def __call__(self, method: str, path: str = "", value: Any = None) -> Any:
        answer = self.ask(method, path, json=value)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ask(self, method: str, path: str = "", **options: Any) -> requests.Response:
        return requests.request(method, self.url + path, timeout=20, **options)

    def get(self, path: str) -> requests.Response:
        return requests.get(self.cloud + path, auth=AUTH, headers=JSON, timeout=20)

    def post(self, path: str, **form: str) -> requests.Response:
        return requests.post(self.cloud + path, form, auth=AUTH, headers=JSON, timeout=20)


@pytest.fixture(scope="module")
def running() -> Iterator[Controlled]:
    with served("--control-port", "0", "--transition-time", "60") as server:
        yield Controlled(server)


@pytest.fixture
def control(running: Controlled) -> Controlled:
    """The same server, as it was at first."""
    for path in ("faults", "variants", "disturbances"):
        running("DELETE", path)
    running("PUT", "clock", {"machine": True})
    running("POST", "reset")
    return running


def test_the_state_is_told(control: Controlled) -> None:
    state = control("GET")
    assert state["url"] == control.cloud
    assert (state["persona"], state["clock"]["stands"]) == ("mock", False)
    assert (state["faults"], state["variants"], state["disturbances"]) == ([], [], [])
    assert urlsplit(control.url).hostname == "127.0.0.1"


def test_faults_and_variants_come_and_go(control: Controlled) -> None:
    known = control("GET", "faults")["known"]
    assert len(known) > 1000
    control.post("/keys", name="stays")
    control("PUT", "variants", {"names": ["json-in-other-order"]})
    state = control("PUT", "faults", {"names": ["json-cut-off", "no-date"]})
    assert state["faults"] == ["json-cut-off", "no-date"]
    assert state["variants"] == ["json-in-other-order"]
    answer = control.get("/keys")
    assert "Date" not in answer.headers
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert control("DELETE", "faults")["variants"] == ["json-in-other-order"]
    assert control.get("/keys/stays").json()["key"]["id"] == "stays"
    assert control("DELETE", "variants")["variants"] == []


def test_disturbances_come_and_go(control: Controlled) -> None:
    control("POST", "disturbances", {"kind": "refusal", "status": 429, "where": "keys.*"})
    control("POST", "disturbances", {"kind": "lost-answer", "where": "realms.index", "times": 1})
    assert control.get("/keys").status_code == 429
    with pytest.raises(requests.ConnectionError):
        control.get("/realms")
    assert [each["kind"] for each in control("GET", "disturbances")["active"]] == [
        "refusal", "lost-answer",
    ]  # fmt: skip
    control("DELETE", "disturbances")
    assert control.get("/keys").status_code == 200
    control("POST", "disturbances", {"kind": "latency", "seconds": 0.2, "times": 1})
    assert control.get("/keys").elapsed.total_seconds() >= 0.2


def test_time_travels(control: Controlled) -> None:
    assert control("PUT", "clock", {"now": 1_000_000_000}) == {"now": 1e9, "stands": True}
    href = control.post("/instances", image_id="img1").json()["instance"]["href"]
    path = href.removeprefix(control.cloud)
    assert control.get(path).json()["instance"]["state"] == "PENDING"
    assert control("PUT", "clock", {"advance": 61})["now"] == 1e9 + 61
    assert control.get(path).json()["instance"]["state"] == "RUNNING"
    assert control("PUT", "clock", {"machine": True})["stands"] is False


def test_a_reset_begins_again(control: Controlled) -> None:
    before = control.get("/keys").json()
    control.post("/keys", name="a")
    control("POST", "reset")
    assert control.get("/keys").json() == before
    assert sum(c["requests"] for c in control("GET", "findings")["clients"].values()) == 1


def test_findings_are_those_until_now(control: Controlled) -> None:
    control.get("")
    control.post("/keys", name="a")
    assert control("GET", "findings")["findings"] == []
    control.post("/keys", nome="a")
    told = control("GET", "findings")
    [found] = [f for f in told["findings"] if f["level"] == "MUST"]
    assert found["requirement"] == "DC-CLI-019"
    assert found["request"] == "POST /api/keys (400)"
    assert told["clients"] == {"client 1": {"user": "mockuser", "requests": 3}}
    assert "mockpassword" not in json.dumps(told)
    assert control("DELETE", "findings") == {"clients": {}, "findings": []}


@pytest.mark.parametrize(
    ("method", "path", "value", "status", "said"),
    [
        ("GET", "no-such-thing", None, 404, "/_tck/faults"),
        ("POST", "faults", {}, 405, "GET, PUT, DELETE"),
        ("PUT", "faults", {"names": ["no-such-fault"]}, 400, "'no-such-fault'"),
        ("PUT", "faults", {"names": ["json-in-other-order"]}, 400, "no fault"),
        ("PUT", "faults", {"names": "no-date"}, 400, "names"),
        ("PUT", "faults", {"names": [["no-date"]]}, 400, "no fault"),
        ("PUT", "faults", [], 400, "object"),
        ("POST", "disturbances", {"kind": "storm"}, 400, "latency"),
        ("POST", "disturbances", {"kind": "latency", "seconds": "1"}, 400, "seconds"),
        ("PUT", "clock", {}, 400, "advance"),
        ("PUT", "clock", {"now": "today"}, 400, "seconds"),
        ("PUT", "clock", {"now": 1e300}, 400, "9999"),
        ("PUT", "clock", {"advance": -1e300}, 400, "9999"),
        ("PUT", "clock", {"now": 1, "advance": 1}, 400, "one of"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    method: str, path: str, value: Any, status: int, said: str, control: Controlled
) -> None:
    before = control("GET")
    answer = control.ask(method, path, json=value)
    assert answer.status_code == status, answer.text
    assert said in answer.json()["error"] + answer.headers.get("Allow", "")
    after = control("GET")
    for state in (before, after):
        state["clock"].pop("now")
    assert after == before


def test_pages_in_browsers_cannot_use_it(control: Controlled) -> None:
    for headers, status in (
        ({"Host": "cloud.example:3002"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ):
        answer = control.ask("PUT", "faults", data='{"names": ["no-date"]}', headers=headers)
        assert answer.status_code == status
    assert control("GET")["faults"] == []
    large = json.dumps({"names": ["no-date"] * 10_000})
    sent = {"Content-Type": "application/json"}
    assert control.ask("PUT", "faults", data=large, headers=sent).status_code == 413
    assert control.ask("PUT", "faults", data="{", headers=sent).status_code == 400
    assert control.ask("PUT", "faults", data="[" * 60_000, headers=sent).status_code == 400
    parts = urlsplit(control.url)
    raw = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)
    raw.request("GET", "/_tck/", headers={"Content-Length": "x"})
    assert raw.getresponse().status == 400
    raw.close()


def test_the_cloud_itself_has_no_control(control: Controlled) -> None:
    assert (
        requests.get(control.cloud.removesuffix("/api") + "/_tck/", timeout=20).status_code == 404
    )


def test_it_begins_with_what_the_command_line_says() -> None:
    with served("--control-port", "0", "--fault", "json-cut-off", "--persona", "ec2") as server:
        control = Controlled(server)
        state = control("GET")
        assert (state["persona"], state["faults"]) == ("ec2", ["json-cut-off"])
        control("DELETE", "faults")
        assert control.get("/keys").json()


def test_it_excludes_a_file_and_refuses_a_port_that_is_taken(
    control: Controlled, capsys: pytest.CaptureFixture[str]
) -> None:
    port = str(urlsplit(control.url).port)
    assert main(["serve", "--port", "0", "--control-port", "0", "--storage", "x.db"]) == 2
    assert "excludes --storage" in capsys.readouterr().err
    assert main(["serve", "--port", "0", "--control-port", port]) == 2
    assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err
