"""What provider drivers share: back-off, connections, and where they lead."""

from __future__ import annotations

import gc

import pytest

from reference_server.client import Api
from tck.reference_server import create_app
from tck.reference_server.drivers import registry
from tck.reference_server.drivers.base import Caller
from tck.reference_server.drivers.provider import Backoff, Connections, Endpoint, Throttled
from tck.reference_server.errors import ProviderError


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def backoff(time: Time) -> Backoff:
    return Backoff(budget=10, first=1, longest=4, clock=time, sleep=time.sleep)


def test_a_throttled_request_is_repeated_with_growing_pauses(backoff: Backoff, time: Time) -> None:
    answers = iter([Throttled(), Throttled(), Throttled(), "done"])

    def ask() -> str:
        answer = next(answers)
        if isinstance(answer, Throttled):
            raise answer
        return answer

    assert backoff.retry(ask) == "done"
    assert time.pauses == [1, 2, 4]


def test_the_budget_ends_the_repetition(backoff: Backoff, time: Time) -> None:
    def ask() -> None:
        raise Throttled("slow down")

    with pytest.raises(Throttled, match="slow down"):
        backoff.retry(ask)
    assert time.now <= 10


def test_other_refusals_are_not_repeated(backoff: Backoff, time: Time) -> None:
    def ask() -> None:
        raise ProviderError("broken")

    with pytest.raises(ProviderError):
        backoff.retry(ask)
    assert time.pauses == []


def test_what_was_written_is_waited_for(backoff: Backoff, time: Time) -> None:
    seen = iter([[], [], ["it"]])
    assert backoff.wait_for(lambda: next(seen), bool) == ["it"]
    assert backoff.wait_for(lambda: [], bool) == []
    assert time.now <= 0.5 + 1 + 10


def test_connections_are_by_credentials_and_provider_and_expire(time: Time) -> None:
    kept: Connections[object] = Connections(seconds=60, most=2, clock=time)
    one, other = Caller("u", "p"), Caller("u", "p", "eu-west-1")
    first = kept.get(one, lambda _: object())
    assert kept.get(one, lambda _: object()) is first
    assert kept.get(other, lambda _: object()) is not first
    time.now = 61
    assert kept.get(one, lambda _: object()) is not first


def test_only_so_many_connections_are_kept(time: Time) -> None:
    kept: Connections[object] = Connections(most=2, clock=time)
    callers = [Caller("u", str(n)) for n in range(3)]
    made = [kept.get(caller, lambda _: object()) for caller in callers]
    assert kept.get(callers[2], lambda _: object()) is made[2]
    assert kept.get(callers[0], lambda _: object()) is not made[0]


def test_connections_hold_no_credentials() -> None:
    kept: Connections[object] = Connections()
    kept.get(Caller("the-user", "the-secret"), lambda _: object())
    held = repr([gc.get_referents(value) for value in vars(kept).values()])
    assert "the-user" not in held
    assert "the-secret" not in held


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        (None, Endpoint()),
        ("eu-west-1", Endpoint(None, "eu-west-1")),
        ("http://127.0.0.1:1", Endpoint("http://127.0.0.1:1")),
        ("http://127.0.0.1:1#eu-west-1", Endpoint("http://127.0.0.1:1", "eu-west-1")),
    ],
)
def test_where_a_bridge_leads(text: str | None, endpoint: Endpoint) -> None:
    assert Endpoint.parse(text) == endpoint


def test_a_request_chooses_a_region_but_no_host() -> None:
    own = Endpoint.parse("http://127.0.0.1:1#eu-west-1")
    assert own.region_for(None) == "eu-west-1"
    assert own.region_for("us-west-2") == "us-west-2"
    assert own.region_for("http://127.0.0.1:1") == "eu-west-1"
    with pytest.raises(ProviderError):
        own.region_for("http://elsewhere.example")


def test_a_mock_server_leads_nowhere() -> None:
    api = Api(create_app())
    for name in registry.provider_drivers():
        assert api.get("", X_Deltacloud_Driver=name).status == 400
        assert api.get(f"/drivers/{name}").status == 404


@pytest.mark.parametrize("name", registry.provider_drivers())
def test_names_in_lower_case_are_ids(name: str) -> None:
    assert registry.shape(name).name.lower() == name
