"""Killed runs: what they leave is removed, nothing else is touched.

Runs that are killed while something is being created: `hostile.test_killing`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tck.safety.journal import Journal
from tck.safety.resource import Resource

from .running import KIT, PROJECT, Ended, Served, Start, environment, run, served
from .test_run import OWN, everything

MADE = "lifecycle or blobs or buckets or storage_volumes or keys or addresses or several"


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """A server on which somebody else has something of each kind."""
    with served("--persona", "full") as running:
        for path, form in (
            ("/instances", {"image_id": "img1", "name": "tckother1"}),
            ("/keys", {"name": "other"}),
            ("/storage_volumes", {"capacity": "1"}),
            ("/addresses", {}),
            ("/buckets", {"name": "other"}),
        ):
            answer = requests.post(running.url + path, form, auth=("mockuser", "mockpassword"))
            assert answer.status_code == 201, answer.text
        blob = f"{running.url}/buckets/other/mine"
        assert requests.put(blob, b"mine", auth=("mockuser", "mockpassword")).ok
        yield running


def killed(server: Served, folder: Path, when: str) -> None:
    """Run the kit and kill it after a request."""
    server.log.clear()
    command = [*KIT, "run", "--profile", "smoke", "--endpoint", server.url, "-k", MADE]
    process = subprocess.Popen(
        [*command, "--report-dir", str(folder), "--seed", "1"],
        cwd=PROJECT,
        env=environment(OWN),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    server.wait_for(when)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=60)


def cleaned(*arguments: str) -> Ended:
    return run(Start((*KIT, "cleanup", *arguments), OWN))


def test_a_dry_run_removes_nothing_and_names_find_what_has_no_journal(
    server: Served, tmp_path: Path
) -> None:
    before = everything(server)
    killed(server, tmp_path, "POST /api/instances")
    left = everything(server)
    assert left != before
    [journal] = tmp_path.glob("journal-*.jsonl")
    written = journal.read_bytes()
    shown = cleaned("--journal", str(journal), "--dry-run")
    assert shown.code == 5
    assert "to remove" in shown.out
    assert (everything(server), journal.read_bytes()) == (left, written)
    id_ = journal.stem.removeprefix("journal-")
    by_name = cleaned("--endpoint", server.url, "--run-id", id_)
    assert "STAYS" not in by_name.out
    assert cleaned("--journal", str(journal), "--unnamed").code == 0
    assert everything(server) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--journal", "nowhere.jsonl"), "No such file"),
        (("--journal", "README.md"), "not a line of a journal"),
        (("--journal", "docs"), "Is a directory"),
        (("--run-id", "x*"), "look like"),
        (("--run-id", "k3j9x0a1b2c3d"), "--endpoint URL or --cloud NAME"),
        (("--run-id", "k3j9x0a1b2c3d", "--endpoint", "http://127.0.0.1:1/api"), "cannot connect"),
    ],
)
def test_bad_input_is_one_line(arguments: tuple[str, ...], said: str) -> None:
    ended = cleaned(*arguments)
    assert ended.code in (2, 3)
    assert said in ended.err
    assert "Traceback" not in ended.told
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("processes", [(), ("-n", "2")], ids=["one", "two"])
def test_what_of_others_is_gone_meanwhile_is_told(
    server: Served, tmp_path: Path, processes: tuple[str, ...]
) -> None:
    """It is told, and blames nobody; what the run itself made is not among it."""
    auth = ("mockuser", "mockpassword")
    assert requests.post(server.url + "/keys", {"name": "doomed"}, auth=auth).status_code == 201
    server.log.clear()
    command = (*KIT, "run", "--profile", "smoke", "--endpoint", server.url, "-k", MADE)
    with ThreadPoolExecutor() as pool:
        ending = pool.submit(run, Start((*command, "--report-dir", str(tmp_path), *processes), OWN))
        server.wait_until(lambda log: sum(line.startswith("POST") for line in log) >= 10)
        assert requests.delete(server.url + "/keys/doomed", auth=auth).status_code == 204
        ended = ending.result()
    assert ended.code == 0, ended.told[-2000:]
    told = "While the run went on, by no request of it: keys doomed is gone"
    assert [line for line in ended.out.splitlines() if line.startswith(told[:19])] == [told]
    results = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert results["summary"]["others"] == ["keys doomed is gone"]
    assert told in (tmp_path / "summary.md").read_text("utf-8")


def test_a_damaged_journal_and_others_beside_it(server: Served, tmp_path: Path) -> None:
    """What is wrong is told; the rest of that journal, and all of the others, are gone on with."""
    before = everything(server)
    killed(server, tmp_path, "POST /api/instances")
    [path] = tmp_path.glob("journal-*.jsonl")
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:2], "garbage\n", *lines[2:]])[:-1])
    (tmp_path / "journal-a.jsonl").touch()
    (tmp_path / "journal-b.jsonl").write_text("garbage\n")
    ended = cleaned("--journal", *map(str, sorted(tmp_path.glob("journal-*.jsonl"))), "--unnamed")
    assert ended.code == 2, ended.told
    assert set(ended.err.splitlines()) == {
        f"deltacloud-tck cleanup: {tmp_path}/journal-b.jsonl:1: not a line of a journal",
        f"deltacloud-tck cleanup: {path}:3: not a line of a journal; going on with the rest",
    }
    assert f"{tmp_path}/journal-a.jsonl: its run was killed before it sent anything" in ended.out
    assert everything(server) == before
    assert {left.name for left in tmp_path.glob("journal-*")} == {path.name, "journal-b.jsonl"}


def test_a_journal_that_is_being_written_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "journal-x.jsonl"
    with served() as other:
        journal = Journal(path, run="x", endpoint=other.url, driver="", provider="", cloud="")
        written = path.read_bytes()
        ended = cleaned("--journal", str(path))
        assert (ended.code, path.read_bytes()) == (2, written)
        assert ended.err.endswith("its run is still going on\n")
        journal.close(keep=True)
        assert cleaned("--journal", str(path)).code == 0


def test_a_journal_is_of_one_endpoint_only(server: Served, tmp_path: Path) -> None:
    """At another one its ids may be those of somebody else's things."""
    killed(server, tmp_path, "POST /api/instances")
    [journal] = tmp_path.glob("journal-*.jsonl")
    with served() as other:
        before = everything(other)
        ended = cleaned("--endpoint", other.url, "--journal", str(journal))
        assert (ended.code, everything(other)) == (2, before)
    assert "its run was at endpoint" in ended.err
    assert cleaned("--journal", str(journal)).code == 0


