"""What one client may take: time, bytes and connections."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of an HTTP server; beyond them it refuses, or hangs up.

    Each connection has a thread and at most `head` bytes in memory beside what the application
    takes, so `connections` bounds the memory as well. Once there are so many, the one that has
    been silent longest is closed for each new one. `idle` are the seconds between two requests,
    `arrival` those in which a head must be there. A body, and an answer, may be slow for
    `patience` seconds in all and then must come, or be read, at `rate` bytes per second. After
    its last answer a client may go on sending for `linger` seconds. `target` are bytes of the
    request target, `fields` the number of header fields, `trailers` that of fields after a body
    in chunks. `framing` are the bytes that chunk sizes and their extensions may have beyond as
    many as the data between them.
    """

    connections: int = 1000
    idle: float = 60.0
    arrival: float = 20.0
    patience: float = 30.0
    rate: int = 1024
    linger: float = 2.0
    head: int = 64 * 1024
    target: int = 32 * 1024
    fields: int = 200
    trailers: int = 100
    framing: int = 64 * 1024
