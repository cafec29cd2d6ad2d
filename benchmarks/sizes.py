"""What grows with the number of objects, and what a start takes."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.client import Client, serving

AT_ONCE = 100
REPEATED = 5


def measure_lists(sizes: tuple[int, ...] = (1_000, 2_500, 5_000, 10_000)) -> Iterator[str]:
    """The list of that many instances, made anew: linear if the time for each stays the same."""
    yield "GET /api/instances by number of instances"
    with serving("--persona", "full") as (process, url), Client(url) as client:
        there = len(client("GET", "/instances").json["instances"])
        for size in sizes:
            while there < size:
                count = min(AT_ONCE, size - there)
                form = {"image_id": "img1", "instance_count": str(count)}
                if client("POST", "/instances", form).status != 201:
                    raise RuntimeError("no instances could be made")
                there += count
            for type_ in ("xml", "json"):
                before, wall = _processor(process.pid), time.perf_counter()
                for number in range(REPEATED):
                    _list(client, type_, number)
                taken = (_processor(process.pid) - before) / REPEATED
                wall = (time.perf_counter() - wall) / REPEATED
                each = taken / size * 1e6
                yield f"  {size:>6} {type_:<4} {wall:6.2f} s, of the processor {each:6.1f} µs each"


def _list(client: Client, type_: str, number: int) -> None:
    """One that is not given again: a query of its own makes it another."""
    path = f"/instances?{type_}={number}-{time.perf_counter()}"
    reply = client("GET", path, headers={"Accept": f"application/{type_}"})
    if reply.status != 200:
        raise RuntimeError("the list could not be had")


def _processor(process: int) -> float:
    """Seconds of the processor that a process has had, whatever else the machine does."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure_start(times: int = 7) -> Iterator[str]:
    """From the command to the first answer."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        with serving() as (_, url), Client(url) as client:
            client("GET", "")
            taken.append(time.perf_counter() - start)
    yield f"start to the first answer: {statistics.median(taken):.2f} s (median of {times})"
