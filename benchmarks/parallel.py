"""Many clients at once: what each did is there, nothing else is, and nothing broke.

Each client launches, stops, starts and destroys instances of its own, and adds to what all
share: a firewall, whose rules show whether an update was lost.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.client import Client, Reply, serving

FIREWALL = "/firewalls/default"


@dataclass
class Worker:
    """One client: the states that its instances must be in, and its rules."""

    number: int
    requests: int = 0
    ids: list[str] = field(default_factory=list)
    alive: dict[str, str] = field(default_factory=dict)
    rules: int = 0
    wrong: list[str] = field(default_factory=list)

    def work(self, client: Client, end: float) -> None:
        while time.monotonic() < end:
            self._launch(client)
            if len(self.alive) > 3:
                self._retire(client, next(iter(self.alive)))
            if self.rules < 20:
                self._add_rule(client)

    def _ask(self, client: Client, method: str, path: str, form: object, expected: int) -> Reply:
        reply = client(method, path, form)
        self.requests += 1
        if reply.status != expected:
            self.wrong.append(f"{method} {path}: {reply.status} instead of {expected}")
        return reply

    def _launch(self, client: Client) -> None:
        form = {"image_id": "img1", "name": f"c{self.number}"}
        id_ = self._ask(client, "POST", "/instances", form, 201).json["instance"]["id"]
        self.ids.append(id_)
        self.alive[id_] = "RUNNING"

    def _retire(self, client: Client, id_: str) -> None:
        """Stop, start and stop again, destroy; every answer must show the new state."""
        for action, state in (("stop", "STOPPED"), ("start", "RUNNING"), ("stop", "STOPPED")):
            shown = self._ask(client, "POST", f"/instances/{id_}/{action}", None, 202).json
            if shown["state"] != state:
                self.wrong.append(f"{id_} is {shown['state']} after {action}")
        self._ask(client, "DELETE", f"/instances/{id_}", None, 204)
        self._ask(client, "GET", f"/instances/{id_}", None, 404)
        del self.alive[id_]

    def _add_rule(self, client: Client) -> None:
        self.rules += 1
        port = str(10_000 + self.number * 100 + self.rules)
        rule = {"protocol": "tcp", "port_from": port, "port_to": port, "ip_address1": "10.0.0.0/8"}
        self._ask(client, "POST", f"{FIREWALL}/rules", rule, 201)


def measure(seconds: float, clients: int = 32, *options: str) -> Iterator[str]:
    """`options` are those of serve."""
    workers = [Worker(n) for n in range(clients)]
    with serving("--persona", "full", *options) as (_, url), Client(url) as client:
        there = {i["id"] for i in client("GET", "/instances").json["instances"]}
        rules = len(client("GET", FIREWALL).json["firewall"]["rules"])
        end = time.monotonic() + seconds

        def work(worker: Worker) -> None:
            with Client(url) as own:
                worker.work(own, end)

        threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wrong = [words for worker in workers for words in worker.wrong]
        wrong += _compared(client, workers, there, rules)
    total = sum(worker.requests for worker in workers)
    made = sum(len(worker.ids) for worker in workers)
    yield (
        f"{clients} clients for {seconds:g} s: {total / seconds:.0f} requests/s, "
        f"{made} instances made, {len(wrong)} invariants broken"
    )
    yield from (f"  BROKEN {words}" for words in wrong[:20])


def _compared(client: Client, workers: list[Worker], there: set[str], rules: int) -> Iterator[str]:
    """What is there in the end against what the answers said."""
    ids = Counter(id_ for worker in workers for id_ in worker.ids)
    yield from (f"the id {id_} was given {n} times" for id_, n in ids.items() if n > 1)
    expected = {id_: state for worker in workers for id_, state in worker.alive.items()}
    found = {i["id"]: i["state"] for i in client("GET", "/instances").json["instances"]}
    own = {id_: state for id_, state in found.items() if id_ not in there}
    yield from (
        f"{name}: {own.get(name)} instead of {expected.get(name)}"
        for name in own.keys() | expected.keys()
        if own.get(name) != expected.get(name)
    )
    yield from (f"{id_} was there before and is gone" for id_ in there - found.keys())
    due = rules + sum(worker.rules for worker in workers)
    count = len(client("GET", FIREWALL).json["firewall"]["rules"])
    if count != due:
        yield f"the firewall has {count} rules instead of {due}"