def journal_of(server: Served, folder: Path, collection: str, form: dict[str, str]) -> Journal:
    """The journal of a run that was about to create something, which is now there."""
    run_id = "k3j9x0a1b2c3d0"
    journal = Journal(folder / "journal", run=run_id, endpoint=server.url, cloud="")
    intent = journal.intent(collection, form.get("name", ""))
    made = requests.post(f"{server.url}/{collection}", form, auth=("mockuser", "mockpassword"))
    href = made.headers["Location"]
    id_, mark = href.rpartition("/")[2], form.get("name", "")
    journal.created(Resource(collection, id_, href, mark), intent)
    return journal


def test_what_was_being_removed_may_be_somebody_elses(server: Served, tmp_path: Path) -> None:
    """A kill between the request to release an address and its answer; others may have it now."""
    before = everything(server)
    journal = journal_of(server, tmp_path, "addresses", {})
    [address] = journal.live
    journal.removing(address)
    journal.close(keep=True)
    there = everything(server)
    ended = cleaned("--journal", str(journal.path))
    assert (ended.code, everything(server)) == (5, there), ended.told
    assert f"perhaps   addresses {address.id}: {address.href}: its removal was asked" in ended.out
    assert cleaned("--journal", str(journal.path), "--unnamed").code == 0
    assert everything(server) == before
    assert not list(tmp_path.iterdir())


def test_what_was_being_removed_and_is_gone_is_not_told(server: Served, tmp_path: Path) -> None:
    for collection, form in (("addresses", {}), ("keys", {"name": "tckk3j9x0a1b2c3d0001"})):
        journal = journal_of(server, tmp_path, collection, form)
        [resource] = journal.live
        journal.removing(resource)
        journal.close(keep=True)
        assert requests.delete(resource.href, auth=("mockuser", "mockpassword")).ok
        ended = cleaned("--journal", str(journal.path))
        assert (ended.code, "perhaps" in ended.out) == (0, False), ended.told


def test_what_was_disowned_is_told_and_not_touched(server: Served, tmp_path: Path) -> None:
    journal = journal_of(server, tmp_path, "storage_volumes", {"capacity": "1"})
    [volume] = journal.live
    journal.disown(volume, "it does not show the name n, given to it")
    journal.intent("keys", "tckk3j9x0a1b2c3d0001")
    journal.close(keep=True)
    there = everything(server)
    ended = cleaned("--journal", str(journal.path))
    assert (ended.code, everything(server)) == (5, there), ended.told
    told = f"perhaps   storage_volumes {volume.id}: {volume.href}: it does not show the name n, "
    assert f"{told}given to it; not touched; by hand: curl -X DELETE" in ended.out
    assert "not found keys tckk3j9x0a1b2c3d0001: its create got no answer, and no" in ended.out
    assert requests.delete(volume.href, auth=("mockuser", "mockpassword")).ok
    assert cleaned("--journal", str(journal.path)).code == 0
