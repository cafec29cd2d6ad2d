"""`python -m checks.histories N` (with tests/ among the paths of Python): see `make histories`.

Random histories of two to four clients at the reference server, over sockets, each in up to three
rounds, and each explained by a sequential model that is strict: the server serves reads, too, as
if all came one after the other.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from requests import PreparedRequest

from tck.checks.support import models
from tck.checks.support.answers import id_at, ids_at
from tck.checks.support.at_once import answer_of, told
from tck.checks.support.cases import MOCK_CREDENTIALS
from tck.checks.support.linearizability import Operation, some_order
from tck.checks.support.machine import Machine
from tck.endpoint.exchange import Exchange
from tck.endpoint.transport import Transport
from tck.reference_server.embedded import embedded
from tck.rules import reading
from tck.rules.instance_states import Transition

RULE = {"protocol": "tcp", "ip_address1": "10.0.0.0/8"}
_MACHINE = Machine(
    ("running", "stopped"),
    (
        Transition("running", "stopped", "stop", None),
        Transition("stopped", "running", "start", None),
    ),
)


@dataclass
class Thing:
    """What clients contend for: calls by what they ask, and what to read of the answer."""

    initial: Any
    model: Callable[..., Any]
    calls: dict[models.Asked, PreparedRequest]
    value: Callable[[Exchange], object]


def existence(state: bool, asked: models.Asked, answer: object) -> Iterator[bool]:
    """A key that is there or not: `create` and `destroy` succeed in one of the two alone."""
    if asked[0] == "read":
        yield from [state] if answer == state else ()
    elif (asked[0] == "create") is state:  # to create what is there, to destroy what is not
        yield from [state] if answer is False else ()
    elif answer is True:
        yield not state


class Clients:
    """Makes histories at one server."""

    def __init__(self, transport: Transport) -> None:
        """`transport` to a reference server of the persona full."""
        self._transport = transport
        self._names = (f"h{number}" for number in itertools.count())
        self._instances = [self._made("/instances", image_id="img1") for _ in range(2)]
        self._things = (
            self._blob,
            self._bucket,
            self._firewall,
            self._key,
            self._volume,
            self._address,
            self._instance,
        )

    def history(self, chance: Random) -> tuple[str, bool]:
        """A history in words, and whether some order explains it."""
        thing = chance.choice(self._things)()
        history: list[Operation[models.Asked]] = []
        for _ in range(chance.randint(1, 3)):
            asked = [chance.choice(list(thing.calls)) for _ in range(chance.randint(2, 4))]
            history += self._round(thing, asked)
        history += self._round(thing, [("read",)])
        return told(history), some_order(history, thing.initial, thing.model) is not None

    def _round(self, thing: Thing, asked: list[models.Asked]) -> Iterator[Operation[models.Asked]]:
        landed = self._transport.send_at_once([thing.calls[what].copy() for what in asked])
        for what, one in zip(asked, landed, strict=True):
            x = one.exchange
            answer = thing.value(x) if what == ("read",) else answer_of(x)
            yield Operation(what, answer, one.began, one.ended)

    def _call(self, method: str, path: str, **sent: Any) -> PreparedRequest:
        return self._transport.prepare(method, path, headers={"Accept": "application/xml"}, **sent)

    def _made(self, path: str, **form: str) -> str:
        x = self._transport.send("POST", path, form=form, headers={"Accept": "application/xml"})
        return id_at(x) or ""

    def _blob(self) -> Thing:
        where = f"/buckets/{self._made('/buckets', name=next(self._names))}/b"
        contents = {str(n): str(n).encode() * (200 * n + 1) for n in range(4)}
        self._transport.send("PUT", where, body=contents["0"])

        def values(x: Exchange) -> frozenset[str]:
            return frozenset(n for n, content in contents.items() if content == x.body)

        puts = {("put", n): self._call("PUT", where, body=contents[n]) for n in "123"}
        look = self._call("GET", f"{where}/content")
        return Thing("0", models.cell, {**puts, ("read",): look}, values)

    def _bucket(self) -> Thing:
        where = f"/buckets/{self._made('/buckets', name=next(self._names))}"
        puts = {("add", n): self._call("PUT", f"{where}/{n}", body=b"x") for n in "abc"}
        drops = {("drop", n): self._call("DELETE", f"{where}/{n}") for n in "ab"}
        calls = {**puts, **drops, ("read",): self._call("GET", where)}
        empty: frozenset[str] = frozenset()
        return Thing(empty, models.collection, calls, lambda x: frozenset(ids_at(x, "blob")))

    def _firewall(self) -> Thing:
        where = f"/firewalls/{self._made('/firewalls', name=next(self._names), description='x')}"
        adds = {
            ("add", port): self._call(
                "POST", f"{where}/rules", form={**RULE, "port_from": port, "port_to": port}
            )
            for port in ("22", "80", "443")
        }

        def ports(x: Exchange) -> frozenset[str | None]:
            found = x.xml.iterfind("rules/rule") if x.xml is not None else ()
            return frozenset(reading.text(rule, "port_from") for rule in found)

        calls = {**adds, ("read",): self._call("GET", where)}
        return Thing(frozenset(), models.collection, calls, ports)

    def _key(self) -> Thing:
        name = next(self._names)
        calls = {
            ("create",): self._call("POST", "/keys", form={"name": name}),
            ("destroy",): self._call("DELETE", f"/keys/{name}"),
            ("read",): self._call("GET", f"/keys/{name}"),
        }
        return Thing(False, existence, calls, lambda x: x.status == 200)

    def _held(self, where: str, give: str, take: str, element: str) -> Thing:
        gives = {
            ("give", id_): self._call(
                "POST", f"{where}/{give}", form={"instance_id": id_, "device": "/dev/sdx"}
            )
            for id_ in self._instances
        }
        calls = {**gives, ("take",): self._call("POST", f"{where}/{take}")}
        calls["read",] = self._call("GET", where)
        return Thing(None, models.holder, calls, lambda x: id_at(x, element))

    def _volume(self) -> Thing:
        where = f"/storage_volumes/{self._made('/storage_volumes')}"
        return self._held(where, "attach", "detach", "mount/instance")

    def _address(self) -> Thing:
        where = f"/addresses/{self._made('/addresses')}"
        return self._held(where, "associate", "disassociate", "instance")

    def _instance(self) -> Thing:
        where = f"/instances/{self._made('/instances', image_id='img1')}"
        calls = {(a,): self._call("POST", f"{where}/{a}") for a in ("start", "stop")}
        calls["read",] = self._call("GET", where)

        def state(x: Exchange) -> str:
            return "" if x.xml is None else (x.xml.findtext("state") or "").lower()

        return Thing("running", models.Life(_MACHINE), calls, state)


def unexplained(count: int, seed: int) -> Iterator[str]:
    """Histories of the reference server that no order explains, of `count`, in words."""
    chance = Random(seed)
    for begin in range(0, count, 500):  # a server of its own for each: lists stay short
        with embedded(driver="full") as server:
            transport = Transport(server.url, MOCK_CREDENTIALS)
            clients = Clients(transport)
            for _ in range(min(500, count - begin)):
                words, ok = clients.history(chance)
                if not ok:
                    yield words
            transport.close()


def main() -> int:
    """Make histories and print the outcome; 1 if one is not explained."""
    parser = argparse.ArgumentParser(prog="histories", description="requests at once")
    parser.add_argument("count", type=int, nargs="?", default=10_000, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began, failed = time.monotonic(), 0
    for words in unexplained(options.count, options.seed):
        print(f"NO ORDER explains: {words}")
        failed += 1
    print(
        f"{options.count} histories in {time.monotonic() - began:.0f} s, {failed} without an order"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
