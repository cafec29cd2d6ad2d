"""A large blob up and down: that no byte changes, and what memory it takes."""

from __future__ import annotations

import hashlib
import http.client
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.client import BASIC, Client, serving

MIB = 1024 * 1024
_PIECE = random.Random(1).randbytes(MIB)


def measure(gib: float) -> Iterator[str]:
    """With a file for storage; memory is what the process had at its most, by the kernel."""
    size = round(gib * 1024) * MIB
    with tempfile.TemporaryDirectory() as place:
        options = ("--persona", "mock", "--storage", str(Path(place) / "cloud.db"))
        with serving(*options) as (process, url):
            with Client(url) as client:
                client("GET", "/buckets/bucket1")
            before = _memory(process.pid)
            up, sent = _upload(url, size)
            down, came = _download(url)
            grown = _memory(process.pid) - before
    same = "the same bytes" if sent == came else "OTHER BYTES"
    yield (
        f"blob of {size // MIB} MiB: up {size / MIB / up:.0f} MiB/s, "
        f"down {size / MIB / down:.0f} MiB/s, {same}, memory +{grown / MIB:.1f} MiB"
    )


def _memory(process: int) -> int:
    """The most bytes that a process had in memory so far."""
    lines = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(peak) * 1024


def _upload(url: str, size: int) -> tuple[float, str]:
    digest = hashlib.sha256()

    def pieces() -> Iterator[bytes]:
        for n in range(size // MIB):
            piece = n.to_bytes(8, "big") + _PIECE[8:]
            digest.update(piece)
            yield piece

    start = time.perf_counter()
    fields = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
    with Client(url, timeout=600) as client:
        reply = client("PUT", "/buckets/bucket1/large", pieces(), fields)
    if reply.status != 200:
        raise RuntimeError(f"the blob was refused: {reply.status}")
    return time.perf_counter() - start, digest.hexdigest()


def _download(url: str) -> tuple[float, str]:
    parts = urlsplit(url)
    digest, start = hashlib.sha256(), time.perf_counter()
    connection = http.client.HTTPConnection(parts.netloc, timeout=600)
    path = f"{parts.path}/buckets/bucket1/large/content"
    connection.request("GET", path, headers={"Authorization": BASIC})
    answer = connection.getresponse()
    while piece := answer.read(MIB):
        digest.update(piece)
    connection.close()
    return time.perf_counter() - start, digest.hexdigest()
