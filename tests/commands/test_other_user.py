"""Runs with a second user, over sockets: what they judge, tell and leave."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tck.prove.faults import faults
from tck.reference_server.app import create_app
from tck.reference_server.serving import Server
from tck.safety.journal import Journal
from tck.safety.resource import Resource

from .running import KIT, Ended, Start, run

OTHER = ("canary-other", "other pa/ss<w>ord of canary")
OWN = {
    "DELTACLOUD_TCK_USER": "mockuser",
    "DELTACLOUD_TCK_PASSWORD": "mockpassword",
    "DELTACLOUD_TCK_OTHER_PASSWORD": OTHER[1],
}
CLOUD = """
[pair]
endpoint = "{url}"
user = {{ env = "DELTACLOUD_TCK_USER" }}
password = {{ env = "DELTACLOUD_TCK_PASSWORD" }}
other_user = {{ env = "OTHER_NAME" }}
other_password = {{ env = "DELTACLOUD_TCK_OTHER_PASSWORD" }}
"""
SOME = ("--profile", "smoke", "-k", "accounts and (keys or volumes or blobs)")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """An endpoint with two accounts."""
    with Server(create_app("full", other=OTHER)) as server:
        yield server.url


def judged(url: str, folder: Path, *more: str, **environment: str) -> Ended:
    command = (*KIT, "run", "--endpoint", url, *SOME, "--report-dir", str(folder / "r"), *more)
    return run(Start(command, OWN | environment, folder))


def outcomes(folder: Path) -> dict[str, str]:
    value = json.loads((folder / "r" / "results.json").read_text("utf-8"))
    return {r["id"]: r["status"] for r in value["requirements"] if "-ACC-" in r["id"]}


@pytest.mark.parametrize("more", [(), ("-n", "2")], ids=["one", "two"])
def test_accounts_are_apart_and_no_password_is_told(
    url: str, more: tuple[str, ...], tmp_path: Path
) -> None:
    more = (*more, "--profile", "standard")
    ended = judged(url, tmp_path, "--other-user", OTHER[0], *more)
    assert ended.code == 0, ended.told[-3000:]
    found = outcomes(tmp_path)
    assert {found[f"DC-ACC-0{n}"] for n in ("02", "04", "05", "12", "14", "15", "21")} == {"pass"}
    written = [path.read_text("utf-8") for path in (tmp_path / "r").iterdir()]
    assert any("DELTACLOUD_TCK_OTHER_USER" in text for text in written)
    assert [text for text in (*written, ended.told) if OTHER[1] in text] == []
    assert not list((tmp_path / "r").glob("journal*"))


def test_without_a_second_user_nothing_is_demanded(url: str, tmp_path: Path) -> None:
    ended = judged(url, tmp_path, "-k", "keys")
    assert ended.code == 0, ended.told[-3000:]
    assert set(outcomes(tmp_path).values()) == {"not-applicable"}


def test_the_second_user_of_a_cloud(url: str, tmp_path: Path) -> None:
    (tmp_path / "clouds.toml").write_text(CLOUD.format(url=url), "utf-8")
    command = (*KIT, "run", "--cloud", "pair", *SOME, "--report-dir", str(tmp_path / "r"))
    ended = run(Start(command, OWN | {"OTHER_NAME": OTHER[0]}, tmp_path))
    assert ended.code == 0, ended.told[-3000:]
    assert outcomes(tmp_path)["DC-ACC-002"] == "pass"
    missing = run(Start(command, OWN, tmp_path))
    assert "set OTHER_NAME to its other_user" in missing.told
    half = "".join(line for line in CLOUD.splitlines(keepends=True) if "other_pass" not in line)
    (tmp_path / "clouds.toml").write_text(half.format(url=url), "utf-8")
    ended = run(Start(command, OWN, tmp_path))
    assert (ended.code, "belong together" in ended.told) == (2, True)


@pytest.mark.parametrize(
    ("name", "password", "told"),
    [
        ("canary-other", "wrong", "set DELTACLOUD_TCK_OTHER_USER and"),
        ("mockuser", OTHER[1], "--other-user must be another than mockuser"),
        ("canary-other", "", "--other-user needs DELTACLOUD_TCK_OTHER_PASSWORD"),
    ],
)
def test_what_cannot_be_a_second_user(
    url: str, name: str, password: str, told: str, tmp_path: Path
) -> None:
    ended = judged(url, tmp_path, "--other-user", name, DELTACLOUD_TCK_OTHER_PASSWORD=password)
    assert ended.code == 2, ended.told
    assert told in ended.told


def test_what_the_second_user_destroyed_is_a_finding_and_no_leak(tmp_path: Path) -> None:
    fault = faults()["other-user-destroys-keys"]
    with fault.server(other=OTHER) as server:
        ended = judged(fault.url(server), tmp_path, "--other-user", OTHER[0], "--transition", "1")
    assert ended.code == 1, ended.told[-3000:]
    assert outcomes(tmp_path)["DC-ACC-012"] == "fail"
    assert "as the other user" in ended.told
    assert '-u "$DELTACLOUD_TCK_OTHER_USER:$DELTACLOUD_TCK_OTHER_PASSWORD"' in ended.told
    assert "404 to its owner" in ended.told
    value = json.loads((tmp_path / "r" / "results.json").read_text("utf-8"))
    assert value["summary"]["leaks"] == []


def test_cleanup_of_what_the_second_user_made(url: str, tmp_path: Path) -> None:
    path, run_id = tmp_path / "journal-other.jsonl", "k3j9x0a1b2c3d"
    journal = Journal(path, run=run_id, endpoint=url, driver="", provider="", user="other")
    name = f"tck{run_id}0001"
    intent = journal.intent("keys", name)
    assert requests.post(f"{url}/keys", {"name": name}, auth=OTHER).status_code == 201
    journal.created(Resource("keys", name, f"{url}/keys/{name}", name), intent)
    journal.close(keep=True)
    command = (*KIT, "cleanup", "--journal", str(path))
    refused = run(Start(command, OWN, tmp_path))
    assert refused.code == 2
    assert "set DELTACLOUD_TCK_OTHER_USER" in refused.told
    ended = run(Start(command, OWN | {"DELTACLOUD_TCK_OTHER_USER": OTHER[0]}, tmp_path))
    assert ended.code == 0, ended.told
    assert f"removed   keys {name}" in ended.told
    assert not path.exists()


def test_a_finding_shows_again_with_a_second_user(tmp_path: Path) -> None:
    fault = faults()["other-user-destroys-keys"]
    with fault.server(other=OTHER) as server:
        url = fault.url(server)
        judged(url, tmp_path, "--other-user", OTHER[0], "--transition", "1")
        command = (*KIT, "replay", "r/results.json", "--finding", "DC-ACC-012", "--endpoint", url)
        shown = run(Start((*command, "--other-user", OTHER[0]), OWN, tmp_path))
        alone = run(Start(command, OWN, tmp_path))
        recording = (*KIT, "replay", "r/transcript.jsonl", "--endpoint", url)
        whole = run(Start((*recording, "--other-user", OTHER[0]), OWN, tmp_path))
    assert (shown.code, alone.code) == (1, 3), shown.told + alone.told
    assert "no second user was given" in alone.told
    assert whole.code in (0, 1), whole.told
    assert not list(tmp_path.glob("journal*"))
