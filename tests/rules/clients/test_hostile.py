"""Nothing that a client sends, or an endpoint tells it, makes the rules on clients fail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.rules.clients import ClientJudge
from tck.rules.clients import session as sessions

BASE = "http://cloud.test/api"
NASTY = [
    "http://[",
    "//",
    "http://a:999999/",
    "\x00",
    "%",
    "é",
    '"',
    "javascript:x",
    "",
    "http://x",
]
FIELDS = ["Accept", "Authorization", "Content-Type", "Host", "Referer", "Range", "If-None-Match"]
FIELDS += ["If-Modified-Since", "Expect", "Cookie", "Content-Length", "Deltacloud-TCK-On-Purpose"]
VALUES = [*NASTY, "Basic \ud7ff", "multipart/form-data; boundary=", "bytes=-", "100-continue"]
VALUES += ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded; charset=\x01"]
PATHS = ["", "/keys", "/keys/", "//", "/buckets/b/c", "/instances/i/stop", "/hardware_profiles"]
PATHS += ["/firewalls/f/rules", "/nothing", "/%ff;a=b;c", "/instances/é?%zz&=&a"]


def told(href: str) -> bytes:
    return (
        f'<api driver="mock" version="1"><link rel="keys" href="{href}"/></api>'
    ).encode("utf-8", "replace")  # fmt: skip


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "x"]),
    path=st.sampled_from(PATHS),
    fields=st.lists(st.tuples(st.sampled_from(FIELDS), st.sampled_from(VALUES)), max_size=4),
    body=st.sampled_from([None, b"", b"a=%", b"--x\r\n\r\n--x--", b"\xff", b"name=1&name=2"]),
    status=st.sampled_from([0, 200, 201, 202, 303, 307, 401, 405, 503]),
    href=st.sampled_from(NASTY),
    times=st.integers(1, 4),
)
def test_any_exchange_can_be_judged(
    method: str, path: str, fields: list[tuple[str, str]], body: bytes | None, status: int,
    href: str, times: int,
) -> None:  # fmt: skip
    judge = ClientJudge()
    came = Headers((("Content-Type", "application/xml"), ("Location", href), ("ETag", href),
                    ("Retry-After", href), ("WWW-Authenticate", href)))  # fmt: skip
    entry = Exchange("e", Request("GET", BASE), Response(200, "", came, told(href)), BASE)
    request = Request(method, BASE + path, Headers(tuple(fields)), body)
    answer = Response(status, "", came, told(href)) if status else None
    asked = Exchange("x", request, answer, BASE, started=1.0, failure=None if answer else "broke")
    for x in (entry, *[asked] * times):
        for _, judgement in judge.judge(x):
            assert judgement.requirement.startswith("DC-CLI-")


def many(count: int) -> Iterator[Exchange]:
    for number in range(count):
        body = f'<keys><key id="k{number}" href="{BASE}/keys/k{number}"/></keys>'.encode()
        came = Headers({"Content-Type": "application/xml", "ETag": f'"{number}"'})
        url = f"{BASE}/keys?id=k{number}"
        yield Exchange(
            "x", Request("GET", url), Response(200, "", came, body), BASE, started=1.0 * number
        )
        refused = Response(400, "", came, b"")
        yield Exchange("y", Request("POST", url, body=b"a"), refused, BASE)


def test_a_session_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "_MOST", 50)
    monkeypatch.setattr(sessions, "_MOST_ASKED", 20)
    judge = ClientJudge()
    for x in many(300):
        list(judge.judge(x))
    [session] = judge.sessions.values()
    assert not session.knows_all
    assert len(session.given) <= 60
    assert len(session.refused) <= 20
    assert sum(map(len, session.ids.values())) <= 60


def test_clients_are_forgotten_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ClientJudge, "_MOST", 3)
    judge = ClientJudge()
    for name in "abcadbe":
        x = Exchange("x", Request("GET", BASE), Response(200), BASE, session=name)
        list(judge.judge(x))
    assert list(judge.sessions) == ["d", "b", "e"]
