"""Containers as buckets and objects as blobs, streamed in both directions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import cast

from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from tck.reference_server.content import CHUNK, Content
from tck.reference_server.drivers.base import Caller, Filters
from tck.reference_server.drivers.content_file import Reader
from tck.reference_server.drivers.provider import ProviderDriver, refusal
from tck.reference_server.drivers.swift.account import Account, Body, possible
from tck.reference_server.errors import NotFoundError, ProviderError, ValidationError
from tck.reference_server.resources import Blob, Bucket

_META = "X-Object-Meta-"
# What a POST to an object removes unless it is sent again, besides the metadata.
_KEPT = ("Content-Disposition", "Content-Encoding", "X-Delete-At", "X-Object-Manifest")


class SwiftDriver(ProviderDriver[Account]):
    """Names of metadata are sent with - for _, which Swift takes; in the API they are the same."""

    def connect(self, caller: Caller) -> Account:
        self.endpoint.region_for(caller.provider)  # refuses another URL than the server's
        if self.endpoint.url is None:
            raise ProviderError("The server was started without the URL of a Swift to log in to.")
        return Account(caller, self.endpoint.url, self.backoff)

    def buckets(self, caller: Caller, filters: Filters) -> Sequence[Bucket]:
        swift, wanted = self.connection(caller), filters.get("id")
        names = swift.listed() if wanted is None else (wanted,)
        found = []
        for name in names:
            with suppress(NotFoundError):  # it may be deleted while the others are read
                found.append(Bucket(name, name, tuple(swift.listed(name))))
        return found

    def create_bucket(self, caller: Caller, *, name: str, location: str | None = None) -> Bucket:
        """A bucket that the caller has already is returned as it is."""
        if not possible(name):
            raise ValidationError(
                f"{name!r} cannot be the name of a container: it must not hold a slash."
            )
        self.connection(caller).ask("PUT", name)
        seen = self.backoff.wait_for(lambda: self.buckets(caller, {"id": name}), bool)
        return seen[0] if seen else Bucket(name, name)

    def delete_bucket(self, caller: Caller, bucket_id: str) -> None:
        self.connection(caller).ask("DELETE", bucket_id)

    def blob(self, caller: Caller, bucket_id: str, blob_id: str) -> Blob:
        head = self._head(caller, bucket_id, blob_id)
        changed = parsedate_to_datetime(head.headers["Last-Modified"])
        return Blob(
            blob_id,
            bucket_id,
            int(head.headers["Content-Length"]),
            head.headers.get("Content-Type", ""),
            f"{changed:%Y-%m-%dT%H:%M:%SZ}",
            {
                name[len(_META) :].lower().replace("-", "_"): _received(value)
                for name, value in head.headers.items()
                if name.lower().startswith(_META.lower())
            },
        )

    def blob_content(self, caller: Caller, bucket_id: str, blob_id: str) -> Content:
        head = self._head(caller, bucket_id, blob_id)
        return _Remote(self.connection(caller), (bucket_id, blob_id), head.headers)

    def blob_metadata(self, caller: Caller, bucket_id: str, blob_id: str) -> Mapping[str, str]:
        return self.blob(caller, bucket_id, blob_id).user_metadata

    def update_blob_metadata(
        self, caller: Caller, bucket_id: str, blob_id: str, metadata: Mapping[str, str]
    ) -> None:
        """Replace all metadata (A171), and keep what Swift would remove with them."""
        head = self._head(caller, bucket_id, blob_id)
        kept = {name: head.headers[name] for name in _KEPT if name in head.headers}
        headers = kept | _sent(metadata)
        self.connection(caller).ask("POST", bucket_id, blob_id, headers=headers)

    def create_blob(
        self,
        caller: Caller,
        bucket_id: str,
        blob_id: str,
        content: Content,
        *,
        content_type: str,
        metadata: Mapping[str, str],
    ) -> Blob:
        if not possible(bucket_id, blob_id):
            raise ValidationError(f"{blob_id!r} has a part that is `.` or `..`.")
        headers = {**_sent(metadata), "Content-Length": str(content.length)}
        headers["Content-Type"] = content_type or "application/octet-stream"
        body = cast("Body", lambda: Reader(content))
        self.connection(caller).ask("PUT", bucket_id, blob_id, headers=headers, body=body)
        return self.blob(caller, bucket_id, blob_id)

    def delete_blob(self, caller: Caller, bucket_id: str, blob_id: str) -> None:
        self.connection(caller).ask("DELETE", bucket_id, blob_id)

    def _head(self, caller: Caller, bucket_id: str, blob_id: str) -> BaseHTTPResponse:
        return self.connection(caller).ask("HEAD", bucket_id, blob_id)


class _Remote(Content):
    """Bytes that are read from Swift; If-Match makes sure that they are of the same version."""

    def __init__(self, swift: Account, names: tuple[str, str], head: Mapping[str, str]) -> None:
        super().__init__(b"", int(head["Content-Length"]), head["ETag"].strip('"'))
        self._swift, self._names, self._tag = swift, names, head["ETag"]

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Asks at once, so that an error is raised before the answer has begun."""
        stop = self.length if stop is None else stop
        if start >= stop:
            return iter(())
        headers = {"If-Match": self._tag, "Accept-Encoding": "identity"}
        if (start, stop) != (0, self.length):
            headers["Range"] = f"bytes={start}-{stop - 1}"
        return _pieces(self._swift.ask("GET", *self._names, headers=headers))

    @property
    def text(self) -> str | None:
        return None


def _pieces(answer: BaseHTTPResponse) -> Iterator[bytes]:
    try:
        yield from answer.stream(CHUNK, decode_content=False)
    except HTTPError as error:
        raise refusal(ProviderError, str(error)) from error
    finally:
        answer.release_conn()


def _sent(metadata: Mapping[str, str]) -> dict[str, str]:
    """Header values are UTF-8 in Swift, and Latin-1 in Python's HTTP."""
    return {
        _META + name.replace("_", "-"): value.encode("utf-8").decode("latin-1")
        for name, value in metadata.items()
    }


def _received(value: str) -> str:
    return value.encode("latin-1").decode("utf-8", "replace")
