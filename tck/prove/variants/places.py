"""The API elsewhere, and behind other servers."""

from __future__ import annotations

from tck.prove.altered import wire
from tck.prove.altered.change import Change, for_answers, in_message
from tck.prove.altered.messages import Answer, Asked
from tck.prove.variants.variant import Variants

_MOUNT = "A21: /api is the default; an endpoint is a base URL that its operator chooses"


def _mounted(at: str) -> Change:
    """Serve everything under a path of another server."""

    def act(asked: Asked) -> None:
        raw: str = asked.environ.get("REQUEST_URI") or asked.environ["PATH_INFO"]
        if raw.startswith(f"{at}/"):
            asked.environ["SCRIPT_NAME"] = at
            asked.environ["PATH_INFO"] = asked.environ["PATH_INFO"].removeprefix(at)

    return Change(f"is mounted at {at}", request=act)


def _called(base: str) -> Change:
    """Serve the API under another path than /api."""

    def inward(asked: Asked) -> None:
        raw: str = asked.environ.get("REQUEST_URI") or asked.environ["PATH_INFO"]
        path = raw.partition("?")[0]
        if path.startswith(base):
            own = "/api" + path.removeprefix(base)
            asked.read_path(own)
            asked.divert(own)

    def outward(_asked: Asked, answer: Answer) -> None:
        for old in (b"http://endpoint.test/api", b'url="/api'):
            answer.body = answer.body.replace(old, old.replace(b"/api", base.encode()))
        if location := answer.get("Location"):
            answer.set("Location", location.replace("/api", base, 1))

    return Change(f"calls the API {base}", request=inward, document=for_answers("* !*", outward))


def _in_http_1_0(head: bytes) -> bytes:
    return head.replace(b"HTTP/1.1", b"HTTP/1.0", 1)


def _unchanged(data: bytes) -> bytes:
    return data


def _lower_case(head: bytes) -> bytes:
    status, *fields = head.split(b"\r\n")
    pairs = (field.partition(b":") for field in fields)
    return b"\r\n".join([status, *(name.lower() + gap + value for name, gap, value in pairs)])


def _without_length(_asked: Asked, answer: Answer) -> None:
    if answer.status not in (204, 304):
        answer.set("Content-Length", None)


variant = Variants()

variant("mounted-at-cloud", _MOUNT, _mounted("/cloud"), base="/cloud/api")
variant("mounted-deeply", _MOUNT, _mounted("/a/b%20c/d.e"), base="/a/b%20c/d.e/api")
variant("called-deltacloud", _MOUNT, _called("/deltacloud"), base="/deltacloud")
variant(
    "chunked",
    "RFC 9112 7.1",
    in_message("* !*", "sends content in chunks", _without_length),
    wire.raw("* !*", "is what it is, on a socket", _unchanged),
    text="sends content in chunks",
)
variant(
    "http-1.0",
    "RFC 9112 2.3: a server may answer in the lower version",
    wire.head("* !*", "answers in HTTP/1.0 and closes", _in_http_1_0, hangs_up=True),
)
variant(
    "lower-case-fields-on-the-wire",
    "RFC 9110 5.1",
    wire.head("* !*", "writes names of fields in lower case", _lower_case),
)
variant(
    "on-a-socket",
    "as it is, over a connection",
    wire.raw("* !*", "is what it is, on a socket", _unchanged),
)
