"""What a run left behind is found by names that only it gave; nothing of others is found."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from endpoint.exchanges import BASE, exchange

from tck.endpoint.exchange import Exchange
from tck.safety.journal import Intent, Resource
from tck.safety.leftovers import Get, Leftover, by_intent, by_name, in_bucket
from tck.safety.naming import name_pattern
from tck.schemas.operations import API


def lists(**members: list[tuple[str, str]]) -> dict[str, str]:
    """Documents by path: collection=[(id, name)]."""
    found = {}
    for collection, entries in members.items():
        tag = API.collections[collection].singular
        inner = "".join(
            f'<{tag} id="{id_}" href="{BASE}/{collection}/{id_}"><name>{name}</name></{tag}>'
            for id_, name in entries
        )
        found["/" + collection] = f"<{collection}>{inner}</{collection}>"
    return found


def getter(documents: dict[str, str]) -> Get:
    def get(target: str) -> Exchange:
        path = target.removeprefix(BASE)
        text = documents.get(path)
        return exchange(path, text or "", status=200 if text else 404)

    return get


def found(leftovers: Iterable[Leftover]) -> list[tuple[str, str, bool]]:
    return [(one.resource.collection, one.resource.id, one.certain) for one in leftovers]


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("tckab121", True),
        ("tckab12w3x7", True),
        ("tckab12", False),
        ("tckab12x", False),
        ("tckab13" + "1", False),
        ("xtckab121", False),
        ("tckab121-mine", False),
        ("TCKAB121", False),
        ("", False),
    ],
)
def test_names_of_a_run(name: str, own: bool) -> None:
    assert bool(name_pattern("ab12").fullmatch(name)) == own


def test_a_run_id_is_not_used_as_a_pattern() -> None:
    assert name_pattern("a.c").fullmatch("tckabc1") is None


def test_by_name() -> None:
    documents = lists(
        keys=[("tckab121", "tckab121"), ("test-key", "test-key"), ("tckcd341", "tckcd341")],
        instances=[("i-1", "tckab122"), ("i-2", "web")],
        images=[("img", "tckab123")],
    )
    listed = ("keys", "instances")  # images are not listed: not asked for
    assert sorted(found(by_name("ab12", listed, getter(documents)))) == [
        ("instances", "i-1", True),
        ("keys", "tckab121", True),
    ]


def test_by_intent_with_a_name() -> None:
    intents = [Intent(1, "instances", "tckab121"), Intent(2, "keys", "tckab122")]
    documents = lists(instances=[("i-1", "tckab121"), ("i-2", "tckab12")], keys=[("k", "k")])
    assert found(by_intent(intents, [], getter(documents))) == [("instances", "i-1", True)]


def test_by_intent_without_a_name_is_never_certain() -> None:
    intents = [Intent(1, "addresses", "", before=["10.0.0.1"])]
    documents = lists(addresses=[("10.0.0.1", ""), ("10.0.0.2", "")])
    assert found(by_intent(intents, [], getter(documents))) == [("addresses", "10.0.0.2", False)]


def test_what_another_intent_accounts_for_is_not_found() -> None:
    intents = [Intent(1, "addresses", "", before=[])]
    documents = lists(addresses=[("a", "")])
    known = [f"{BASE}/addresses/a"]
    assert found(by_intent(intents, known, getter(documents))) == []


def test_in_bucket() -> None:
    bucket = Resource("buckets", "b", f"{BASE}/buckets/b")
    blobs = f'<bucket id="b"><blob id="c" href="{BASE}/buckets/b/c"/><blob id="d"/></bucket>'
    assert found(in_bucket(bucket, getter({"/buckets/b": blobs}))) == [("blobs", "c", True)]


@pytest.mark.parametrize("text", ["", "<", "<html/>"])
def test_a_list_that_cannot_be_read_leaves_nothing_to_delete(text: str) -> None:
    get = getter(dict.fromkeys(("/keys", "/instances", "/buckets/b"), text))
    intents = [Intent(1, "keys", "tckab121"), Intent(2, "keys", "")]
    assert found(by_intent(intents, [], get)) == []
    assert found(by_name("ab12", ["keys"], get)) == []
    assert found(in_bucket(Resource("buckets", "b", f"{BASE}/buckets/b"), get)) == []
