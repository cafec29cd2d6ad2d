"""Which client a request is from, and in which order its requests were."""

from __future__ import annotations

import base64

import pytest

from tck.audit import auditing
from tck.audit.auditing import Audit
from tck.audit.ordering import InOrder
from tck.audit.telling import Telling
from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.endpoint.redaction import GATE

BASE = "http://cloud.test/api"


def exchange(id_: str, user: str = "", **fields: str) -> Exchange:
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    if user:
        pair = base64.b64encode(f"{user}:secret".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    request = Request("GET", BASE, Headers(headers))
    return Exchange(id_, request, Response(200), BASE, started=float(id_.partition("-")[2] or 0))


def clients(*exchanges: Exchange) -> list[str]:
    telling = Telling()
    return [telling.client(x) for x in exchanges]


def test_credentials_tell_clients_apart() -> None:
    found = clients(exchange("c1-1", "a"), exchange("c2-1", "b"), exchange("c3-1", "a"))
    assert found == ["client 1", "client 2", "client 1"]


def test_who_shows_credentials_later_is_the_one_without() -> None:
    on_its_connection = clients(exchange("c1-1"), exchange("c1-2", "a"), exchange("c1-3"))
    assert on_its_connection == ["client 1"] * 3
    on_another = clients(exchange("c1-1"), exchange("c2-1", "a"), exchange("c2-2"))
    assert on_another == ["client 1"] * 3


def test_a_connection_that_several_share_does_not_join_them() -> None:
    found = clients(exchange("c1-1", "a"), exchange("c1-2", "b"), exchange("c1-3", "a"))
    assert found == ["client 1", "client 2", "client 1"]


def test_a_client_may_name_itself() -> None:
    named = exchange("c1-1", "a", Deltacloud_TCK_Session="fog 1.2\x1b[31m")
    assert clients(named, exchange("c1-2", "a")) == ["fog 1.2??31m", "client 1"]


def test_exchanges_are_handed_on_in_the_order_in_which_they_began() -> None:
    seen: list[str] = []
    order = InOrder(lambda x: seen.append(x.id))
    for id_ in ("c2-2", "c1-1", "c3-3"):
        order.add(exchange(id_))
    order.close()
    assert seen == ["c1-1", "c2-2", "c3-3"]


def test_what_an_observer_raises_is_kept() -> None:
    def fail(_: Exchange) -> None:
        raise ValueError("no")

    order = InOrder(fail)
    order.add(exchange("c1-1"))
    order.close()
    assert isinstance(order.failure, ValueError)


def test_an_audit_judges_nothing_whose_secrets_it_cannot_hide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    audit = Audit("clients")
    audit.observe(exchange("c1-1"))
    monkeypatch.setattr(GATE, "keep_sent", lambda *_: False)
    audit.observe(exchange("c1-2", "user"))
    assert audit.left_out == 1
    assert audit.clients["client 1"].requests == 1
    assert any("too many different credentials" in line for line in audit.result().unjudged)


def test_no_more_clients_are_told_apart_than_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(auditing, "_MOST_CLIENTS", 2)
    audit = Audit("clients")
    for number in range(5):
        audit.observe(exchange(f"c{number}-1", Deltacloud_TCK_Session=f"n{number}"))
    assert list(audit.clients) == ["n0", "n1", "other clients"]
