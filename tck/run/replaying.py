"""Sending recorded requests again, at another endpoint, where their ids lead to others.

What a recorded request created is created anew, and its new id takes the place of the old one in
the requests that follow. Nothing else is written to. Creates go through `RunResources`, so that
each is journalled, and proven the replay's own before anything is sent to it; what is about other
objects, or names them in a parameter through which they could be changed, is not sent, unless the
account is for tests. At the end the replay removes what it created.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import pytest

from tck.checks.support.cloud import Cloud
from tck.endpoint import authorization
from tck.endpoint.disk import Unwritable
from tck.endpoint.disturbance import SAFE, Disturbed
from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import HIDDEN
from tck.endpoint.references import in_form, in_url
from tck.endpoint.sequence import made_by
from tck.endpoint.transport import Credentials, ForeignOrigin, Unreachable
from tck.safety.custody import is_id, subject_of
from tck.safety.leftovers import CREATABLE
from tck.safety.resource import Resource

# Of a run that was recorded: names that it gave, and ids that it made up.
_MARK = re.compile(r"tck[0-9a-z]{17,20}")
_UNKNOWN = re.compile(r"tck-none-[0-9a-z]+-\d+")
_WRONG = Credentials("tck-nobody", "tck-wrong")
# Through these parameters nothing is changed: what they name is only read, or referred to.
_READ = frozenset({"id", "image_id", "hwp_id", "realm_id", "snapshot_id", "owner_id", "blob_id"})
_NOT_SENT = frozenset({"host", "authorization", "content-length", "transfer-encoding", "cookie"})
_NOT_SENT |= {"connection", "accept-encoding", "user-agent", "expect"}
_FORM = "application/x-www-form-urlencoded"
_CHOOSING = ("X-Deltacloud-Driver", "X-Deltacloud-Provider")


class _Held(Exception):
    """A request is not sent; the message says why."""


@dataclass(frozen=True, slots=True)
class Step:
    """A recorded exchange, and the one that its request led to; or why it was not sent."""

    recorded: Exchange
    sent: Exchange | None
    why_not: str = ""


class Replay:
    """Sends recorded requests, one after the other, to the endpoint of `cloud`."""

    def __init__(self, cloud: Cloud, *, test_account: bool = False) -> None:
        """`test_account`: objects that this replay did not create may be written to as well."""
        self._cloud = cloud
        self._test_account = test_account
        self._ids: dict[str, str] = {}  # new ones by those that were recorded, percent-encoded
        if test_account:
            cloud.ensure_own = lambda _collection, _id: True

    def send(self, x: Exchange) -> Step:
        """Send the request of a recorded exchange, if it may be sent."""
        if x.request.malformed:
            return Step(x, None, "it is malformed")
        try:
            sent = self._sent(x)
        except _Held as held:
            return Step(x, None, str(held))
        except Disturbed as disturbed:
            sent = disturbed.exchange
        except (ForeignOrigin, Unreachable, Unwritable, pytest.skip.Exception) as error:
            return Step(x, None, str(error))
        old, new = made_by(x), made_by(sent)
        if old and new:
            self._ids[quote(old, safe="")] = quote(new, safe="")
        return Step(x, sent)

    def _sent(self, x: Exchange) -> Exchange:
        if any("method-override" in name.lower() for name, _ in x.request.headers):
            raise _Held("another method may take effect than the one that it has")
        url, body = self._url(x), self._body(x)
        options: dict[str, Any] = {
            "format": None,
            "headers": self._fields(x),
            "credentials": self._credentials(x),
            "body": body,
        }
        if authorization.OTHER in x.request.authorization:
            return self._as_other(x, url, options)
        if x.request.method in SAFE:
            return self._cloud.request(x.request.method, url, **options, whole=False)
        self._admit(x, url, body)
        subject = subject_of(self._cloud.transport.base, url)
        if subject is None:
            return self._create(x, url, body, options)
        bucket = self._bucket(subject)
        if bucket and x.operation is not None and x.operation.id == "blobs.put":
            name = unquote(url.partition("?")[0].rpartition("/")[2])
            del options["body"]
            return self._cloud.store_blob(bucket, name, body or b"", **options)[0]
        return self._cloud.request(x.request.method, url, **options)

    def _as_other(self, x: Exchange, url: str, options: dict[str, Any]) -> Exchange:
        """A request of the second user, which creates nothing here."""
        if self._cloud.other is None:
            raise _Held("it is of a second user, and none was given (--other-user)")
        if x.operation is not None and x.operation.name == "create":
            raise _Held("it is of a second user, and would create something")
        options["headers"].pop("Authorization", None)
        options["credentials"] = True
        return self._cloud.other.request(x.request.method, url, **options, whole=False)

    def _create(
        self, x: Exchange, url: str, body: bytes | None, options: dict[str, Any]
    ) -> Exchange:
        """A create, through custody."""
        op = x.operation
        if op is None or op.name != "create" or op.collection not in CREATABLE:
            if self._test_account:
                return self._cloud.transport.send(x.request.method, url, **_plain(options))
            raise _Held("it is about a whole collection, or about nothing that is known")
        form = self._parameters(url, body)
        options["body"] = body or b""
        return self._cloud.create(op.collection, form, target=url, unnamed=True, **options)[0]

    # ------------------------------------------------------------ what may be sent

    def _admit(self, x: Exchange, url: str, body: bytes | None) -> None:
        """Hold a write back that the client's own door (`Client._admit`) would let pass.

        Raises _Held.
        """
        path = [unquote(part) for part in url.partition("?")[0].split("/")[3:]]
        if not all(is_id(part) and not re.search(r"[/\\]", part) for part in path):
            raise _Held("its path may lead elsewhere")
        if self._test_account:
            return
        parameters = self._parameters(url, body)
        if (
            any(";" in part for part in path)
            or any(name.strip().startswith("api[") for name in parameters)
            or any(self._chooses(x, name) for name in _CHOOSING)
        ):
            raise _Held("it chooses a driver or provider, where ids mean other objects")
        is_blob = x.operation is not None and x.operation.collection == "blobs"
        if body and not is_blob and x.request.headers.get("Content-Type").split(";")[0] != _FORM:
            raise _Held("what it names in a content of this type is not known")
        own = {resource.id for resource in self._cloud.journal.live}
        for name, value in parameters.items():
            if "id" in name.lower() and name.strip() not in _READ and value not in own:
                raise _Held(f"its parameter {name} names what this replay did not create")

    def _chooses(self, x: Exchange, name: str) -> bool:
        return x.request.headers.get(name) != self._cloud.transport.standing_headers.get(name, "")

    def _bucket(self, subject: tuple[str, str]) -> Resource | None:
        live = self._cloud.journal.live
        return next((r for r in live if (r.collection, r.id) == subject == ("buckets", r.id)), None)

    # ------------------------------------------------------------ the request, made new

    def _url(self, x: Exchange) -> str:
        if not x.request.url.startswith(x.base) or x.api_path is None:
            raise _Held("it is not below the URL of the API")
        if HIDDEN in unquote(x.request.url):
            raise _Held("a secret is hidden in its URL")
        target = self._named(x.request.url.removeprefix(x.base))
        return in_url(self._cloud.transport.base + target, self._ids)

    def _body(self, x: Exchange) -> bytes | None:
        if x.request.omitted:
            raise _Held(f"its content was not recorded ({x.request.omitted})")
        body = x.request.body
        if body is None:
            return None
        if HIDDEN.encode() in body or quote(HIDDEN).encode() in body:
            raise _Held("a secret is hidden in its content")
        try:
            return in_form(self._named(body.decode()).encode(), self._ids)
        except UnicodeDecodeError:
            return body

    def _named(self, text: str) -> str:
        """A text with names of this replay in place of those that a recorded run gave."""
        names = self._cloud

        def new(hit: re.Match[str]) -> str:
            if hit[0] not in self._ids:
                unknown = _UNKNOWN.fullmatch(hit[0])
                self._ids[hit[0]] = names.unknown_id() if unknown else names.new_name()
            return self._ids[hit[0]]

        return _MARK.sub(new, _UNKNOWN.sub(new, text))

    def _fields(self, x: Exchange) -> dict[str, str]:
        fields = {n: v for n, v in x.request.headers if n.lower() not in _NOT_SENT}
        if any(HIDDEN in value for value in fields.values()):
            raise _Held("a secret is hidden in its header fields")
        shown = x.request.authorization
        if shown and shown != authorization.OWN:
            own = self._cloud.transport.credentials or Credentials("", "")
            fields["Authorization"] = authorization.value(shown, own.user, own.password)
        return fields

    def _credentials(self, x: Exchange) -> Credentials | bool:
        """What is sent where the recording does not say what was: wrong ones, if it was refused."""
        shown = x.request.authorization
        if "Authorization" not in x.request.headers or (shown and shown != authorization.OWN):
            return False
        return _WRONG if not shown and x.status == 401 else True

    def _parameters(self, url: str, body: bytes | None) -> dict[str, str]:
        """Parameters of a query and of an urlencoded body."""
        pairs = parse_qsl(url.partition("?")[2], keep_blank_values=True)
        pairs += parse_qsl((body or b"").decode("latin-1"), keep_blank_values=True)
        return dict(pairs)


def _plain(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != "format"}


def left_over(cloud: Cloud) -> Iterator[str]:
    """Remove what a replay created; a line for each thing that stays, or may stay."""
    remaining = cloud.cleaner.remove_all(final=True)
    for resource in remaining:
        obstacle = cloud.cleaner.obstacles[resource.href]
        yield f"{resource.collection} {resource.id}: {resource.href}; {obstacle.reason}"
    for resource, reason in cloud.resources.unproven:
        yield f"{resource.collection} {resource.id}: {resource.href} (perhaps: {reason})"
    cloud.journal.close(keep=bool(remaining))
