"""The API elsewhere, and behind other servers."""

from __future__ import annotations

from collections.abc import Callable

from tck.prove.altered import wire
from tck.prove.altered.change import Change, for_answers, in_message
from tck.prove.altered.messages import Answer, Asked
from tck.prove.variants.variant import Variants

_MOUNT = "the entry point is where the operator says (DESIGN 2: an endpoint is a base URL)"


def _mounted(at: str) -> Change:
    """The server as a whole under a path of another one."""

    def act(asked: Asked) -> None:
        raw: str = asked.environ.get("REQUEST_URI") or asked.environ["PATH_INFO"]
        if raw.startswith(f"{at}/"):
            asked.environ["SCRIPT_NAME"] = at
            asked.environ["PATH_INFO"] = asked.environ["PATH_INFO"].removeprefix(at)

    return Change(f"is mounted at {at}", request=act)


def _called(base: str) -> Change:
    """The API under another name than /api."""

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


def _old(head: bytes) -> bytes:
    return head.replace(b"HTTP/1.1", b"HTTP/1.0", 1)


def _same(data: bytes) -> bytes:
    return data


def _lower(head: bytes) -> bytes:
    status, *fields = head.split(b"\r\n")
    pairs = (field.partition(b":") for field in fields)
    return b"\r\n".join([status, *(name.lower() + gap + value for name, gap, value in pairs)])


def _without_length(_asked: Asked, answer: Answer) -> None:
    if answer.status not in (204, 304):
        answer.set("Content-Length", None)


_HEAD: Callable[..., Change] = wire.head

variant = Variants()

variant("mounted-at-cloud", _MOUNT, _mounted("/cloud"), base="/cloud/api")
variant("mounted-deeply", _MOUNT, _mounted("/a/b%20c/d.e"), base="/a/b%20c/d.e/api")
variant("called-deltacloud", _MOUNT, _called("/deltacloud"), base="/deltacloud")
variant(
    "chunked",
    "RFC 9112 7.1",
    in_message("* !*", "sends content in chunks", _without_length),
    wire.raw("* !*", "on a socket", _same),
)
variant(
    "http-1.0",
    "RFC 9112 2.3: a server may answer in the lower version",
    _HEAD("* !*", "answers in HTTP/1.0 and closes", _old, hangs_up=True),
)
variant(
    "lower-case-fields-on-the-wire",
    "RFC 9110 5.1",
    _HEAD("* !*", "writes names of fields in lower case", _lower),
)
variant("on-a-socket", "as it is, over a connection", wire.raw("* !*", "on a socket", _same))
