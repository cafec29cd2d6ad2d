"""What the journal knows after a create that was not answered with success."""

from __future__ import annotations

import pytest

from tck.checks.support.cases import MOCK_CREDENTIALS
from tck.checks.support.cloud import Cloud
from tck.checks.support.policy import RunPolicy
from tck.checks.support.session import discover
from tck.endpoint.direct import Direct
from tck.prove.altered import http
from tck.prove.altered.alteration import Alteration
from tck.reference_server.embedded import Unserved
from tck.safety.journal import Journal


@pytest.mark.parametrize(
    ("status", "is_open"),
    [(400, False), (403, False), (412, False), (500, True), (501, False), (503, True)],
)
def test_what_may_have_been_made_is_looked_for_later(status: int, is_open: bool) -> None:
    """An intent without outcome is; a refusal, and 501 is one, closes it."""
    app = Alteration("t", (http.answer_with("keys.create", status),)).app()
    transport = Direct("http://endpoint.test/api", MOCK_CREDENTIALS, Unserved(app))
    journal = Journal()
    cloud = Cloud(transport, discover(transport), journal, "r" * 14, RunPolicy(free=True))
    x, key = cloud.create("keys", {"name": cloud.new_name()})
    assert (x.status, key) == (status, None)
    assert bool(journal.unanswered) == is_open
