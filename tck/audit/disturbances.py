"""What may come between a client and a right endpoint: a layer around the application.

Everything here is right of an endpoint or of the network between: a client has to live with it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tck.schemas.operations import API

Start = Callable[..., Any]
Wsgi = Callable[[dict[str, Any], Start], Iterable[bytes]]
Layer = Callable[[Wsgi], Wsgi]


class Lost(ConnectionError):
    """The connection breaks: the server ends it without an answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as far as a disturbance looks at it; `number` counts those before it, from 0."""

    method: str
    path: str
    operation: str
    number: int
    environ: dict[str, Any]


# What a disturbance does with a request: None leaves it alone.
Act = Callable[[Asked, Wsgi, Start], Iterable[bytes] | None]


def layer(act: Act) -> Layer:
    """A layer that lets `act` see every request, one at a time, before the application."""

    def around(app: Wsgi) -> Wsgi:
        lock, numbers = threading.Lock(), iter(range(10**9))

        def disturbed(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
            path = environ["PATH_INFO"].removeprefix(API.base)
            method = environ["REQUEST_METHOD"]
            match = API.match(method, path)
            with lock:
                asked = Asked(method, path, match[0].id if match else "", next(numbers), environ)
                answer = act(asked, app, start)
            return app(environ, start) if answer is None else answer

        return disturbed

    return around


def answer(start: Start, status: str, *fields: tuple[str, str], text: str = "") -> list[bytes]:
    """An error document; `fields` besides its type and length."""
    content = (
        f'<error status="{status[:3]}"><message>{text or status[4:]}</message></error>'.encode()
    )
    start(status, [("Content-Type", "application/xml"), *fields,
                   ("Content-Length", str(len(content)))])  # fmt: skip
    return [content]


def busy(seconds: int = 1, every: int = 3, first: int | None = None) -> Layer:
    """Every third request is answered with 503 and Retry-After.

    `first`: the number of the first of them, from 0; else the third is.
    """
    begins = every - 1 if first is None else first

    def act(asked: Asked, _: Wsgi, start: Start) -> Iterable[bytes] | None:
        if asked.number % every != begins:
            return None
        return answer(start, "503 Service Unavailable", ("Retry-After", str(seconds)))

    return layer(act)


def dropped() -> Layer:
    """The first connection on which something is read breaks before the answer."""
    broken: set[str] = set()

    def act(asked: Asked, _: Wsgi, _start: Start) -> Iterable[bytes] | None:
        if asked.method == "GET" and asked.path and not broken:
            broken.add(asked.path)
            raise Lost
        return None

    return layer(act)


def lost_create() -> Layer:
    """The first create is done, and its answer is lost."""
    lost: list[str] = []

    def act(asked: Asked, app: Wsgi, _: Start) -> Iterable[bytes] | None:
        if lost or not asked.operation.endswith(".create"):
            return None
        status: list[str] = []
        for _piece in app(asked.environ, lambda line, *_: status.append(line)):
            pass
        if status and status[0].startswith("2"):
            lost.append(asked.operation)
        raise Lost

    return layer(act)


def refused_action() -> Layer:
    """The first action is refused with 405: the object is not in a state for it, any more."""
    refused: list[str] = []

    def act(asked: Asked, _: Wsgi, start: Start) -> Iterable[bytes] | None:
        is_action = asked.method == "POST" and asked.path.count("/") == 3
        if refused or not is_action:
            return None
        refused.append(asked.path)
        return answer(start, "405 Method Not Allowed", ("Allow", "GET, HEAD"))

    return layer(act)


def expired(after: int = 4) -> Layer:
    """After some requests the credentials are refused, with a challenge."""

    def act(asked: Asked, _: Wsgi, start: Start) -> Iterable[bytes] | None:
        if asked.number < after or "HTTP_AUTHORIZATION" not in asked.environ:
            return None
        challenge = ("WWW-Authenticate", 'Basic realm="Deltacloud"')
        return answer(start, "401 Unauthorized", challenge, text="The credentials have expired.")

    return layer(act)


def redirecting(status: str = "303 See Other") -> Layer:
    """Actions of instances are done, and answered with a redirect to the instance."""

    def act(asked: Asked, app: Wsgi, start: Start) -> Iterable[bytes] | None:
        if not asked.operation.startswith("instances.") or asked.path.count("/") != 3:
            return None
        return _elsewhere(asked, app, start, status)

    return layer(act)


def _elsewhere(asked: Asked, app: Wsgi, start: Start, status: str) -> Iterable[bytes]:
    answered: list[Any] = []
    content = b"".join(app(asked.environ, lambda *given: answered.extend(given[:2])))
    if not str(answered[0]).startswith("2"):
        start(*answered)
        return [content]
    host = asked.environ.get("HTTP_HOST") or asked.environ["SERVER_NAME"]
    path = API.base + asked.path.rpartition("/")[0]
    location = f"{asked.environ['wsgi.url_scheme']}://{host}{path}"
    return answer(start, status, ("Location", location))


def leading_away(origin: str, collection: str = "realms", status: str = "302 Found") -> Layer:
    """A collection has moved to another origin."""

    def act(asked: Asked, _: Wsgi, start: Start) -> Iterable[bytes] | None:
        if asked.path != f"/{collection}":
            return None
        return answer(start, status, ("Location", f"{origin}{API.base}/{collection}"))

    return layer(act)


def other_hrefs(collection: str, suffix: str = "", folder: str = "") -> Layer:
    """A collection is at a URL of its own: below another folder, or with a query.

    It stays at its usual path as well.
    """
    usual, other = f"{API.base}/{collection}", f"{API.base}{folder}/{collection}"

    def act(asked: Asked, app: Wsgi, start: Start) -> Iterable[bytes] | None:
        if folder and asked.environ["PATH_INFO"].startswith(other):
            asked.environ["PATH_INFO"] = usual + asked.environ["PATH_INFO"].removeprefix(other)
        if asked.path.strip("/"):
            return None
        given: list[Any] = []
        content = b"".join(app(asked.environ, lambda *told: given.extend(told[:2])))
        old, new = f'{usual}"'.encode(), f'{other}{suffix}"'.encode()
        content = content.replace(old, new)
        length = ("Content-Length", str(len(content)))
        start(given[0], [f for f in given[1] if f[0].lower() != "content-length"] + [length])
        return [content]

    return layer(act)
