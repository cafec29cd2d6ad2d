"""What a run left behind is found by names that only it gave; nothing of others is found."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from endpoint.exchanges import BASE, exchange

from tck.endpoint.exchange import Exchange
from tck.safety.custody import Claim, Custody, Sighting
from tck.safety.inventory import Inventory, Item
from tck.safety.journal import Journal
from tck.safety.leftovers import Leftover, adopt, appeared, by_intent, by_name, in_bucket, not_found
from tck.safety.naming import name_pattern
from tck.safety.past_run import PastRun
from tck.safety.resource import Intent, Resource


def lists(**members: list[tuple[str, str]]) -> Inventory:
    """Items by collection and id: collection=[(id, name)]."""
    return {
        collection: {id_: Item(id_, name) for id_, name in entries}
        for collection, entries in members.items()
    }


def no_bucket(_path: str) -> Exchange:
    raise AssertionError("no bucket is known")


def found(leftovers: Iterable[Leftover]) -> list[tuple[str, str, bool]]:
    return [(one.resource.collection, one.resource.id, one.certain) for one in leftovers]


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("tckab12001", True),
        ("tckab12w3x", True),
        ("tckab12", False),
        ("tckab1201", False),
        ("tckab120011", False),
        ("tckab13001", False),
        ("xtckab12001", False),
        ("tckab12001-mine", False),
        ("TCKAB12001", False),
        ("", False),
    ],
)
def test_names_of_a_run(name: str, own: bool) -> None:
    assert bool(name_pattern("ab12").fullmatch(name)) == own


def test_a_run_id_is_not_used_as_a_pattern() -> None:
    assert name_pattern("a.c").fullmatch("tckabc1") is None


def test_by_name() -> None:
    listed = lists(
        keys=[("tckab12001", "tckab12001"), ("test-key", "test-key"), ("tckcd34001", "tckcd34001")],
        instances=[("i-1", "tckab12002"), ("i-2", "web")],
    )
    assert sorted(found(by_name("ab12", BASE, listed))) == [
        ("instances", "i-1", True),
        ("keys", "tckab12001", True),
    ]
    given = by_name("ab12", BASE, listed, {"tckab12002"})
    assert sorted(found(given)) == [("instances", "i-1", True), ("keys", "tckab12001", False)]


def test_what_has_the_name_of_something_gone_is_told() -> None:
    """A launch that made two, of which the run knew one; but not what shows that it is finished."""
    listed = {
        "instances": {
            "i-1": Item("i-1", "tckab12001", "RUNNING"),
            "i-2": Item("i-2", "tckab12001", "FINISH"),
        }
    }
    assert found(by_name("ab12", BASE, listed, set())) == [("instances", "i-1", False)]


def test_what_was_gone_and_is_back_is_adopted() -> None:
    """A DELETE that was accepted and ignored, of which a check saw no more."""
    journal, custody = Journal(), Custody()
    custody.claim(Claim("keys", "tckab12001"), "tckab12001")
    custody.see("keys", "tckab12001", Sighting(True, frozenset({"tckab12001"})))
    custody.release("keys", "tckab12001")
    listed = lists(keys=[("tckab12001", "tckab12001")])
    assert adopt(journal, custody, "ab12", BASE, listed, no_bucket) == []
    assert [resource.id for resource in journal.live] == ["tckab12001"]


def test_two_of_one_name_cannot_both_be_the_runs() -> None:
    listed = lists(instances=[("i-1", "tckab12001"), ("i-2", "tckab12001")])
    assert found(by_name("ab12", BASE, listed)) == [
        ("instances", "i-1", False),
        ("instances", "i-2", False),
    ]


def test_creates_without_an_answer_that_are_not_found_are_told() -> None:
    """Also where nothing can be listed; what is found, or was never given a name, is not lost."""
    journal = Journal()
    for collection, name in (
        *(("keys", "tckab12001"), ("keys", "tckab12002"), ("keys", "chosen")),
        *(("addresses", ""), ("instances", "tckab12003"), ("blobs", "b")),
    ):
        journal.intent(collection, name)
    uncertain = Resource("keys", "k", f"{BASE}/keys/k", "tckab12001")
    lost = not_found(journal, "ab12", lists(keys=[]), [uncertain])
    assert [(intent.collection, intent.name, "no list" in why) for intent, why in lost] == [
        ("keys", "tckab12002", True),
        ("addresses", "", False),
        ("instances", "tckab12003", False),
    ]


def test_what_appeared_since_a_create_without_a_name_is_told() -> None:
    """The second where two were made for one; nothing that was there, is known or has a name."""
    past = PastRun(inventory={"instances": ["i-1"], "keys": []})
    for number, (collection, name, before) in enumerate(
        [("instances", "", ["i-2"]), ("instances", "", ["i-2", "i-3"]), ("keys", "chosen", [])]
    ):
        past.take(
            {
                "event": "intent",
                "number": number,
                "collection": collection,
                "name": name,
                "before": before,
            }
        )
    ids = ["i-1", "i-2", "i-3", "i-4"]
    listed = lists(
        instances=[*((id_, "") for id_ in ids), ("i-5", "tckab12001")], keys=[("theirs", "theirs")]
    )
    known = [Resource("instances", "i-4", f"{BASE}/instances/i-4")]
    new = appeared(past, "ab12", listed, known)
    assert [(collection, item.id) for collection, item in new] == [("instances", "i-3")]


def test_by_intent_leaves_names_of_the_run_to_by_name() -> None:
    intents = [Intent(1, "instances", "tckab12001"), Intent(2, "keys", "chosen", before=["k"])]
    listed = lists(instances=[("i-1", "tckab12001")], keys=[("k", "k"), ("chosen", "chosen")])
    assert found(by_intent(intents, "ab12", BASE, listed)) == [("keys", "chosen", False)]


def test_by_intent_without_a_name_is_never_certain() -> None:
    intents = [Intent(1, "addresses", "", before=["10.0.0.1"])]
    listed = lists(addresses=[("10.0.0.1", ""), ("10.0.0.2", "")])
    assert found(by_intent(intents, "ab12", BASE, listed)) == [("addresses", "10.0.0.2", False)]


def test_what_cannot_be_an_id_is_nothing() -> None:
    listed = lists(keys=[("..", "tckab12001"), ("a\n", "tckab12002")])
    assert found(by_name("ab12", BASE, listed)) == []
    assert found(by_intent([Intent(1, "keys", "")], "ab12", BASE, listed)) == []


def test_what_is_known_or_was_there_before_is_not_adopted() -> None:
    journal, custody = Journal(), Custody()
    custody.take_inventory({"addresses": ["old"]})
    journal.created(Resource("addresses", "a", f"{BASE}/addresses/a"))
    journal.intent("addresses", "", [])
    listed = lists(addresses=[("a", ""), ("old", ""), ("new", "")])
    uncertain = adopt(journal, custody, "ab12", BASE, listed, no_bucket)
    assert found(uncertain) == [("addresses", "new", False)]


def test_what_was_seen_under_another_name_is_not_certain() -> None:
    """An endpoint that gives something of others a name of the run."""
    journal, custody = Journal(), Custody()
    journal.intent("keys", "tckab12001")
    listed = lists(keys=[("k", "tckab12001")])
    custody.see_another("keys", "k")
    assert found(adopt(journal, custody, "ab12", BASE, listed, no_bucket)) == [("keys", "k", True)]
    assert journal.live == []


def test_in_bucket() -> None:
    bucket = Resource("buckets", "b", f"{BASE}/buckets/b")
    blobs = '<bucket id="b"><blob id="c" href="http://other.test/x"/><blob/></bucket>'
    [leftover] = in_bucket(bucket, lambda path: exchange(path, blobs))
    assert leftover.resource == Resource("blobs", "c", f"{BASE}/buckets/b/c")


@pytest.mark.parametrize("text", ["", "<", "<html/>"])
def test_a_bucket_that_cannot_be_read_leaves_nothing_to_delete(text: str) -> None:
    bucket = Resource("buckets", "b", f"{BASE}/buckets/b")
    assert found(in_bucket(bucket, lambda path: exchange(path, text))) == []
