"""What the tests of the judging side share: running servers and the recorded traffic."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from tck.endpoint import files
from tck.endpoint.exchange import Exchange
from tck.endpoint.transport import Credentials, Transport
from tck.reference_server.embedded import Embedded, embedded

RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.jsonl"))
# The same examples on every run and no files left behind; a slow machine is no defect.
settings.register_profile("tests", derandomize=True, database=None, deadline=None)
settings.load_profile("tests")


@cache
def recorded() -> tuple[Exchange, ...]:
    """Every recorded exchange of the original."""
    return tuple(x for path in RECORDINGS for x in files.read(path))


@pytest.fixture(scope="session")
def full() -> Iterator[Embedded]:
    """A reference server with every collection and feature; tests only read from it."""
    with embedded(driver="full") as server:
        yield server


@pytest.fixture
def transport(full: Embedded) -> Iterator[Transport]:
    """A connection to it, with its credentials."""
    connection = Transport(full.url, Credentials(full.user, full.password))
    yield connection
    connection.close()
