"""The proxy: whether answers are the same through it, what large blobs take, how fast it is.

The recorded requests of the original are sent again and again to two equal servers, one of them
behind the proxy, and the answers compared byte for byte. Blobs go both ways through a proxy in a
process of its own. Its throughput is compared with that of nginx as a plain proxy, if nginx is
installed.
"""

from __future__ import annotations

import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from proxy.test_forwarding import requests_of_a_recording
from proxy.test_judging import memory, proxying
from proxy.wires import CLOSE, connected, get, proxied, sent, to_the_end, unchanging

from tck.proxy.running import Running
from tck.reference_server.app import create_app
from tck.reference_server.serving import Server

_PIECE = bytes(1 << 20)
_BENCH = 2_000  # requests
_NGINX = """daemon off; pid {folder}/pid; error_log /dev/null;
events {{}}
http {{ access_log off; proxy_http_version 1.1;
upstream u {{ server {upstream}; keepalive 8; }}
server {{ listen 127.0.0.1:{port};
location / {{ proxy_pass http://u; proxy_set_header Host $http_host;
proxy_set_header Connection ""; }} }} }}
"""


def measure(exchanges: int, gib: float) -> Iterator[str]:
    """Lines for people: answers compared, blobs of up to so many GiB, requests per second."""
    yield identity(exchanges)
    yield from blobs(int(gib * 1024))
    yield from throughput()


def identity(most: int) -> str:
    """How many answers differ of so many."""
    requests = requests_of_a_recording(1_000)
    compared = different = 0
    while compared < most:
        seed = compared

        def server(seed: int = seed) -> Server:
            chance = random.Random(seed).randbytes
            return Server(create_app(clock=lambda: 1795355124.0, chance=chance))

        with server() as straight, server() as behind, Running(behind.url) as proxy:
            for request in requests[: most - compared]:
                pair = [unchanging(sent(url, request)) for url in (straight.url, proxy.url)]
                different += pair[0] != pair[1]
                compared += 1
    return f"through the proxy, {compared:,} exchanges compared byte for byte: {different} differ"


def blobs(most: int) -> Iterator[str]:
    """Stream contents both ways, and tell the memory of the proxy."""
    sizes = [0, 1, 1 << 20, most << 20]

    def handler(sock: socket.socket) -> None:
        with sock.makefile("rb") as stream:
            while line := stream.readline():
                fields = [line, *iter(stream.readline, b"\r\n")]
                length = re.search(rb"Content-Length: (\d+)", b"".join(fields))
                if length:
                    left = int(length[1])
                    while left:
                        left -= len(stream.read(min(left, 1 << 20)))
                    sock.sendall(b"HTTP/1.1 204 Stored\r\n\r\n")
                    continue
                size = int(line.split()[1].rpartition(b"/")[2])
                sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
                for _ in range(size >> 20):
                    sock.sendall(_PIECE)
                sock.sendall(bytes(size % (1 << 20)))

    with proxied(handler) as (_, endpoint), proxying(endpoint.url) as proxy:
        sent(proxy.url, get("/api/buckets/b/1", CLOSE))
        before = memory(proxy.process.pid)
        for size in sizes:
            began = time.perf_counter()
            with connected(proxy.url) as sock:
                fields = (f"Content-Length: {size}", CLOSE)
                sock.sendall(get("/api/buckets/b/x", *fields, method="PUT"))
                for _ in range(size >> 20):
                    sock.sendall(_PIECE)
                sock.sendall(bytes(size % (1 << 20)))
                assert to_the_end(sock).startswith(b"HTTP/1.1 204"), size
            with connected(proxy.url) as sock:
                sock.sendall(get(f"/api/buckets/b/{size}", CLOSE))
                got = sum(map(len, iter(lambda: sock.recv(1 << 20), b"")))
            assert size <= got < size + 1_000, (got, size)
            seconds = time.perf_counter() - began
            grown = memory(proxy.process.pid) - before
            yield (f"  {size:,} bytes both ways in {seconds:.1f} s; the proxy grew by {grown} MiB")


def rate(url: str) -> float:
    """Requests per second on four kept connections."""
    parts = urlsplit(url)
    request = get("/api").replace(b"name.test", parts.netloc.encode())

    def ask() -> None:
        with connected(url) as sock, sock.makefile("rb") as stream:
            for _ in range(_BENCH // 4):
                sock.sendall(request)
                head = b"".join(iter(stream.readline, b"\r\n"))
                length = re.search(rb"Content-Length: (\d+)", head)
                assert length
                stream.read(int(length[1]))

    began = time.perf_counter()
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _BENCH / (time.perf_counter() - began)


def throughput() -> Iterator[str]:
    """Requests per second straight, through the proxy, and through nginx if it is there."""
    command = [sys.executable, "-m", "tck", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        try:
            yield (f"  straight: {rate(url):.0f} requests/s")
            with proxying(url) as proxy:
                ours = rate(proxy.url)
            yield (f"  through the proxy, which judges: {ours:.0f} requests/s")
            if nginx := shutil.which("nginx"):
                theirs = _rate_of_nginx(nginx, url)
                yield (f"  through nginx: {theirs:.0f} requests/s; ratio {ours / theirs:.2f}")
            else:
                yield ("  nginx is not installed: no ratio")
        finally:
            process.terminate()


def _rate_of_nginx(nginx: str, url: str) -> float:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "nginx.conf")
        upstream = urlsplit(url).netloc
        config.write_text(_NGINX.format(folder=folder, upstream=upstream, port=port))
        with subprocess.Popen([nginx, "-c", str(config), "-p", folder]) as process:
            try:
                for _ in range(1_000):
                    try:
                        connected(f"http://127.0.0.1:{port}").close()
                        break
                    except ConnectionRefusedError:
                        time.sleep(0.01)
                return rate(f"http://127.0.0.1:{port}/api")
            finally:
                process.terminate()
