"""The journal survives whatever ends a run."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from endpoint.test_disk import full_disk

from tck.endpoint.disk import Unwritable
from tck.endpoint.redaction import Redactor
from tck.safety.custody import Custody
from tck.safety.inventory import Item
from tck.safety.journal import Journal
from tck.safety.leftovers import by_intent
from tck.safety.past_run import NothingBegun, UnreadableJournal, read
from tck.safety.resource import Resource


def resource(number: int, collection: str = "keys") -> Resource:
    return Resource(collection, f"k{number}", f"http://h/api/{collection}/k{number}")


def begun(path: Path) -> Journal:
    return Journal(path, run="ab12", endpoint="http://h/api")


def test_the_journal_lists_what_is_alive() -> None:
    journal = Journal()
    made = [journal.created(resource(n), journal.intent("keys", f"n{n}")) for n in (1, 2, 3)]
    journal.gone(made[1])
    assert journal.live == [made[0], made[2]]
    assert journal.owns(made[0].href)
    assert not journal.owns(made[1].href)
    assert not journal.owns("http://h/api/keys")
    assert journal.unanswered == []


def test_an_intent_without_outcome_is_remembered() -> None:
    journal = Journal()
    first = journal.intent("keys", "a")
    journal.intent("addresses", "", before=["2", "1"])
    journal.refused(first)
    [open_] = journal.unanswered
    assert (open_.collection, open_.name, open_.before) == ("addresses", "", ["1", "2"])


def test_the_file_has_what_the_journal_lists(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "journal"
    journal = begun(path)
    kept = journal.created(resource(1), journal.intent("keys", "a"))
    gone = journal.created(resource(2), journal.intent("keys", "ä\u2028"))
    journal.gone(gone)
    journal.refused(journal.intent("keys", "c"))
    journal.intent("images", "d")
    past = read(path)
    assert past.run == {"run": "ab12", "endpoint": "http://h/api"}
    assert past.live == [kept] == journal.live
    assert past.unanswered == journal.unanswered


def test_every_line_is_on_disk_before_the_next_thing_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    path = tmp_path / "journal"
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(len(path.read_bytes())), sync(fd)))
    journal = begun(path)
    number = journal.intent("keys", "a")
    assert synced[-1] == len(path.read_bytes())
    made = journal.created(resource(1), number)
    journal.gone(made)
    assert len(synced) == 4
    assert synced[-1] == len(path.read_bytes())


KILLED = """
import os, signal, sys
from pathlib import Path
from tck.safety.journal import Journal
from tck.safety.resource import Resource
journal = Journal(Path(sys.argv[1]), run="ab12", endpoint="http://h/api")
number = journal.intent("keys", "a")
journal.created(Resource("keys", "a", "http://h/api/keys/a"), number)
journal.intent("keys", "b")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_run_leaves_a_whole_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    ended = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, timeout=30)
    assert ended.returncode == -signal.SIGKILL
    past = read(path)
    assert [r.id for r in past.live] == ["a"]
    assert [i.name for i in past.unanswered] == ["b"]


