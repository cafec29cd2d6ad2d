"""Results of three kinds, for every form of report."""

from __future__ import annotations

import pytest

from tck.report.ledger import Ledger
from tck.report.result import Result

from .made import nasty, result_of, rich


@pytest.fixture(params=["rich", "nasty", "bare"])
def result(request: pytest.FixtureRequest) -> Result:
    """Results of three kinds; the bare one has judged nothing."""
    made = {"rich": rich, "nasty": nasty}
    return (
        made[request.param]() if request.param in made else result_of(Ledger(), capabilities=None)
    )
