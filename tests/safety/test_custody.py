"""Custody: every combination of evidence, and addresses that stay below the base."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tck.safety.custody import (
    Claim,
    Custody,
    Sighting,
    Title,
    address,
    is_below,
    is_id,
    subject_of,
)

BASE = "http://h:3001/api"
MARK = "tckmark1"


@pytest.mark.parametrize(
    ("inventoried", "before", "marked", "present", "shows_mark"),
    list(itertools.product([True, False], [None, "absent", "listed"], *[[True, False]] * 3)),
)
def test_only_what_all_evidence_speaks_for_is_own(
    inventoried: bool, before: str | None, marked: bool, present: bool, shows_mark: bool
) -> None:
    custody = Custody()
    custody.take_inventory({"keys": ["k"] if inventoried else []})
    listed = {None: None, "absent": frozenset[str](), "listed": frozenset({"k"})}[before]
    title = custody.claim(Claim("keys", MARK if marked else "", listed), "k").title
    assert not custody.has("keys", "k")
    if title is Title.AWAITING:
        names = frozenset({MARK} if shows_mark else {"other"})
        title = custody.see("keys", "k", Sighting(present, names)).title
    new = not inventoried and before != "listed"
    known = marked or before == "absent"
    proven = new and known and present and (shows_mark or not marked)
    assert custody.has("keys", "k") == proven == (title is Title.OWN)
    came_again = inventoried and before == "absent"  # others may have released it
    assert (title is Title.EXISTED) == (not new and not came_again)


def test_an_id_may_come_again_once_its_resource_is_gone() -> None:
    custody = Custody()
    for _ in range(2):
        assert custody.claim(Claim("keys", MARK), "k").title is Title.AWAITING
        custody.see("keys", "k", Sighting(True, frozenset({MARK})))
        assert custody.has("keys", "k")
        assert custody.claim(Claim("keys", "tckmark2"), "k").title is Title.EXISTED
        custody.release("keys", "k")
        assert not custody.has("keys", "k")


def test_what_was_never_owned_is_not_released() -> None:
    custody = Custody()
    custody.take_inventory({"keys": ["k"]})
    custody.release("keys", "k")
    assert custody.existed("keys", "k")
    assert custody.claim(Claim("keys", MARK), "k").title is Title.EXISTED


@pytest.mark.parametrize(
    ("names", "own"), [({"nic1"}, True), ({"nic1", ""}, True), ({MARK}, True), ({"theirs"}, False)]
)
def test_the_id_in_place_of_a_name(names: set[str], own: bool) -> None:
    """Interfaces may be shown so; a name that somebody else gave is one."""
    custody = Custody()
    custody.claim(Claim("network_interfaces", MARK, frozenset({"old"})), "nic1")
    sighting = Sighting(True, frozenset(names))
    assert (custody.see("network_interfaces", "nic1", sighting).title is Title.OWN) == own
    custody.claim(Claim("keys", MARK, frozenset()), "nic1")
    assert (custody.see("keys", "nic1", sighting).title is Title.OWN) == (MARK in names)
    old = custody.claim(Claim("network_interfaces", MARK, frozenset({"old"})), "old")
    assert old.title is Title.EXISTED


def test_what_is_not_shown_goes_on_waiting() -> None:
    custody = Custody()
    custody.claim(Claim("keys", MARK), "k")
    assert custody.see("keys", "k", Sighting(False)).title is Title.UNPROVEN
    assert custody.awaited("keys", "k") == MARK
    assert custody.see("keys", "k", Sighting(True, frozenset({MARK}))).title is Title.OWN


@pytest.mark.parametrize("id_", ["WEB 1", "web 1/", "web%201", "web%25201", "\uff37eb 1", "web 1 "])
@pytest.mark.parametrize("mark", [MARK, ""])
def test_ids_that_an_endpoint_may_take_for_one_that_was_there(id_: str, mark: str) -> None:
    custody = Custody()
    custody.take_inventory({"keys": ["web 1"]})
    assert custody.claim(Claim("keys", mark, frozenset()), id_).title is Title.UNPROVEN
    fresh = Custody()
    assert fresh.claim(Claim("keys", mark, frozenset({"web 1"})), id_).title is Title.UNPROVEN
    assert fresh.claim(Claim("keys", mark, frozenset()), id_).title is Title.AWAITING


def test_what_was_seen_is_remembered_up_to_a_limit() -> None:
    custody = Custody()
    for n in range(100_010):
        custody.see_another("keys", f"k{n}")
    titles = [custody.claim(Claim("keys", "mark"), f"k{n}").title for n in (0, 99_999, 100_000)]
    assert titles == [Title.UNPROVEN, Title.UNPROVEN, Title.AWAITING]


def test_what_was_seen_under_another_name_is_not_believed_to_be_new() -> None:
    custody = Custody()
    custody.see_another("keys", "k")
    assert custody.claim(Claim("keys", MARK), "k").title is Title.UNPROVEN
    assert custody.claim(Claim("keys", MARK), "K/").title is Title.UNPROVEN
    assert custody.claim(Claim("addresses", MARK), "k").title is Title.AWAITING
    assert custody.claim(Claim("keys", "", frozenset()), "k").title is Title.AWAITING


def test_what_is_the_runs_own_may_be_shown_under_another_name() -> None:
    """While it awaits evidence, in custody, and gone: a list may lag, or a check rename it."""
    custody = Custody()
    for _ in range(2):
        custody.claim(Claim("keys", MARK), "k")
        custody.see_another("keys", "k")
        custody.see("keys", "k", Sighting(True, frozenset({MARK})))
        custody.see_another("keys", "k")
        custody.release("keys", "k")
        custody.see_another("keys", "k")
    assert custody.claim(Claim("keys", MARK), "k").title is Title.AWAITING


@pytest.mark.parametrize("id_", ["", " ", ".", "..", "a\nb", "a\0"])
def test_what_cannot_be_an_id(id_: str) -> None:
    assert not is_id(id_)
    assert Custody().claim(Claim("keys", MARK), id_).title is Title.UNPROVEN
    with pytest.raises(ValueError, match="cannot be the id"):
        address("keys", id_)


@given(st.text(min_size=1, max_size=20).filter(is_id))
def test_an_address_is_below_the_base_and_of_its_resource(id_: str) -> None:
    url = BASE + address("keys", id_)
    assert is_below(BASE, url)
    assert subject_of(BASE, url) == ("keys", id_)
    assert subject_of(BASE, url + "/stop?x=y") == ("keys", id_)


@pytest.mark.parametrize(
    ("url", "subject"),
    [
        (f"{BASE}/instances/i1/stop", ("instances", "i1")),
        (f"{BASE};driver=mock/instances;x=y/i1;z", ("instances", "i1")),
        (f"{BASE}//instances//i1", ("instances", "i1")),
        (f"{BASE}/instances/%69%31", ("instances", "i1")),
        (f"{BASE}/instances", None),
        (BASE, None),
        ("http://h:3001/other/instances/i1", None),
    ],
)
def test_what_a_url_is_about(url: str, subject: tuple[str, str] | None) -> None:
    assert subject_of(BASE, url) == subject


@pytest.mark.parametrize(
    "url",
    [
        "http://other:3001/api/keys/k",
        "https://h:3001/api/keys/k",
        "http://h:3002/api/keys/k",
        "http://h:3001/apix/keys/k",
        "http://h:x/api/keys/k",
        "/api/keys/k",
    ],
)
def test_what_is_elsewhere(url: str) -> None:
    assert not is_below(BASE, url)