def test_a_journal_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    begun(path)
    before = path.read_bytes()
    with pytest.raises(Unwritable, match="File exists"):
        begun(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("keep", [True, False])
def test_the_file_stays_only_if_it_is_needed(tmp_path: Path, keep: bool) -> None:
    path = tmp_path / "journal"
    journal = begun(path)
    journal.close(keep=keep)
    assert path.exists() == keep


KEY = "http://h/api/keys/a"
LINES: list[dict[str, object]] = [
    {"event": "run", "run": "ab12", "endpoint": "http://h/api"},
    {"event": "intent", "number": 1, "collection": "keys", "name": "a", "before": []},
    {"event": "created", "intent": 1, "collection": "keys", "id": "a", "href": KEY},
    {"event": "gone", "href": KEY},
]
CREATED = LINES[2]


def written(path: Path, *lines: object) -> Path:
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("".join(text + "\n" for text in texts))
    return path


def test_a_crash_may_cut_the_last_line(tmp_path: Path) -> None:
    """Wherever it cuts, everything before it counts, and a clean-up goes on after it."""
    text = "".join(json.dumps(line) + "\n" for line in LINES)
    for size in range(len(json.dumps(LINES[0])) + 1, len(text)):
        path = tmp_path / f"journal-{size}"
        path.write_text(text[:size])
        past = read(path)
        ended = text[:size].count("\n") + text[size:].startswith("\n")
        assert bool(past.unanswered) == (ended == 2), size
        assert bool(past.live) == (ended == 3), size
        resumed = Journal.resume(path, "http://h/api")
        assert resumed.live == past.live
        resumed.close(keep=True)
        again = read(path)
        assert (again.live, again.unanswered, again.broken) == (past.live, past.unanswered, [])


@pytest.mark.parametrize("content", ["", '{"ev', '{"event": "run"', '{"event": "run", "run": "ab'])
def test_a_run_that_was_killed_in_its_first_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "journal"
    path.write_text(content)
    with pytest.raises(NothingBegun, match="before it sent anything"):
        read(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("hello", "not a journal"),
        ("hello\n", ":1: not a line of a journal"),
        ("[]\n", ":1: not a line of a journal"),
        ("5\n", ":1: not a line of a journal"),
        ("[" * 100_000 + "\n", ":1: not a line of a journal"),
        ('{"event": "run", "run": 5}\n', ":1: not a line of a journal"),
        ('{"event": "intent"}\n', ":1: not a line of a journal"),
        (json.dumps(CREATED) + "\n", ":1: not a line of a journal"),
        ('{"event": "gone", "href": "h"}\n', "not a journal"),
        (b"\xff\xfe", "journal"),
    ],
)
def test_what_is_not_a_journal(tmp_path: Path, content: str | bytes, message: str) -> None:
    path = tmp_path / "journal"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UnreadableJournal) as error:
        read(path)
    assert str(error.value).startswith(f"{path}")
    assert message in str(error.value)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "\0\0\0",
        "[" * 100_000,
        {"event": "exploded"},
        {"event": "gone"},
        {"event": "created", "id": "a"},
        CREATED | {"id": 5},
        CREATED | {"intent": [1]},
        CREATED | {"href": "http://elsewhere/api/keys/a"},
        CREATED | {"href": "http://h/api/keys/b"},
        CREATED | {"id": ".."},
        CREATED | {"collection": "blobs"},
        {"event": "inventory", "ids": {"keys": 5}},
        {"event": "intent", "number": "1", "collection": "keys", "name": "", "before": []},
    ],
)
def test_a_broken_line_is_told_and_leaves_what_has_a_name(tmp_path: Path, line: object) -> None:
    address = {"collection": "addresses", "id": "1.2.3.4", "href": "http://h/api/addresses/1.2.3.4"}
    marked, unmarked = CREATED | {"mark": "a"}, CREATED | address
    path = written(tmp_path / "journal", LINES[0], unmarked, marked, line, *LINES[:1])
    past = read(path)
    assert past.broken == [f"{path}:4: not a line of a journal"]
    assert [r.id for r in past.live] == ["a"]
    assert [r.id for r, _ in past.doubtful.values()] == ["1.2.3.4"]
    whole = read(written(tmp_path / "whole", LINES[0], unmarked, marked))
    assert (len(whole.live), whole.doubtful, whole.broken) == (2, {}, [])


def test_a_journal_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(UnreadableJournal):
        read(tmp_path / "none")


# ---------------------------------------------------------------- disks


def test_only_the_owner_may_read_a_journal(tmp_path: Path) -> None:
    begun(tmp_path / "journal")
    assert stat.S_IMODE((tmp_path / "journal").stat().st_mode) == 0o600


