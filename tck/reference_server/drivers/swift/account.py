"""One caller's account in Swift: its token, requests to it, and their errors.

It uses urllib3 without requests on top, which would normalise the names in URLs; bodies are
streamed in both directions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as TookTooLong
from urllib3.response import BaseHTTPResponse

from tck.reference_server.drivers.base import Caller
from tck.reference_server.drivers.provider import Backoff, Throttled, refusal
from tck.reference_server.errors import (
    ApiError,
    AuthenticationError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    ProviderError,
    ProviderTimeoutError,
    TooLargeError,
    ValidationError,
)

PAGE = 1000
_TIMEOUT = urllib3.Timeout(connect=10, read=60)
_REFUSALS: dict[int, type[ApiError]] = {
    401: AuthenticationError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    413: TooLargeError,
    429: Throttled,
    498: Throttled,  # of Swift's middleware that limits the rate
    503: Throttled,
    504: ProviderTimeoutError,
}

Query = Mapping[str, str | int]
Body = Callable[[], BinaryIO]


class Account:
    """Requests for containers and objects; the token is renewed when Swift refuses it."""

    def __init__(self, caller: Caller, url: str, backoff: Backoff) -> None:
        self._caller, self._url, self._backoff = caller, url, backoff
        self._token = self._root = ""
        self._log_in()

    def _log_in(self) -> None:
        """Swift's own authentication (v1): the answer has a token and the URL of the account."""
        place = urlsplit(self._url)
        fields = {
            "X-Auth-User": _swift_user(self._caller.user),
            "X-Auth-Key": self._caller.password,
        }
        sent = {name: value.encode("utf-8").decode("latin-1") for name, value in fields.items()}
        pool = urllib3.connection_from_url(self._url, timeout=_TIMEOUT)
        answer = self._backoff.retry(lambda: _send(pool, "GET", place.path, sent))
        storage = answer.headers.get("X-Storage-Url", "")
        token = answer.headers.get("X-Auth-Token", "")
        if not token or urlsplit(storage).scheme not in ("http", "https"):
            raise ProviderError(f"{self._url} answers without a token or the URL of the account.")
        self._token, self._root = token, urlsplit(storage).path.rstrip("/")
        self._pool = urllib3.connection_from_url(storage, timeout=_TIMEOUT, maxsize=8)

    def ask(
        self,
        method: str,
        *names: str,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
    ) -> BaseHTTPResponse:
        """The answer of Swift, its body unread; `names` are a container and an object."""
        path = "/".join([self._root, *_segments(names)])
        target = f"{path}?{urlencode(query)}" if query else path

        def send() -> BaseHTTPResponse:
            sent = {**(headers or {}), "X-Auth-Token": self._token}
            return _send(self._pool, method, target, sent, body)

        try:
            return self._backoff.retry(send)
        except AuthenticationError:
            self._log_in()
            return self._backoff.retry(send)

    def listed(self, *names: str) -> Iterator[str]:
        """Names of the containers, or of the objects of a container, page by page."""
        marker = ""
        while True:
            query: Query = {"format": "json", "limit": PAGE, "marker": marker}
            page: list[dict[str, Any]] = json.loads(self.ask("GET", *names, query=query).data)
            yield from (entry["name"] for entry in page if "name" in entry)
            if len(page) < PAGE:
                return
            marker = page[-1]["name"]


def _swift_user(user: str) -> str:
    """`USER+ACCOUNT` as Swift's `ACCOUNT:USER`: a user of HTTP Basic has no colon (RFC 7617 2)."""
    name, plus, account = user.rpartition("+")
    return f"{account}:{name}" if plus else user


def possible(container: str, name: str = "x") -> bool:
    """True if Swift, and servers in front of it, take these names literally.

    An object's name may hold slashes, a container's may not. A server in front may resolve `.` and
    `..`: deleting the container `..` would delete something above the account.
    """
    parts = [container, *name.split("/")]
    return bool(container and name) and "/" not in container and not {".", ".."} & set(parts)


def _segments(names: tuple[str, ...]) -> Iterator[str]:
    if names and not possible(*names):
        raise NotFoundError(f"There cannot be {'/'.join(names)!r}.")
    return (quote(name, safe="/" if place else "") for place, name in enumerate(names))


def _send(
    pool: urllib3.HTTPConnectionPool,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: Body | None = None,
) -> BaseHTTPResponse:
    """One request; raises an error of the API unless the status is 2xx."""
    try:
        answer = pool.urlopen(
            method,
            target,
            body=body() if body else None,
            headers=headers,
            retries=False,
            redirect=False,
            preload_content=False,
        )
    except TookTooLong as error:
        raise refusal(ProviderTimeoutError, str(error)) from error
    except HTTPError as error:
        raise refusal(ProviderError, str(error)) from error
    if 200 <= answer.status < 300:
        if method != "GET":
            answer.drain_conn()
            answer.release_conn()
        return answer
    text = answer.data[:200].decode("utf-8", "replace")
    answer.release_conn()
    kind = _REFUSALS.get(answer.status)
    if kind is None:
        kind = ValidationError if 400 <= answer.status < 500 else ProviderError
    message = "" if "<html" in text else text
    raise refusal(kind, message or f"Swift answers {answer.status} {answer.reason or ''}.")
