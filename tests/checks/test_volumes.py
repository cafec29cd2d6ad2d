"""Which capacities are tried where a volume is refused."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from lxml import etree

from tck.checks.support import volumes
from tck.checks.support.cloud import Cloud, Memo
from tck.endpoint.exchange import Exchange

from .test_quota import answer


class Fake:
    """A cloud of volumes from a smallest size on; what was asked for, and how many are left."""

    def __init__(self, smallest: int, *there: str, default: str = "1", status: int = 400) -> None:
        self.smallest, self.there = smallest, there
        self.default, self.status = default, status
        self.once = Memo()
        self.asked: list[str] = []
        self.left = 0
        self.cleaner = SimpleNamespace(remove=self._remove)

    def _remove(self, _volume: object) -> None:
        self.left -= 1

    def create(self, collection: str, form: Mapping[str, str]) -> tuple[Exchange, Any]:
        capacity = form.get("capacity", self.default)
        self.asked.append(form.get("capacity", ""))
        if not capacity or int(capacity) < self.smallest:
            return answer("POST", f"/{collection}", self.status, "too small"), None
        self.left += 1
        return answer("POST", f"/{collection}", 201, ""), object()

    def members(self, _collection: str) -> list[Any]:
        documents = (f"<v><capacity>{text}</capacity></v>" for text in self.there)
        return [SimpleNamespace(element=etree.fromstring(text)) for text in documents]


def created(fake: Fake, **form: str) -> int:
    x, volume = volumes.create(cast(Cloud, fake), form)
    assert x.ok == (volume is not None)
    return x.status


def test_nothing_is_tried_where_the_default_will_do() -> None:
    fake = Fake(1)
    assert (created(fake), fake.asked) == (201, [""])


def test_the_smallest_that_is_there_is_tried_before_guesses_and_remembered() -> None:
    fake = Fake(8, "64", "8", "many")
    assert (created(fake), fake.asked) == (201, ["", "1", "8"])
    fake.asked.clear()
    assert (created(fake), created(fake, capacity="3"), created(fake, capacity="9")) == (201,) * 3
    assert fake.asked == ["8", "8", "9"]


def test_only_larger_ones_than_asked_for_are_tried() -> None:
    fake = Fake(20, "2")
    assert (created(fake, capacity="3"), fake.asked) == (201, ["3", "10", "20"])


def test_a_default_that_is_missing_is_the_endpoints_fault() -> None:
    fake = Fake(1, default="")
    assert (created(fake), fake.asked, fake.left) == (400, ["", "1"], 0)


@pytest.mark.parametrize("status", [404, 500, 501])
def test_other_refusals_are_not_about_the_size(status: int) -> None:
    fake = Fake(10, status=status)
    assert (created(fake), fake.asked) == (status, [""])


def test_what_worked_once_is_not_too_small() -> None:
    fake = Fake(1)
    created(fake)
    fake.smallest = 10**6
    assert (created(fake), fake.asked) == (400, ["", ""])


def test_not_all_sizes_are_tried() -> None:
    fake = Fake(10**6, *map(str, range(2, 99)))
    assert (created(fake), fake.asked) == (400, ["", "1", "2", "3", "4", "5"])