def test_on_a_full_disk_nothing_more_is_created_and_all_is_still_known(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = begun(path)
    made = journal.created(resource(1), journal.intent("keys", "a"))
    open_ = journal.intent("keys", "b")
    whole = path.read_bytes()
    with full_disk(len(whole) + 5):
        with pytest.raises(Unwritable, match="journal: File too large"):
            journal.intent("keys", "c")
        assert [intent.name for intent in journal.unanswered] == ["b"]
        late = journal.created(resource(2), open_)
        assert journal.live == [made, late]
        journal.gone(made)
    # room again, but a line is missing: nothing that follows could be understood
    with pytest.raises(Unwritable):
        journal.intent("keys", "d")
    assert path.read_bytes() == whole
    assert "File too large" in journal.failure
    assert [r.id for r in read(path).live] == ["k1"]
    journal.close(keep=False)
    assert not path.exists()


def test_a_journal_that_cannot_be_begun_is_told(tmp_path: Path) -> None:
    with full_disk(10), pytest.raises(Unwritable, match="File too large"):
        begun(tmp_path / "journal")
    with pytest.raises(Unwritable, match="File exists"):
        begun(tmp_path / "journal" / "below")
    assert "before it sent anything" in str(nothing_begun(tmp_path / "journal"))


def nothing_begun(path: Path) -> NothingBegun:
    with pytest.raises(NothingBegun) as caught:
        read(path)
    return caught.value


def test_ids_of_the_inventory_are_written_once(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = begun(path)
    ids = [f"address{number:05}" for number in range(5000)]
    journal.inventory({"addresses": ids})
    size = path.stat().st_size
    for _ in range(10):
        journal.intent("addresses", "", before=[*ids, "new"])
    assert path.stat().st_size < 1.1 * size
    assert {tuple(intent.before) for intent in read(path).unanswered} == {("new",)}


def test_lists_without_end_do_not_fill_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = begun(path)
    with pytest.raises(Unwritable, match="too long for a journal"):
        journal.inventory({"keys": ["k" * 1000] * 20_000})
    assert path.stat().st_size < 1000
    assert read(path).run["run"] == "ab12"


# ---------------------------------------------------------------- secrets


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> str:
    redactor = Redactor(["k1t-Canary"])
    for module in ("journal", "custody", "leftovers"):
        monkeypatch.setattr(f"tck.safety.{module}.GATE", redactor)
    return "k1t-Canary"


def test_an_id_that_holds_a_secret_is_not_written_down(tmp_path: Path, canary: str) -> None:
    journal = begun(path := tmp_path / "journal")
    made = Resource("keys", f"a{canary}", f"http://h/api/keys/a{canary}", "tckab12001")
    journal.created(made, journal.intent("keys", "tckab12001"))
    assert journal.live == [made]
    assert canary not in path.read_text("utf-8")
    past = read(path)
    assert past.live == []
    assert [intent.name for intent in past.unanswered] == ["tckab12001"]
    journal.gone(made)
    assert read(path).unanswered == []


def test_what_was_there_before_is_known_by_how_it_is_written(tmp_path: Path, canary: str) -> None:
    journal = begun(path := tmp_path / "journal")
    journal.inventory({"keys": [canary], "realms": ["eu"]})
    journal.intent("addresses", "", before=[canary])
    assert canary not in path.read_text("utf-8")
    past, custody = read(path), Custody()
    custody.take_inventory(past.inventory)
    assert custody.existed("keys", canary)
    assert not custody.existed("keys", "other")
    listed = {"addresses": {canary: Item(canary), "new": Item("new")}}
    found = by_intent(past.unanswered, "ab12", "http://h/api", listed)
    assert [leftover.resource.id for leftover in found] == ["new"]


def test_what_is_being_removed_is_doubtful_unless_it_bears_a_mark(tmp_path: Path) -> None:
    journal = begun(tmp_path / "journal")
    address, refused = (journal.created(resource(n, "addresses")) for n in (1, 2))
    marked = journal.created(Resource("keys", "k", "http://h/api/keys/k", mark="k"))
    for removed in (address, refused, marked):
        journal.removing(removed)
    journal.stays(refused)
    assert [*map(journal.may_be_anothers, journal.live)] == [True, False, False]
    journal.close(keep=True)
    past = read(tmp_path / "journal", "http://new/api")
    assert past.live == [moved(refused), moved(marked)]
    [(doubtful, why)] = past.doubtful.values()
    assert (doubtful, "its removal was asked for" in why) == (moved(address), True)
    again = Journal.in_memory(past)
    assert [*map(again.is_removing, again.live)] == [False, True]


def test_what_was_disowned_is_remembered_until_it_is_created_again(tmp_path: Path) -> None:
    journal = begun(tmp_path / "journal")
    key = journal.created(resource(1))
    journal.disown(key, "why")
    disowned = read(tmp_path / "journal", "http://new/api").disowned
    assert disowned == {moved(key).href: (moved(key), "why")}
    journal.created(key)
    assert read(tmp_path / "journal").disowned == {}


def moved(resource: Resource) -> Resource:
    return replace(resource, href=resource.href.replace("//h/", "//new/"))
