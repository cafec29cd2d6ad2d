"""Storing blobs in buckets of the run: what is in them is its own, and journalled all the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from tck.checks.support.client import Call, Client, skip_if_unjournalled
from tck.endpoint.exchange import Exchange
from tck.endpoint.flight import Landed
from tck.safety.journal import Journal, is_refusal
from tck.safety.resource import Resource
from tck.safety.shield import SHIELD


class BlobWrites:
    """Writes blobs, with an intent before and the outcome after, as `RunResources` does."""

    def __init__(self, client: Client, journal: Journal) -> None:
        """`journal`: of the run."""
        self._client = client
        self._journal = journal

    def store_blob(
        self, bucket: Resource, name: str, content: bytes, **options: Any
    ) -> tuple[Exchange, Resource | None]:
        """PUT a blob into a bucket of this run, journalled once however often it is stored."""
        target = self._client.path("buckets", bucket.id, name)
        return self._write_blob(name, target, "PUT", target, body=content, **options)

    def post_blob(
        self, bucket: Resource, name: str, **options: Any
    ) -> tuple[Exchange, Resource | None]:
        """POST a blob to a bucket of this run; `options` say how its parameters are sent."""
        path = self._client.path("buckets", bucket.id, name)
        return self._write_blob(name, path, "POST", bucket.href, **options)

    def store_blobs_at_once(
        self, bucket: Resource, puts: Sequence[Call], others: Sequence[Call] = ()
    ) -> tuple[list[Landed], list[Resource | None]]:
        """PUT blobs into a bucket of this run by requests at the same time, and send `others`.

        The targets of `puts` are names. What came of all, and the blobs.
        """
        path = partial(self._client.path, "buckets", bucket.id)
        calls = [replace(call, target=path(call.target)) for call in puts]
        landed: list[Landed] = []

        def send() -> list[Exchange]:
            landed.extend(self._client.at_once([*calls, *others]))
            return [one.exchange for one in landed[: len(puts)]]

        named = [(put.target, call.target) for put, call in zip(puts, calls, strict=True)]
        return landed, [blob for _, blob in self._write_blobs(named, send)]

    def _write_blob(
        self, name: str, path: str, method: str, target: str, **options: Any
    ) -> tuple[Exchange, Resource | None]:
        send = partial(self._client.request, method, target, **options)
        return self._write_blobs([(name, path)], lambda: [send()])[0]

    def _write_blobs(
        self, blobs: Sequence[tuple[str, str]], send: Callable[[], list[Exchange]]
    ) -> list[tuple[Exchange, Resource | None]]:
        """Write blobs, of which name and path are given, by `send`; each is journalled once."""
        hrefs = [self._client.transport.url(path) for _, path in blobs]
        names = {href: name for href, (name, _) in zip(hrefs, blobs, strict=True)}
        live = {r.href: r for r in self._journal.live}
        with SHIELD():
            with skip_if_unjournalled():
                new = [href for href in names if href not in live]
                intents = {href: self._journal.intent("blobs", names[href]) for href in new}
            answered = list(zip(hrefs, send(), strict=True))
            for href, intent in intents.items():
                answers = [x for at, x in answered if at == href]
                if any(x.ok for x in answers):
                    # what is in a bucket of this run is its own
                    blob = Resource("blobs", names[href], href)
                    live[href] = self._journal.created(blob, intent)
                elif all(map(is_refusal, answers)):
                    self._journal.refused(intent)
            return [(x, live.get(href) if x.ok else None) for href, x in answered]
