"""Findings by cause: what is wrong is shown once, and what only follows from it after it."""

from __future__ import annotations

from dataclasses import replace

from endpoint.exchanges import exchange

from tck.endpoint.exchange import Exchange
from tck.report.clusters import Cluster, causes
from tck.report.ledger import Ledger
from tck.rules.judgement import Judgement

from .made import result_of


def found(*findings: tuple[str, str, str, str, str, Exchange]) -> list[Cluster]:
    """Causes of findings: by, requirement, place, expected, got, exchange."""
    ledger = Ledger()
    for by, id_, place, expected, got, x in findings:
        ledger.record(by, Judgement(id_, False, place, expected, got), x)
    return causes(result_of(ledger).outcomes)


def ids(clusters: list[Cluster]) -> list[list[str]]:
    return [[r.id for r in cluster.requirements] for cluster in clusters]


def destroyed(collection: str) -> tuple[str, str, str, str, str, Exchange]:
    x = exchange(f"/{collection}/x", "", method="DELETE")
    expected = f"204: success of {collection}.destroy"
    return "http.success_status", "DC-HTTP-005", "status", expected, "200", x


KEYS, IN_JSON = (
    exchange("/keys/k", "<key/>"),
    exchange("/keys/k", b"{}", fields={"Content-Type": "application/json"}),
)
UNLIKE = "the same in both formats"
STATE = (
    "schema.formal_description",
    "DC-KEY-001",
    "/key",
    "an element <state> in <key>",
    "no such element",
    KEYS,
)


def test_a_wrong_status_of_success_is_one_cause_over_operations() -> None:
    other = exchange("/keys", "<key/>", method="POST")
    created = "http.success_status", "DC-HTTP-003", "status", "201", "200", other
    clusters = found(*map(destroyed, ("keys", "buckets", "images")), created)
    assert sorted(ids(clusters)) == [["DC-HTTP-003"], ["DC-HTTP-005"]]


def test_other_statuses_are_one_cause_at_the_same_operation_only() -> None:
    shown = [
        (f"{name}.test_show", id_, "status", "200", "404", exchange(f"/{name}/x", "<a/>"))
        for name, id_ in (("keys", "DC-KEY-005"), ("buckets", "DC-BKT-005"))
    ]
    assert len(found(*shown)) == 2


def test_that_formats_differ_follows_from_what_is_wrong_in_one_of_them() -> None:
    differ = "documents.test_member", "DC-DOC-016", "key k", UNLIKE, "state 'a' in XML", IN_JSON
    assert ids(found(differ, STATE)) == [["DC-KEY-001", "DC-DOC-016"]]
    elsewhere = exchange("/buckets/b", b"{}", fields={"Content-Type": "application/json"})
    assert len(found((*differ[:-1], elsewhere), STATE)) == 2


def test_what_follows_joins_no_two_causes() -> None:
    name = (*STATE[:3], "an element <name> in <key>", *STATE[4:])
    differ = (
        "documents.test_member",
        "DC-DOC-016",
        "key k",
        UNLIKE,
        "state 'a' in XML, name",
        IN_JSON,
    )
    assert ids(found(STATE, differ)) == [["DC-KEY-001", "DC-DOC-016"]]
    # one finding a place is kept, so the second thing that misses is in another document
    other = replace(exchange("/keys", "<keys/>"), id="x2")
    listed = (name[0], name[1], "/keys/key", *name[3:5], other)
    assert len(found(STATE, listed, differ)) == 2


def test_what_is_shown_first_tells_the_mistake_most_directly() -> None:
    x = exchange("/keys/k", "<key/>")
    general = "http.success_status", "DC-HTTP-002", "status", "200", "203", x
    own = "keys.test_show", "DC-KEY-005", "status", "200", "203", x
    assert ids(found(general, own)) == [["DC-KEY-005", "DC-HTTP-002"]]
