"""Swift on one node: proxy, account, container and object server of Debian's packages."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

from clouds import Missing, Provider


@contextmanager
def provider() -> Iterator[Provider]:
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).parents[1] / "swift-server")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        assert server.stderr is not None
        url, user, key = (server.stdout.readline().strip() for _ in range(3))
        if not key:
            raise Missing(server.stderr.read().strip())
        credentials = {"X-Auth-User": user, "X-Auth-Key": key}
        answer = requests.get(url, headers=credentials, timeout=30)
        account = answer.headers["X-Storage-Url"]
        with requests.Session() as session:
            session.headers["X-Auth-Token"] = answer.headers["X-Auth-Token"]
            plant(session, account)
            group, name = user.split(":")
            yield Provider(
                "bridge-swift", url, f"{name}+{group}", key, lambda: inventory(session, account)
            )
        server.stdin.close()


def plant(session: requests.Session, account: str) -> None:
    """Create two containers, one of them empty, and objects with metadata."""
    for container in ("foreign", "foreign-empty"):
        meta = {"X-Container-Meta-Whose": "theirs"}
        session.put(f"{account}/{container}", headers=meta, timeout=30).raise_for_status()
    for name in ("a/b", "c d"):
        meta = {"X-Object-Meta-Whose": "theirs", "Content-Disposition": "attachment"}
        session.put(
            f"{account}/foreign/{name}", data=b"theirs", headers=meta, timeout=30
        ).raise_for_status()


def inventory(session: requests.Session, account: str) -> Mapping[str, object]:
    """Containers and objects with all their headers, except those of the response itself."""

    def names(place: str) -> list[str]:
        answer = session.get(place, params={"format": "json"}, timeout=30)
        answer.raise_for_status()
        return [entry["name"] for entry in answer.json()]

    def shown(place: str) -> object:
        answer = session.head(place, timeout=30)
        answer.raise_for_status()
        own = ("date", "x-trans-id", "x-openstack-request-id", "connection")
        return {k.lower(): v for k, v in answer.headers.items() if k.lower() not in own}

    found: dict[str, object] = {}
    for container in names(account):
        place = f"{account}/{container}"
        found[f"container {container}"] = shown(place)
        for name in names(place):
            found[f"object {container}/{name}"] = shown(f"{place}/{name}")
    return found
