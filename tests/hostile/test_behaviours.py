"""The kit against hostile endpoints: each behaviour leads to what is wanted of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .behaviour import Behaviour, every
from .cost import cost
from .judging import wrongs
from .page import PAGE, text
from .trial import attempt

# Those that may take long first, so that the last worker does not end long after the others.
_LONGEST_FIRST = sorted(every().values(), key=lambda b: -b.wanted.seconds)


@pytest.mark.parametrize("behaviour", _LONGEST_FIRST, ids=[b.name for b in _LONGEST_FIRST])
def test_the_kit_is_not_hurt(
    behaviour: Behaviour, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    outcome = attempt(behaviour, tmp_path)
    record_property("cost", list(cost(behaviour.name, outcome)))
    assert wrongs(behaviour, outcome) == []


def test_the_page_lists_every_behaviour() -> None:
    assert PAGE.read_text("utf-8") == text(), "scripts/hostile --page writes it"
