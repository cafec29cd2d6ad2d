"""Whatever an endpoint says, nothing of others is touched, and what stays of the run is told."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tck.checks.support.client import NotOurs
from tck.checks.support.cloud import Cloud
from tck.checks.support.policy import RunPolicy
from tck.checks.support.session import discover
from tck.endpoint.direct import Direct
from tck.endpoint.transport import Credentials
from tck.safety import leftovers
from tck.safety.journal import Journal
from tck.safety.naming import new_run_id, of_process
from tck.safety.resource import Resource
from tck.safety.waiting import Patience

from .liar import BASE, COLLECTIONS, LIES, Liar

SEQUENCES = int(os.environ.get("TCK_SEQUENCES", "300"))
STEPS = st.tuples(
    st.sampled_from(["create", "create", "write", "delete", "tidy", "other", "look"]),
    st.sampled_from(list(COLLECTIONS)),
    st.sampled_from(LIES),
    st.integers(0, 7),
)


def connected(liar: Liar) -> Cloud:
    transport = Direct(BASE, Credentials("u", "p"), liar)
    patience = Patience(deadline=0.0)
    run = of_process(new_run_id(), "")
    return Cloud(transport, discover(transport), Journal(), run, RunPolicy(patience))


def play(liar: Liar, cloud: Cloud, steps: list[tuple[str, str, str, int]]) -> None:
    """What checks do: create, write to what was created, remove it; others are there, too."""
    made: list[Resource] = []
    for what, collection, lie, flags in steps:
        liar.lie, liar.malformed = lie, bool(flags & 1)
        liar.links_astray, liar.delete_ignored = bool(flags & 2), bool(flags & 4)
        if what == "other":
            liar.add(collection, "other", f"job{flags}")
        elif what == "look":
            cloud.index(collection)
        elif what == "tidy":
            cloud.remove_others([])
        elif what == "create":
            _, resource = cloud.create(collection, {})
            made += [resource] if resource else []
        elif made:
            resource = made[flags % len(made)]
            try:
                if what == "write":
                    cloud.post(resource.href + "/stop")
                elif cloud.delete(resource.href).ok and not liar.delete_ignored:
                    cloud.mark_destroyed(resource)
            except NotOurs:
                pass


def prove(steps: list[tuple[str, str, str, int]]) -> None:
    """Whatever happens, nothing of others is touched, and all that stays of the run is told."""
    liar = Liar()
    for collection in COLLECTIONS:
        liar.add(collection, "other", "production")
    cloud = connected(liar)
    play(liar, cloud, steps)
    liar.lie, liar.malformed, liar.links_astray, liar.delete_ignored = "honest", False, False, False
    cloud.cleaner.remove_all(final=True)
    base, listed = cloud.transport.base, cloud.resources.list_again()
    uncertain = leftovers.adopt(cloud.journal, cloud.custody, cloud.run_id, base, listed, cloud.get)
    remaining = cloud.cleaner.remove_all(final=True)
    assert liar.harm == []
    told = {(r.collection, r.id) for r in remaining}
    told |= {(one.resource.collection, one.resource.id) for one in uncertain}
    told |= {(r.collection, r.id) for r, _ in cloud.resources.unproven}
    own = {key for key, thing in liar.things.items() if thing.owner == "run"}
    assert own - told == set()


@settings(max_examples=SEQUENCES)
@given(st.lists(STEPS, max_size=12))
def test_nothing_of_others_is_touched(steps: list[tuple[str, str, str, int]]) -> None:
    prove(steps)


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_each_lie_once(lie: str, collection: str) -> None:
    """Between an honest create and looks at the list, so that it can be seen through."""
    lies = ("honest", lie, "honest")
    prove(
        [
            step
            for one in lies
            for step in (("create", collection, one, 0), ("look", collection, one, 0))
        ]
    )


def test_the_liar_notices_harm() -> None:
    liar = Liar()
    id_ = liar.add("keys", "other", "theirs")
    Direct(BASE, None, liar).send("DELETE", f"/keys/{id_}")
    assert liar.harm == ["DELETE keys/theirs"]


def test_a_create_past_custody_is_a_defect() -> None:
    liar = Liar()
    liar.add("keys", "other", "theirs")
    with pytest.raises(Exception, match="RunResources"):
        connected(liar).post("/keys", {"name": "x"})


def test_a_removal_is_written_down_and_what_is_refused_stays() -> None:
    """Not that of something in it, as a rule of a firewall."""
    liar = Liar()
    cloud = connected(liar)
    _, address = cloud.create("addresses", {})
    assert address is not None
    liar.delete_ignored = True
    cloud.delete(address.href + "/rules/r1")
    assert not cloud.journal.is_removing(address)
    accepted = cloud.delete(address.href)
    assert cloud.journal.may_be_anothers(address)
    refused = replace(accepted, response=replace(accepted.response, status=409))
    for observe in cloud.transport.observers:
        observe(refused)
    assert not cloud.journal.is_removing(address)
