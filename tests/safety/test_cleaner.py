"""Clean-up: what the journal says, last in, first out, and nothing else."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from endpoint.exchanges import BASE, exchange

from tck.endpoint.exchange import Exchange
from tck.safety.cleanup import Cleaner
from tck.safety.journal import Journal
from tck.safety.resource import Resource
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


def test_an_instance_goes_after_what_may_be_tied_to_it(fake: Fake, journal: Journal) -> None:
    """The original cannot release the address of an instance that is gone (N9)."""
    fake.add(journal, "addresses", "a")
    fake.add(journal, "instances", "i", "STOPPED")
    fake.add(journal, "keys", "k")
    assert cleaner(fake, journal).remove_all() == []
    assert deleted(fake) == ["/addresses/a", "/keys/k", "/instances/i"]


def test_what_may_stay_is_not_waited_for_and_keeps_nothing_from_being_created(
    fake: Fake, journal: Journal
) -> None:
    resources = [fake.add(journal, "addresses", id_) for id_ in "abc"]
    fake.refusals = {resource.href: 1_000 for resource in resources}
    patient = Cleaner(journal, fake.send, replace(PATIENCE, deadline=60.0))
    patient.may_stay = lambda resource, why: resource.id != "c" and why.exchange is not None
    assert patient.remove_all(keep=[resources[2]]) == [resources[1], resources[0]]
    assert patient.why_not_create("addresses") == ""


def test_an_instance_that_cannot_be_read_is_removed_by_paths(journal: Journal) -> None:
    """Its name was not escaped (N1), so its links cannot be seen."""
    fake = Fake({"": {"stop": "", "destroy": "gone"}})
    fake._document = lambda _href: "<instance><name><></name></instance>"  # type: ignore[method-assign]
    fake.add(journal, "instances", "i")
    assert cleaner(fake, journal).remove_all() == []
    assert [method for method, _ in fake.requests] == ["GET", "POST", "DELETE", "GET"]


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


def test_an_instance_that_offers_destroy_and_refuses_it_is_stopped(journal: Journal) -> None:
    """The provider wants it stopped first, whatever its links say."""

    class Reluctant(Fake):
        def _delete(self, href: str, path: str) -> Exchange:
            if self.states[href] == "RUNNING":
                return exchange(path, method="DELETE", status=409)
            return super()._delete(href, path)

    both = {"stop": "STOPPED", "destroy": "gone"}
    fake = Reluctant({"RUNNING": both, "STOPPED": {"start": "RUNNING", "destroy": "gone"}})
    instance = fake.add(journal, "instances", "i", "RUNNING")
    assert cleaner(fake, journal).remove(instance)
    assert [request for request in fake.requests if request[0] != "GET"] == [
        ("DELETE", "/instances/i"),
        ("POST", "/instances/i/stop"),
        ("DELETE", "/instances/i"),
    ]


def test_an_instance_that_refuses_to_go_is_not_started_again(journal: Journal) -> None:
    fake = Fake({"STOPPED": {"start": "RUNNING", "destroy": "gone"}})
    instance = fake.add(journal, "instances", "i", "STOPPED")
    fake.refusals[instance.href] = 10**9
    cleaning = cleaner(fake, journal)
    assert cleaning.remove_all() == [instance]
    assert ("POST", "/instances/i/start") not in fake.requests
    assert cleaning.obstacles[instance.href].reason == "refused: DELETE was answered 409"


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
    assert deleted(fake) == ["/instances/i"], "it may say so and run"


def test_an_instance_that_offers_something_is_not_finished(journal: Journal) -> None:
    fake = Fake({"FINISH": {"stop": "STOPPED"}, **MACHINE})
    assert cleaner(fake, journal).remove(fake.add(journal, "instances", "i", "FINISH"))
    assert fake.states == {}


def test_what_has_no_mark_is_not_removed_twice(fake: Fake, journal: Journal) -> None:
    """Somebody else may have got the address that was released."""
    address = fake.add(journal, "addresses", "10.0.0.1")
    cleaning = cleaner(fake, journal)
    journal.removing(address)
    assert not cleaning.remove(address)
    assert deleted(fake) == []
    fake.states.clear()
    assert cleaning.remove(address)


def test_a_resource_that_is_already_gone_counts_as_removed(fake: Fake, journal: Journal) -> None:
    key, instance = fake.add(journal, "keys", "k"), fake.add(journal, "instances", "i", "RUNNING")
    fake.states.clear()
    assert cleaner(fake, journal).remove_all() == []
    assert not journal.owns(key.href)
    assert not journal.owns(instance.href)


def test_an_instance_that_is_said_to_be_gone_is_removed_all_the_same(
    fake: Fake, journal: Journal
) -> None:
    """It may run, and cost money; unless its removal was asked for before."""
    _, removed = (fake.add(journal, "instances", id_, "RUNNING") for id_ in "hr")
    fake.states.clear()
    journal.removing(removed)
    assert cleaner(fake, journal).remove_all() == []
    assert [request for request in fake.requests if request[0] != "GET"] == [
        ("POST", "/instances/h/stop"),
        ("DELETE", "/instances/h"),
    ]
    assert journal.live == []


def test_a_removal_that_is_refused_shows_that_something_is_there(journal: Journal) -> None:
    class Hiding(Fake):
        def send(self, method: str, href: str) -> Exchange:
            shown = super().send(method, href)
            return exchange("/instances/i", status=404) if method == "GET" else shown

    fake = Hiding({"RUNNING": {}})
    instance = fake.add(journal, "instances", "i", "RUNNING")
    cleaning = cleaner(fake, journal)
    assert cleaning.remove_all() == [instance]
    reason = cleaning.obstacles[instance.href].reason
    assert reason.startswith("it is not shown, but refused: DELETE was answered 405")


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
    for final in (False, False, False, True):
        fake.requests.clear()
        assert cleaner.remove_all(final=final) == [stuck]
        asked.append(len(fake.requests))
    assert asked[1] == asked[2] == 1
    assert min(asked[0], asked[3]) > 5
    assert cleaner.remove_all() == [stuck]
    del fake.refusals[stuck.href]
    assert cleaner.remove_all() == []
    assert cleaner.obstacles == {}


# ---------------------------------------------------------------- endpoints that do not remove


class Stubborn(Fake):
    """An endpoint that removes nothing, and answers what it is told to."""

    def __init__(self, status: int = 204, body: str = "") -> None:
        super().__init__()
        self.status, self.body = status, body

    def send(self, method: str, href: str) -> Exchange:
        path = href.removeprefix(BASE)
        self.requests.append((method, path))
        if method == "GET" and self.status:
            return exchange(path, self._document(href))
        x = exchange(path, self.body, method=method, status=self.status)
        return x if self.status else replace(x, response=None, failure="it is mute")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time that passes only when somebody sleeps; [seconds]."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


ERROR = "<error><backend/><message>in\n use</message></error>"


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (204, "", "ignored: DELETE was answered 204, and it is still there"),
        (404, "", "ignored: DELETE was answered 404, and it is still there"),
        (403, ERROR, "refused: DELETE was answered 403 (in use)"),
        (409, "<", "refused: DELETE was answered 409"),
        (500, "", "refused: DELETE was answered 500"),
        (0, "", "unreachable: no answer to DELETE (it is mute)"),
    ],
)
def test_why_a_resource_stays(
    status: int, body: str, reason: str, journal: Journal, clock: list[float]
) -> None:
    fake = Stubborn(status, body)
    key = fake.add(journal, "keys", "k")
    cleaner = Cleaner(journal, fake.send, Patience())
    assert cleaner.remove_all(final=True) == [key]
    assert cleaner.obstacles[key.href].reason == reason
    assert clock[0] > 200


def test_waits_in_vain_do_not_add_up(journal: Journal, clock: list[float]) -> None:
    """Whatever is waited for, after checks and at the end, one sum of seconds pays for it."""
    fake = Stubborn()
    cleaner = Cleaner(journal, fake.send, Patience(deadline=300.0), seconds=120.0)
    before: list[Resource] = []
    for collection, state in (("keys", ""), ("addresses", ""), ("instances", "PENDING")):
        fake.add(journal, collection, "x", state)
        cleaner.remove_all(keep=before)
        before = list(journal.live)
    assert len(cleaner.remove_all(final=True)) == 3
    assert len(cleaner.remove_all(final=True)) == 3
    assert 100 < clock[0] <= 120
    deletes = [path for method, path in fake.requests if method == "DELETE"]
    assert set(deletes) == {"/keys/x", "/addresses/x", "/instances/x"}


def test_what_ends_well_is_not_paid_for(journal: Journal, clock: list[float]) -> None:
    """A cloud may take minutes for each of a hundred removals."""
    fake = Fake()
    cleaner = Cleaner(journal, fake.send, Patience(deadline=300.0), seconds=600.0)
    for number in range(20):
        slow = fake.add(journal, "keys", f"k{number}")
        fake.refusals[slow.href] = 12  # about a minute
        assert cleaner.remove_all() == []
    assert clock[0] > 600


def test_the_next_of_a_collection_is_not_waited_for(journal: Journal, clock: list[float]) -> None:
    fake = Stubborn()
    cleaner = Cleaner(journal, fake.send, Patience(deadline=30.0), seconds=1000.0)
    for number in range(5):
        before = list(journal.live)
        fake.add(journal, "keys", f"k{number}")
        assert cleaner.remove_all(keep=before)
        assert clock[0] <= 30
    fake.add(journal, "addresses", "a")
    assert cleaner.remove_all(keep=journal.live[:-1])
    assert 30 < clock[0] <= 60


def test_an_endpoint_that_does_not_answer_is_not_asked_for_each(
    journal: Journal, clock: list[float]
) -> None:
    class Slow(Stubborn):
        def send(self, method: str, href: str) -> Exchange:
            clock[0] += 10.0
            return super().send(method, href)

    fake = Slow(0)
    for number in range(50):
        fake.add(journal, ("keys", "addresses")[number % 2], f"k{number}")
    cleaner = Cleaner(journal, fake.send, Patience(), seconds=60.0)
    assert len(cleaner.remove_all(final=True)) == 50
    assert clock[0] < 150
    assert {path.split("/")[1] for _, path in fake.requests} == {"keys", "addresses"}
    reasons = {obstacle.reason.split(":")[0] for obstacle in cleaner.obstacles.values()}
    assert (len(cleaner.obstacles), reasons) == (50, {"unreachable"})


def test_the_deadline_counts_from_when_the_run_should_have_ended(
    journal: Journal, clock: list[float]
) -> None:
    fake = Stubborn()
    overtime = lambda: max(0.0, clock[0] - 20.0)  # noqa: E731
    cleaner = Cleaner(journal, fake.send, Patience(), seconds=60.0, overtime=overtime)
    clock[0] = 50.0
    fake.add(journal, "keys", "k")
    assert cleaner.remove_all(final=True)
    assert clock[0] <= 80
    assert cleaner.seconds_left < 10


def test_nothing_that_costs_is_created_while_nothing_can_be_removed(
    journal: Journal, clock: list[float]
) -> None:
    fake = Stubborn(403)
    cleaner = Cleaner(journal, fake.send, Patience(deadline=1.0))
    for collection in ("addresses", "keys"):
        for id_ in ("1", "2"):
            assert cleaner.why_not_create(collection) == ""
            fake.add(journal, collection, id_)
            cleaner.remove_all()
    why = "2 addresses could not be removed (refused: DELETE was answered 403)"
    assert cleaner.why_not_create("addresses") == why
    assert cleaner.why_not_create("keys") == "", "keys cost nothing"
    cleaner._send = Fake().send  # where nothing is left
    assert cleaner.why_not_create("addresses") == ""
    assert clock[0] < 60


def test_an_instance_that_always_links_to_stop_only(journal: Journal) -> None:
    class Deaf(Fake):
        def _act(self, href: str, action: str) -> Exchange:
            return exchange(href.removeprefix(BASE), self._document(href), method="POST")

    fake = Deaf({"RUNNING": {"stop": "RUNNING"}, "x": {"destroy": "gone"}})
    instance = fake.add(journal, "instances", "i", "RUNNING")
    assert cleaner(fake, journal).remove_all() == [instance]
    assert "/instances/i" in deleted(fake)


def test_no_time_is_left_for_an_instance_without_links(journal: Journal) -> None:
    """Then it is stopped and deleted at the paths of the API at once."""
    fake = Fake({"": {"stop": "", "destroy": "gone"}})
    fake._document = lambda _href: "<instance/>"  # type: ignore[method-assign]
    fake.add(journal, "instances", "i")
    late = Cleaner(journal, fake.send, PATIENCE, seconds=0.0)
    late.remove_all(final=True)
    assert fake.requests[:3] == [
        ("GET", "/instances/i"),
        ("POST", "/instances/i/stop"),
        ("DELETE", "/instances/i"),
    ]


# ---------------------------------------------------------------- what must be taken apart first


def test_a_bucket_is_emptied_of_what_the_journal_does_not_know(journal: Journal) -> None:
    """The answer to a PUT was lost; the bucket is the run's own, and so is what is in it."""

    class Full(Fake):
        def _document(self, href: str) -> str:
            return '<bucket id="b"><blob id="c" href="http://other.test/x"/></bucket>'

        def _delete(self, href: str, path: str) -> Exchange:
            if path == "/buckets/b" and f"{BASE}/buckets/b/c" in self.states:
                return exchange(path, method="DELETE", status=409)
            return super()._delete(href, path)

    fake = Full()
    fake.states[f"{BASE}/buckets/b/c"] = ""
    fake.add(journal, "buckets", "b")
    impatient = Cleaner(journal, fake.send, Patience(deadline=0.0))
    assert impatient.remove_all() == []
    assert deleted(fake) == ["/buckets/b", "/buckets/b/c", "/buckets/b"]


@pytest.mark.parametrize(
    ("collection", "path"),
    [
        ("addresses", "/addresses/x/disassociate"),
        ("storage_volumes", "/storage_volumes/x/detach"),
        ("load_balancers", "/load_balancers/x/unregister?instance_id=i%2F1"),
    ],
)
def test_what_is_in_use_is_released(collection: str, path: str, journal: Journal) -> None:
    class Used(Fake):
        used = True

        def _delete(self, href: str, path: str) -> Exchange:
            if self.used:
                return exchange(path, method="DELETE", status=409)
            return super()._delete(href, path)

        def _act(self, href: str, action: str) -> Exchange:
            self.used = False
            return exchange(f"{href}/{action}".removeprefix(BASE), method="POST", status=202)

        def _document(self, href: str) -> str:
            return '<load_balancer><instances><instance id="i/1"/></instances></load_balancer>'

    fake = Used()
    fake.add(journal, collection, "x")
    assert Cleaner(journal, fake.send, Patience(deadline=0.0)).remove_all() == []
    assert ("POST", path) in fake.requests
