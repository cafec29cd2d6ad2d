"""How much of the description was exercised: counted right, and nothing is left out in silence."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from tck.checks.support.cases import cases
from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.prove.remembering import Remembering
from tck.prove.trial import judge
from tck.prove.variants import variants
from tck.report.coverage import KINDS, Coverage, everything

BASE = "http://endpoint.test/api"
FORM = "application/x-www-form-urlencoded"
# What no run of the kit against the reference server exercises, and why.
LEFT_OUT = {
    "api.docs_of_*": "pages for people: only that there is a first one is demanded",
    "api.switch*": "a page of the original's web interface, no part of the API",
    "blobs.metadata -": "HEAD of the path that has a slash at its end; HEAD without is judged",
    "blobs.segmented *": "has the path of blobs.put, which it is counted as",
    "blobs.stream *": "has the path of blobs.create, which it is counted as",
    "blobs.put json": "clients that store blobs read XML or nothing",
    "instances.run *": "logs in to the instance with a key of its own, which a mock cannot",
    "storage_snapshots.create description": "a feature of one driver",
    "Authentication/error": "shown where a key cannot be injected: of one driver",
    "Error/backtrace": "a recommendation is not to send it",
    "Error*request": "what was asked, repeated; not demanded",
    "ErrorParam/@name": "the same",
    "ErrorRequest/param": "the same",
    "Instance/launch_time": "of drivers of real clouds: the mock driver tells none, as in 1.1.3",
    "Instance.create_time": "the same",
    "InstanceAddress*port": "of drivers whose instances share an address",
    "Key/password": "of drivers that log in by passwords",
    "Key/username": "the same",
    "Realm/limit": "of drivers with quotas that are told",
    "RootType=persistent": "of images with a disk of their own",
    "RunResult/*": "see instances.run",
    "StorageVolume/kind": "of drivers with several kinds of volumes",
    "Driver.*": "of drivers that say what credentials are called",
}


def exchange(method: str, target: str, status: int, body: str = "", form: str = "") -> Exchange:
    fields = (("Content-Type", FORM),) if form else ()
    request = Request(method, BASE + target, Headers(fields), form.encode() or None)
    type_ = "application/xml" if body.startswith("<") else "application/json"
    response = Response(status, "", Headers((("Content-Type", type_),)), body.encode())
    return Exchange("x", request, response, BASE)


def test_points_of_exchanges() -> None:
    coverage = Coverage()
    coverage.observe(exchange("GET", "/keys", 200, '<keys><key id="a" href="b"/></keys>'))
    coverage.observe(exchange("GET", "/keys/a", 200, '{"key": {"id": "a"}}'))
    coverage.observe(exchange("POST", "/keys", 201, "<key/>", "name=a&other=b"))
    coverage.observe(exchange("POST", "/keys", 403, "<error/>", "name=a"))
    coverage.observe(exchange("GET", "/nothing", 200, "<keys/>"))
    assert coverage.to_json() == {
        "answers": ["keys.create xml", "keys.index xml", "keys.show json"],
        "refusals": ["keys.create 403"],
        "parameters": ["keys.create name"],
        "xml": ["Key/@href", "Key/@id", "Keys/key"],
        "json": ["Key.id", "key.key"],
    }


def test_families_of_parameters_are_one() -> None:
    coverage = Coverage()
    form = "image_id=a&hwp_memory=1&hwp_cpu=2&firewalls1=x&firewalls2=y"
    coverage.observe(exchange("POST", "/instances", 201, "<instance/>", form))
    got = coverage.to_json()["parameters"]
    wanted = ["firewalls*", "hwp_*", "image_id"]
    assert got == [f"instances.create {name}" for name in wanted]


def test_parts_of_a_run_are_put_together() -> None:
    one, other = Coverage(), Coverage()
    one.observe(exchange("GET", "/keys", 200, "<keys/>"))
    other.observe(exchange("GET", "/realms", 200, "<realms/>"))
    one.merge(other.to_json())
    assert one.to_json()["answers"] == ["keys.index xml", "realms.index xml"]
    assert Coverage(one.to_json()).to_json() == one.to_json()
    counts = {kind: (met, all_) for kind, met, all_ in one.counts()}
    assert counts["answers"] == (2, len(everything()["answers"]))
    assert "keys.index json" in one.missing("answers")


@pytest.fixture(scope="module")
def exercised() -> Coverage:
    class Covering(Remembering):
        def observe(self, x: Exchange) -> None:
            super().observe(x)
            self.coverage.observe(x)

    ledger = Covering()
    judge(variants()["persona-full"], cases(), examples=1, ledger=ledger)
    return ledger.coverage


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "refusals"])
def test_nothing_is_left_out_without_a_reason(exercised: Coverage, kind: str) -> None:
    missing = exercised.missing(kind)
    assert [n for n in missing if not any(fnmatchcase(n, p) for p in LEFT_OUT)] == []


def test_every_reason_is_needed(exercised: Coverage) -> None:
    missing = [name for kind in KINDS for name in exercised.missing(kind)]
    assert [p for p in LEFT_OUT if not any(fnmatchcase(n, p) for n in missing)] == []
