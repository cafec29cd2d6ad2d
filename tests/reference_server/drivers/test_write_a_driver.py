"""docs/write-a-driver.md: what it quotes stands in the example, and the example is conformant."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest
from commands.running import KIT, Start, run

from reference_server.client import Api
from tck.reference_server import Server, create_app
from tck.reference_server.drivers.base import Driver

PROJECT = Path(__file__).parents[3]
EXAMPLE = PROJECT / "examples" / "rack.py"
CALLER = ("me", "a-secret")


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = spec_from_file_location("rack", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def rack(example: ModuleType) -> Driver:
    return cast("Driver", example.Rack(*CALLER))


def test_the_page_quotes_the_example() -> None:
    page = (PROJECT / "docs" / "write-a-driver.md").read_text("utf-8")
    quotes = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert len(quotes) == 7
    source = EXAMPLE.read_text("utf-8")
    assert [quote for quote in quotes if quote not in source] == []


def test_the_example_is_conformant(rack: Driver, tmp_path: Path) -> None:
    user, password = CALLER
    secrets = {"DELTACLOUD_TCK_USER": user, "DELTACLOUD_TCK_PASSWORD": password}
    with Server(create_app(rack)) as server:
        options = ("--endpoint", server.url, "--profile", "smoke", "--report-dir", str(tmp_path))
        ended = run(Start((*KIT, "run", *options), secrets))
    assert ended.code == 0, ended.told
    assert "Verdict: conformant" in ended.out
    assert " 0 warnings" in ended.out


def test_it_offers_what_its_shape_declares(rack: Driver) -> None:
    api = Api(create_app(rack))
    links = {link.attrib["rel"] for link in api.get("", auth=CALLER).xml}
    assert links == {*rack.shape.collections}
    assert api.get("/keys", auth=CALLER).status == 412
    assert "rack" in [driver.attrib["id"] for driver in api.get("/drivers").xml]


def test_its_refusals(rack: Driver) -> None:
    api = Api(create_app(rack))
    assert api.get("/instances", auth=("me", "wrong")).status == 401
    for wrong in ({"image_id": "none"}, {"realm_id": "none"}, {"hwp_memory": "1"}):
        answer = api.post("/instances", {"image_id": "debian", **wrong}, auth=CALLER)
        assert answer.status == 400
    id_ = api.post("/instances", {"image_id": "debian"}, auth=CALLER).id
    assert api.post(f"/instances/{id_}/start", auth=CALLER).status == 405
    assert api.post("/instances/none/start", auth=CALLER).status == 404
