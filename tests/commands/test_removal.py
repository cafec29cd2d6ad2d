"""Runs against endpoints that do not let go of instances, over a socket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .running import KIT, Served, Start, run, served
from .test_run import OWN, everything

CLOUD = """
[cloud]
endpoint = "{url}"
user = {{ env = "DELTACLOUD_TCK_USER" }}
password = {{ env = "DELTACLOUD_TCK_PASSWORD" }}
transition = 1
"""


def lives(server: Served, folder: Path) -> Any:
    """The results of a run of checks that each launch an instance; a change may take a second."""
    clouds = folder / "clouds.toml"
    clouds.write_text(CLOUD.format(url=server.url), "utf-8")
    where = ("--cloud", "cloud", "--clouds", str(clouds), "--report-dir", str(folder))
    run(Start((*KIT, "run", *where, "--profile", "smoke", "-k", "following"), OWN))
    return json.loads((folder / "results.json").read_text("utf-8"))


def test_what_must_be_stopped_before_it_is_destroyed_is_stopped(tmp_path: Path) -> None:
    with served("--fault", "destroy-offered-and-refused") as server:
        before = everything(server)
        results = lives(server, tmp_path)
        assert everything(server) == before
    statuses = {entry["id"]: entry["status"] for entry in results["requirements"]}
    assert statuses["DC-INS-053"] == "fail"


def test_nothing_more_is_launched_once_instances_stay(tmp_path: Path) -> None:
    with served("--fault", "destroy-refused") as server:
        results = lives(server, tmp_path)
    assert len(results["summary"]["leaks"]) == 2
    said = "nothing more is created: 2 instances could not be removed (refused"
    assert any(entry["reason"].startswith(said) for entry in results["requirements"])
