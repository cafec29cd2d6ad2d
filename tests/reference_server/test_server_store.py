"""The store in memory, and answers that follow every change of it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import pytest

from tck.reference_server.drivers import registry
from tck.reference_server.drivers.base import Caller
from tck.reference_server.drivers.mock import MockDriver
from tck.reference_server.drivers.mock.backend import Conditions
from tck.reference_server.resources import Address, Bucket
from tck.reference_server.storage.store import MemoryStore

from .client import Api, Clock


def test_records_are_kept_in_order_by_class_and_key() -> None:
    store = MemoryStore()
    with store.transaction() as tx:
        for id_ in ("b", "a", "c"):
            tx.put(Address(id_))
        tx.put(Bucket("a", "a"))
        tx.put(Address("b", "inst1"))
    with store.transaction() as tx:
        assert [a.id for a in tx.all(Address)] == ["b", "a", "c"]
        assert tx.get(Address, "b") == Address("b", "inst1")
        assert tx.remove(Address, "a") == Address("a")
        assert tx.remove(Address, "a") is None
        assert tx.get(Bucket, "a") == Bucket("a", "a")
        assert tx.all(Bucket) == [Bucket("a", "a")]


def test_a_transaction_that_fails_is_undone() -> None:
    store = MemoryStore()
    with store.transaction() as tx:
        tx.put(Address("kept"))

    def fail() -> None:
        with store.transaction() as tx:
            tx.put(Address("new"))
            tx.put(Address("kept", "changed"))
            with store.transaction() as inner:
                inner.remove(Address, "kept")
                inner.put(Bucket("b", "b"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with store.transaction() as tx:
        assert tx.all(Address) == [Address("kept")]
        assert tx.all(Bucket) == []


def test_transactions_wait_for_each_other() -> None:
    store = MemoryStore()
    with store.transaction() as tx:
        tx.put(Address("n", "0"))

    def count() -> None:
        for _ in range(200):
            with store.transaction() as tx:
                known = tx.get(Address, "n")
                assert known is not None
                tx.put(Address("n", str(int(known.instance_id or 0) + 1)))

    threads = [threading.Thread(target=count) for _ in range(4)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # as many changes of thread as can be
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    with store.transaction() as tx:
        assert tx.get(Address, "n") == Address("n", "800")


def test_a_store_that_holds_objects_is_not_filled_again() -> None:
    store = MemoryStore()
    user = Caller("mockuser", "mockpassword")
    MockDriver(registry.shape("mock"), store, Conditions()).destroy_key(user, "test-key")
    assert MockDriver(registry.shape("mock"), store, Conditions()).keys(user, {}) == []


def test_an_answer_stays_the_same_until_something_changes(api: Api) -> None:
    first = api.get("/keys").body
    assert api.get("/keys").body == first
    api.post("/keys", {"name": "k"})
    assert b"k</name>" in api.get("/keys").body
    api.delete("/keys/k")
    assert api.get("/keys").body == first


@pytest.mark.parametrize("auth", [None, ("mockuser", "wrong")])
def test_an_answer_is_not_given_to_someone_else(api: Api, auth: tuple[str, str] | None) -> None:
    assert api.get("/instances").status == 200
    assert api.get("/instances", auth=auth).status == 401


@pytest.mark.parametrize(
    ("header", "value", "shown"),
    [
        ("Accept", "application/json", b'{"instances":'),
        ("X_Deltacloud_Driver", "ec2", b"<firewalls"),
        ("Host", "other.example", b"http://other.example/api/"),
    ],
)
def test_an_answer_depends_on_the_question_alone(
    api: Api, header: str, value: str, shown: bytes
) -> None:
    first = api.get("/instances").body
    assert shown not in first
    assert shown in api.get("/instances", **{header: value}).body
    assert api.get("/instances").body == first


def test_an_answer_names_the_provider_that_was_asked_for(api: Api) -> None:
    assert "X-Deltacloud-Provider" not in api.get("/realms").headers
    again = api.get("/realms", X_Deltacloud_Provider="p")
    assert again.headers["X-Deltacloud-Provider"] == "p"


def test_an_answer_follows_the_time(make: Callable[..., Api], clock: Clock) -> None:
    api = make(transition_time=5.0)
    id_ = api.launch()
    assert [api.state(id_), api.state(id_)] == ["PENDING", "PENDING"]
    clock.now += 6
    assert api.state(id_) == "RUNNING"


def test_runtime_is_stated_where_the_driver_was_asked(api: Api) -> None:
    for _ in range(2):
        assert float(api.get("/realms").headers["X-Backend-Runtime"]) >= 0
        assert "X-Backend-Runtime" not in api.get("").headers
