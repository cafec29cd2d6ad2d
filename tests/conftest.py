"""What the tests of the judging side share: a running server and a connection to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tck.endpoint.redaction import GATE
from tck.endpoint.transport import Credentials, Transport
from tck.reference_server.embedded import Embedded, embedded

# The same examples on every run and no files left behind; a slow machine is no defect.
settings.register_profile("tests", derandomize=True, database=None, deadline=None)
settings.load_profile("tests")


@pytest.fixture(autouse=True)
def _gate_as_before() -> Iterator[None]:
    """Forget the secrets of a test: of hundreds, each would be looked for in all later tests."""
    before, secrets = dict(vars(GATE)), set(GATE._secrets)
    yield
    if GATE._secrets != secrets:
        vars(GATE).update(before, _secrets=secrets)


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
