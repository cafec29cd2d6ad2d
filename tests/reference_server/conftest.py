"""Fresh reference servers for each test, with and without a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tck.reference_server import Server, create_app

from .client import Api, Clock


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Nothing may be left open: neither files of uploads nor sockets."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("error::ResourceWarning"))
            leak = "error::pytest.PytestUnraisableExceptionWarning"
            item.add_marker(pytest.mark.filterwarnings(leak))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make(clock: Clock) -> Callable[..., Api]:
    """Makes a client of a fresh server, given the options of create_app."""
    return lambda driver="mock", **options: Api(create_app(driver, clock=clock, **options))


@pytest.fixture
def api(make: Callable[..., Api]) -> Api:
    """A client of a fresh mock."""
    return make()


@pytest.fixture
def full(make: Callable[..., Api]) -> Api:
    """A client of a fresh server with everything switched on."""
    return make("full")


@pytest.fixture
def server() -> Iterator[Server]:
    """A fresh mock on a port."""
    with Server(create_app()) as running:
        yield running
