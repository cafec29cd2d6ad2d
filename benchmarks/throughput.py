"""Requests a second: the list of instances beside a bare answer on the same HTTP server."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.client import BASIC, Client, serving

CONNECTIONS = 8


def measure(seconds: float) -> Iterator[str]:
    """Answers given again from memory, answers made anew each time, and none of either."""
    tool = "wrk" if shutil.which("wrk") else "clients in Python, which are the bottleneck"
    yield f"GET /api/instances, XML, {CONNECTIONS} connections ({tool})"
    with _echo() as url:
        bare = _rate(url, seconds)
    with serving() as (_, url):
        _leave_three(url)
        kept = _rate(f"{url}/instances", seconds)
    # While an instance is on its way nothing is given again.
    with serving("--transition-time", "3600") as (_, url):
        _leave_three(url)
        made = _rate(f"{url}/instances", seconds)
    for name, rate in (("bare answer", bare), ("from memory", kept), ("made anew", made)):
        yield f"  {name:<12} {rate:8.0f} requests/s  {rate / bare:5.2f} of the bare answer"


def _leave_three(url: str) -> None:
    """One of the mock's four instances goes, another is replaced by a new one."""
    with Client(url) as client:
        for id_ in ("inst2", "inst3"):
            client("POST", f"/instances/{id_}/stop")
            client("DELETE", f"/instances/{id_}")
        client("POST", "/instances", {"image_id": "img1"})
        if len(found := client("GET", "/instances").json["instances"]) != 3:
            raise RuntimeError(f"there are {len(found)} instances")


@contextmanager
def _echo() -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.echo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def _rate(url: str, seconds: float) -> float:
    """Answers a second; every one must be a success."""
    if shutil.which("wrk") is None:
        return _rate_in_python(url, seconds)
    fields = ["-H", f"Authorization: {BASIC}", "-H", "Accept: application/xml"]
    command = ["wrk", f"-c{CONNECTIONS}", "-t1", f"-d{max(1, round(seconds))}", *fields, url]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    hit = re.search(r"Requests/sec: +([\d.]+)", told)
    if hit is None or "Non-2xx" in told or "Socket errors" in told:
        raise RuntimeError(f"wrk met refusals at {url}: {told}")
    return float(hit[1])


def _rate_in_python(url: str, seconds: float) -> float:
    counts = [0] * CONNECTIONS
    end = time.monotonic() + seconds

    def ask(number: int) -> None:
        with Client(url) as client:
            while time.monotonic() < end:
                if client("GET", "", headers={"Accept": "application/xml"}).status != 200:
                    raise RuntimeError(f"a refusal at {url}")
                counts[number] += 1

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds
