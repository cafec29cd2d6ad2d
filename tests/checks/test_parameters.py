"""Where parameters are sent."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tck.checks import parameters


@pytest.mark.parametrize(("place", "option"), [("query", "params"), ("multipart", "files")])
def test_a_bucket_is_created_in_the_place_where_a_key_was_refused(place: str, option: str) -> None:
    sent: dict[str, dict[str, Any]] = {}

    def create(collection: str, form: object, **options: Any) -> tuple[object, None]:
        sent[collection] = options
        return SimpleNamespace(status=501 if collection == "keys" else 201), None

    capabilities = SimpleNamespace(declares=lambda collection: True)
    cloud: Any = SimpleNamespace(capabilities=capabilities, create=create, new_name=lambda: "n")
    parameters._named(cloud, cloud, place=place)
    assert [list(options) for options in sent.values()] == [list(sent["keys"])] * 2
    assert option in sent["buckets"]
