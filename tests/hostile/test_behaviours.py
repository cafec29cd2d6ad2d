"""The kit against hostile endpoints: each behaviour leads to what is wanted of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .behaviour import Behaviour, every
from .judging import wrongs
from .page import PAGE, text
from .trial import attempt


@pytest.mark.parametrize("behaviour", every().values(), ids=every())
def test_the_kit_is_not_hurt(behaviour: Behaviour, tmp_path: Path) -> None:
    assert wrongs(behaviour, attempt(behaviour, tmp_path)) == []


def test_the_page_lists_every_behaviour() -> None:
    assert PAGE.read_text("utf-8") == text(), "scripts/hostile --page writes it"
