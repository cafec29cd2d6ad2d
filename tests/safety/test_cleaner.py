"""Clean-up: what the journal says, last in, first out, and nothing else."""

from __future__ import annotations

import pytest
from endpoint.exchanges import BASE, exchange

from tck.endpoint.exchange import Exchange
from tck.safety.cleanup import Cleaner
from tck.safety.journal import Journal, Resource
from tck.safety.waiting import Patience

PATIENCE = Patience(deadline=0.2, first_pause=0.001, longest_pause=0.002)
# state: its action links, and the state that each leads to
MACHINE = {
    "PENDING": {},
    "RUNNING": {"stop": "STOPPED", "reboot": "RUNNING"},
    "STOPPED": {"start": "RUNNING", "destroy": "gone"},
}


class Fake:
    """An endpoint of a few resources; remembers its requests."""

    def __init__(self, machine: dict[str, dict[str, str]] = MACHINE) -> None:
        self.machine = machine
        self.states: dict[str, str] = {}
        self.requests: list[tuple[str, str]] = []
        self.refusals: dict[str, int] = {}

    def add(self, journal: Journal, collection: str, id_: str, state: str = "") -> Resource:
        self.states[f"{BASE}/{collection}/{id_}"] = state
        return journal.created(Resource(collection, id_, f"{BASE}/{collection}/{id_}"))

    def send(self, method: str, href: str) -> Exchange:
        path = href.removeprefix(BASE)
        self.requests.append((method, path))
        if method == "POST":
            return self._act(*href.rsplit("/", 1))
        if href not in self.states:
            return exchange(path, method=method, status=404)
        if method == "DELETE":
            return self._delete(href, path)
        return exchange(path, self._document(href))

    def _delete(self, href: str, path: str) -> Exchange:
        if self.refusals.get(href, 0):
            self.refusals[href] -= 1
            return exchange(path, method="DELETE", status=409)
        state = self.states[href]
        if state and "destroy" not in self.machine.get(state, {}):
            return exchange(path, method="DELETE", status=405)
        del self.states[href]
        return exchange(path, method="DELETE", status=204)

    def _act(self, href: str, action: str) -> Exchange:
        path = href.removeprefix(BASE)
        offered = self.machine.get(self.states.get(href, ""), {})
        if action not in offered:
            return exchange(path, method="POST", status=405)
        self.states[href] = offered[action]
        return exchange(path, self._document(href), method="POST", status=202)

    def _document(self, href: str) -> str:
        state = self.states[href]
        links = "".join(
            f'<link rel="{rel}" method="post" href="{href}/{rel}"/>'
            for rel in self.machine.get(state, {})
        )
        return f"<instance><state>{state}</state><actions>{links}</actions></instance>"


@pytest.fixture
def fake() -> Fake:
    return Fake()


@pytest.fixture
def journal() -> Journal:
    return Journal()


def cleaner(fake: Fake, journal: Journal) -> Cleaner:
    return Cleaner(journal, fake.send, PATIENCE)


def deleted(fake: Fake) -> list[str]:
    return [path for method, path in fake.requests if method == "DELETE"]


def test_last_in_first_out(fake: Fake, journal: Journal) -> None:
    for id_ in ("a", "b", "c"):
        fake.add(journal, "keys", id_)
    assert cleaner(fake, journal).remove_all() == []
    assert deleted(fake) == ["/keys/c", "/keys/b", "/keys/a"]
    assert journal.live == []
    assert fake.states == {}


def test_what_is_not_in_the_journal_is_not_touched(fake: Fake, journal: Journal) -> None:
    fake.states[f"{BASE}/keys/theirs"] = ""
    with pytest.raises(ValueError, match="not in the journal"):
        cleaner(fake, journal).remove(Resource("keys", "theirs", f"{BASE}/keys/theirs"))
    assert cleaner(fake, journal).remove_all() == []
    assert fake.requests == []


def test_a_running_instance_is_stopped_first(fake: Fake, journal: Journal) -> None:
    instance = fake.add(journal, "instances", "i", "RUNNING")
    assert cleaner(fake, journal).remove(instance)
    writes = [request for request in fake.requests if request[0] != "GET"]
    assert writes == [("POST", "/instances/i/stop"), ("DELETE", "/instances/i")]
    assert journal.live == []


def test_an_instance_in_a_transient_state_is_waited_for(journal: Journal) -> None:
    class Slow(Fake):
        def send(self, method: str, href: str) -> Exchange:
            if len(self.requests) == 3:
                self.states[href] = "STOPPED"
            return super().send(method, href)

    fake = Slow()
    instance = fake.add(journal, "instances", "i", "PENDING")
    assert cleaner(fake, journal).remove(instance)
    assert {method for method, _ in fake.requests[:3]} == {"GET"}


def test_an_instance_that_can_only_be_destroyed_running_is_started(journal: Journal) -> None:
    """As on opennebula (M5)."""
    fake = Fake({"STOPPED": {"start": "RUNNING"}, "RUNNING": {"destroy": "gone"}})
    assert cleaner(fake, journal).remove(fake.add(journal, "instances", "i", "STOPPED"))


def test_a_finished_instance_is_gone(fake: Fake, journal: Journal) -> None:
    assert cleaner(fake, journal).remove(fake.add(journal, "instances", "i", "FINISH"))
    assert deleted(fake) == []


def test_a_resource_that_is_already_gone_counts_as_removed(fake: Fake, journal: Journal) -> None:
    key, instance = fake.add(journal, "keys", "k"), fake.add(journal, "instances", "i", "RUNNING")
    fake.states.clear()
    assert cleaner(fake, journal).remove_all() == []
    assert not journal.owns(key.href)
    assert not journal.owns(instance.href)


