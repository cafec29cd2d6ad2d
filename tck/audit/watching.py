"""What a server in this process is asked and answers, as exchanges for whoever watches it.

The server knows nothing of exchanges: it hands over bytes. They are read, and looked at, in a
thread of its own, so that no client waits for that unless it is far behind.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator

from tck.endpoint import raw
from tck.endpoint.backlog import Backlog
from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import GATE
from tck.reference_server.http1 import Seen
from tck.reference_server.serving import Server


@contextlib.contextmanager
def watching(
    server: Server, base_path: str | Callable[[], str], observe: Callable[[Exchange], object]
) -> Iterator[Callable[[], None]]:
    """Call `observe` with every exchange of a server that is not bound yet, until the block ends.

    `base_path`: of the API on it, or what gives it, where it may change. The exchanges of one
    client connection are in order, and have ids such as `c3-2`: the second on the third connection.
    The server is stopped at the end. What the block is given waits until `observe` was called for
    every answer that clients have.
    Raises what `observe` raised first; after that it is not called again.
    """
    counts = Counter[int]()

    def work(seen: Seen) -> None:
        counts[seen.connection] += 1
        base = base_path() if callable(base_path) else base_path
        observe(_exchange(seen, counts[seen.connection], server.url, base))

    backlog = Backlog[Seen](work)

    def watch(seen: Seen) -> None:
        GATE.keep_sent(raw.sent_fields(bytes(seen.received.data)))  # at once: more is printed soon
        backlog.add(seen, seen.kept, wait=True)

    def settle() -> None:
        server.settle()
        backlog.settle()

    server.watch(watch)
    try:
        yield settle
    finally:
        server.stop()
        backlog.close()
    if backlog.failure:
        raise backlog.failure


def _exchange(seen: Seen, number: int, url: str, base_path: str) -> Exchange:
    return raw.exchange(
        f"c{seen.connection}-{number}",
        raw.Side(bytes(seen.received.data), seen.received.size),
        raw.Side(bytes(seen.sent.data), seen.sent.size),
        origin="/".join(url.split("/")[:3]),
        base_path=base_path,
        ms=seen.ms,
        started=seen.started,
        gone=seen.gone,
    )
