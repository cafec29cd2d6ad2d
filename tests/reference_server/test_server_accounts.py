"""Two users with an account each: neither sees, uses or changes what the other has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tck.reference_server.app import create_app

from .client import Api

OTHER = ("otheruser", "otherpassword")


@pytest.fixture
def both() -> tuple[Api, Api]:
    """The first user, and the other, at one server."""
    app = create_app("full", other=OTHER)
    return Api(app), Api(app, auth=OTHER)


def test_the_other_has_realms_and_images_and_nothing_else(both: tuple[Api, Api]) -> None:
    for collection in ("realms", "images"):
        first, other = ([m.get("id") for m in api.get(f"/{collection}").xml] for api in both)
        assert first == other != []
    for collection in ("instances", "keys", "buckets", "storage_volumes", "firewalls", "networks"):
        assert len(both[0].get(f"/{collection}").xml) > 0
        assert len(both[1].get(f"/{collection}").xml) == 0


def test_what_one_makes_is_not_the_others(both: tuple[Api, Api]) -> None:
    first, other = both
    made = first.post("/storage_volumes").xml.get("id")
    assert first.get(f"/storage_volumes/{made}").status == 200
    assert other.get(f"/storage_volumes/{made}").status == 404
    assert other.delete(f"/storage_volumes/{made}").status == 404
    assert other.post("/storage_snapshots", {"volume_id": made or ""}).status == 400
    assert other.post("/keys", {"name": "test-key"}).status == 201
    assert other.delete("/keys/test-key").status == 204
    assert first.get("/keys/test-key").status == 200
    assert other.get("/buckets/bucket1/blob1").status == 404


def test_ids_do_not_follow_from_others(both: tuple[Api, Api]) -> None:
    ids = {api.post("/storage_volumes").xml.get("id") for api in both for _ in range(3)}
    assert len(ids) == 6
    assert all(re.fullmatch("volume_[0-9a-f]{8}", id_ or "") for id_ in ids)
    addresses = {api.post("/addresses").xml.get("id") for api in both}
    assert len(addresses) == 2


def test_credentials_of_two_users_are_not_mixed_up(both: tuple[Api, Api]) -> None:
    for pair in (("mockuser", OTHER[1]), (OTHER[0], "mockpassword"), ("", OTHER[1])):
        assert both[0].get("/keys", auth=pair).status == 401


def test_both_are_kept_in_a_file(tmp_path: Path) -> None:
    settings = {"storage": tmp_path / "cloud.db", "other": OTHER}
    app = create_app("full", **settings)
    Api(app, auth=OTHER).post("/keys", {"name": "kept"})
    app.close()
    app = create_app("full", **settings)
    assert Api(app, auth=OTHER).get("/keys/kept").status == 200
    assert Api(app).get("/keys/kept").status == 404
    app.close()


def test_two_users_have_two_names() -> None:
    with pytest.raises(ValueError, match="both users"):
        create_app(other=("mockuser", "x"))