def test_what_is_refused_for_a_while_is_tried_again(fake: Fake, journal: Journal) -> None:
    volume = fake.add(journal, "storage_volumes", "v")
    fake.refusals[volume.href] = 3
    assert cleaner(fake, journal).remove_all() == []
    assert len(deleted(fake)) == 4


def test_what_is_in_use_goes_after_what_uses_it(journal: Journal) -> None:
    """A bucket made after its blob is refused first; both go."""

    class Bucket(Fake):
        def _delete(self, href: str, path: str) -> Exchange:
            if path == "/buckets/b" and any("/b/" in other for other in self.states):
                return exchange(path, method="DELETE", status=403)
            return super()._delete(href, path)

    fake = Bucket()
    fake.add(journal, "blobs", "b/c")
    fake.add(journal, "buckets", "b")
    assert cleaner(fake, journal).remove_all() == []


def test_what_stays_is_named_and_the_rest_goes(fake: Fake, journal: Journal) -> None:
    stays, goes = fake.add(journal, "keys", "stays"), fake.add(journal, "keys", "goes")
    fake.refusals[stays.href] = 10**9
    assert cleaner(fake, journal).remove_all() == [stays]
    assert journal.live == [stays]
    assert goes.href not in fake.states


def test_what_is_to_be_kept_stays(fake: Fake, journal: Journal) -> None:
    first = fake.add(journal, "keys", "first")
    fake.add(journal, "keys", "second")
    assert cleaner(fake, journal).remove_all(keep=[first]) == []
    assert journal.live == [first]


def test_a_delete_is_not_believed_before_the_resource_is_gone(journal: Journal) -> None:
    """A DELETE that is answered 204 while the thing is still there does not count."""

    class Lying(Fake):
        def _delete(self, href: str, path: str) -> Exchange:
            return exchange(path, method="DELETE", status=204)

    fake = Lying()
    key = fake.add(journal, "keys", "k")
    assert cleaner(fake, journal).remove_all() == [key]


@pytest.mark.parametrize("body", ["", "<", "<html/>", "<instance/>"])
def test_an_instance_that_cannot_be_read_is_removed_all_the_same(
    body: str, journal: Journal
) -> None:
    """At the paths of the API; it counts as gone only once it is."""

    class Broken(Fake):
        def _document(self, href: str) -> str:
            return body

    fake = Broken()
    fake.add(journal, "instances", "i", "RUNNING")
    assert cleaner(fake, journal).remove_all() == []
    assert fake.states == {}


@pytest.mark.parametrize("body", ["", "<", "<html/>", "<instance/>"])
def test_a_document_that_cannot_be_read_does_not_count_as_gone(body: str, journal: Journal) -> None:
    class Broken(Fake):
        def _document(self, href: str) -> str:
            return body

        def _act(self, href: str, action: str) -> Exchange:
            return exchange(href.removeprefix(BASE), method="POST", status=405)

    fake = Broken()
    instance = fake.add(journal, "instances", "i", "RUNNING")
    assert cleaner(fake, journal).remove_all() == [instance]


@pytest.mark.parametrize("elsewhere", ["http://other.test/api/instances/i", f"{BASE}/instances/j"])
def test_links_that_lead_away_are_not_followed(elsewhere: str, journal: Journal) -> None:
    class Astray(Fake):
        def _document(self, href: str) -> str:
            return super()._document(href).replace(href, elsewhere)

    fake = Astray()
    key = fake.add(journal, "keys", "k")
    fake.add(journal, "instances", "i", "RUNNING")
    assert cleaner(fake, journal).remove_all() == []
    assert key.href not in fake.states
    assert {path.split("/")[2] for _, path in fake.requests} == {"i", "k"}


@pytest.mark.parametrize("status", [500, 503])
def test_a_failure_after_the_deed_is_looked_into(status: int, journal: Journal) -> None:
    class Failing(Fake):
        def _delete(self, href: str, path: str) -> Exchange:
            super()._delete(href, path)
            return exchange(path, method="DELETE", status=status)

    fake = Failing()
    fake.add(journal, "keys", "k")
    assert cleaner(fake, journal).remove_all() == []
    assert [method for method, _ in fake.requests] == ["DELETE", "GET"]


def test_what_is_not_in_custody_is_not_touched(fake: Fake, journal: Journal) -> None:
    key = fake.add(journal, "keys", "k")
    strict = Cleaner(journal, fake.send, PATIENCE, is_own=lambda _: False)
    assert strict.remove_all() == [key]
    assert {method for method, _ in fake.requests} == {"GET"}


def test_what_cannot_outlive_the_process_is_not_read_again(fake: Fake, journal: Journal) -> None:
    key = fake.add(journal, "keys", "k1")
    assert Cleaner(journal, fake.send, PATIENCE, verify_gone=False).remove(key)
    assert fake.requests == [("DELETE", "/keys/k1")]
    assert key not in journal.live


def test_a_resource_that_stays_is_waited_for_once() -> None:
    """Otherwise each check would wait for the same resource again; the end of the run does wait."""
    journal, fake = Journal(), Fake()
    stuck = fake.add(journal, "keys", "stuck")
    fake.refusals[stuck.href] = 10**9
    cleaner = Cleaner(journal, fake.send, PATIENCE)
    asked = []
    for wait in (False, False, False, True):
        fake.requests.clear()
        assert cleaner.remove_all(wait=wait) == [stuck]
        asked.append(len(fake.requests))
    assert asked[1] == asked[2] == 1
    assert min(asked[0], asked[3]) > 5
    assert cleaner.remove_all() == [stuck]
    del fake.refusals[stuck.href]
    assert cleaner.remove_all() == []
