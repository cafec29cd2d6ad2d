"""Kill the server in the middle of concurrent writes, and look at what is there afterwards.

Every writer has objects of its own, so that what must be there follows from what it was told:
after an answer the new state, after none the old one or the new one, and never half of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.client import Client, serving

BUCKET = "killed"
AT_ONCE = 3  # instances of one launch
_LOST = (http.client.HTTPException, OSError)


@dataclass
class Writer:
    """What one writer may find: each of its names to the states that are possible."""

    name: str
    step: int = 0
    keys: dict[str, set[bool]] = field(default_factory=dict)
    launches: dict[str, set[int]] = field(default_factory=dict)
    blob: set[int | None] = field(default_factory=lambda: {None})
    refused: list[str] = field(default_factory=list)

    def write(self, client: Client) -> None:
        """One round: a key comes, an older one goes, a blob is overwritten, instances start."""
        self.step += 1
        name = f"{self.name}-{self.step}"
        self.keys[name] = {False, True}
        self._ask(client, "POST", "/keys", {"name": name})
        self.keys[name] = {True}
        old = f"{self.name}-{self.step - 2}"
        if self.keys.get(old) == {True}:
            self.keys[old] = {False, True}
            self._ask(client, "DELETE", f"/keys/{old}")
            self.keys[old] = {False}
        self.blob |= {self.step}
        meta = {"X-Deltacloud-Blobmeta-Step": str(self.step)}
        path = f"/buckets/{BUCKET}/{self.name}"
        self._ask(client, "PUT", path, content(self.name, self.step), meta)
        self.blob = {self.step}
        launch = {"image_id": "img1", "name": name, "instance_count": str(AT_ONCE)}
        self.launches[name] = {0, AT_ONCE}
        self._ask(client, "POST", "/instances", launch)
        self.launches[name] = {AT_ONCE}

    def _ask(self, client: Client, method: str, path: str, *sent: object) -> None:
        reply = client(method, path, *sent)  # type: ignore[arg-type]
        if reply.status >= 400:
            self.refused.append(f"{method} {path}: {reply.status}")


def content(name: str, step: int) -> bytes:
    """Bytes that tell who wrote them, of lengths in memory and in files."""
    length = 1000 if step % 2 else 200_000
    return random.Random(f"{name}{step}").randbytes(length)


def kill_and_look(file: Path, rounds: int, writers: int = 8) -> list[str]:
    """Kill a server `rounds` times over one file; what was wrong, in words."""
    known = [Writer(f"w{n}") for n in range(writers)]
    wrong: list[str] = []
    chance = random.Random(rounds)
    for _ in range(rounds):
        _write_until_killed(file, known, chance.randrange(4, 12))
        wrong += _look(file, known)
    return wrong


def _write_until_killed(file: Path, writers: list[Writer], after: int) -> None:
    """Let all write at the same time; the kill comes when one has done `after` rounds."""
    with serving("--persona", "full", "--storage", str(file)) as (process, url):
        with Client(url) as client:
            client("POST", "/buckets", {"name": BUCKET})

        def work(writer: Writer) -> None:
            last = writer.step + after
            with contextlib.suppress(*_LOST), Client(url) as client:
                while True:
                    writer.write(client)
                    if writer.step == last:
                        process.kill()

        threads = [threading.Thread(target=work, args=(writer,)) for writer in writers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _look(file: Path, writers: list[Writer]) -> list[str]:
    """Start again over the same file and compare; what is found is then what is known."""
    wrong = [words for writer in writers for words in writer.refused]
    with serving("--persona", "full", "--storage", str(file)) as (_, url), Client(url) as client:
        keys = {key["id"] for key in client("GET", "/keys").json["keys"]}
        instances = client("GET", "/instances").json["instances"]
        launched = Counter(instance["name"] for instance in instances)
        ids = Counter(instance["id"] for instance in instances)
        wrong += [f"{id_} is the id of {n} instances" for id_, n in ids.items() if n > 1]
        for writer in writers:
            for name, may in writer.keys.items():
                if (name in keys) not in may:
                    wrong.append(f"key {name}: there {name in keys}, may be {may}")
                writer.keys[name] = {name in keys}
            for name, count in writer.launches.items():
                if launched[name] not in count:
                    wrong.append(f"{launched[name]} instances {name}, may be {count}")
                writer.launches[name] = {launched[name]}
            wrong += _look_at_blob(client, writer)
    wrong += _strays(file, writers)
    return wrong


def _look_at_blob(client: Client, writer: Writer) -> list[str]:
    path = f"/buckets/{BUCKET}/{writer.name}"
    told = client("HEAD", path)
    step = int(told.headers["X-Deltacloud-Blobmeta-Step"]) if told.status < 300 else None
    may, writer.blob = writer.blob, {step}
    if step not in may:
        return [f"blob {writer.name}: of step {step}, may be {may}"]
    if step is not None and client("GET", f"{path}/content").body != content(writer.name, step):
        return [f"blob {writer.name}: its content is not that of step {step}"]
    return []


def _strays(file: Path, writers: list[Writer]) -> list[str]:
    """Files beside the storage that are no blob's."""
    held = {
        hashlib.sha256(content(w.name, step)).hexdigest()
        for w in writers
        for step in w.blob
        if step is not None
    }
    there = file.with_name(f"{file.name}-blobs").iterdir()
    found = [(path, hashlib.sha256(path.read_bytes()).hexdigest()) for path in there]
    return [f"{path.name} belongs to no blob" for path, digest in found if digest not in held]
