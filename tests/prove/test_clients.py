"""Every broken client is found, by what it violates; no right one is blamed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tck import requirements
from tck.cli import main
from tck.prove import report
from tck.prove.campaign import Proof
from tck.prove.clients.campaign import ClientOutcome, ClientProof, clients, prove
from tck.prove.clients.trial import judge
from tck.rules.clients import CLIENT_RULES, ENDING_RULES

CLIENTS = clients()
BROKEN = {name: c for name, c in CLIENTS.items() if c.violates}
RIGHT = {name: c for name, c in CLIENTS.items() if not c.violates}


def test_there_are_enough() -> None:
    assert len(BROKEN) >= 60
    assert len(RIGHT) >= 20
    assert [name for name in CLIENTS if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)] == []
    assert [c.name for c in CLIENTS.values() if not c.text] == []


def test_every_requirement_on_clients_is_violated_by_one() -> None:
    violated = {id_ for client in BROKEN.values() for id_ in client.violates}
    assert violated == set(requirements.load("client"))


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_client_is_found_and_blamed_for_nothing_else(name: str) -> None:
    trial = judge(BROKEN[name])
    assert set(trial.found) == set(BROKEN[name].violates), trial.evidence


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_client_is_not_blamed(name: str) -> None:
    trial = judge(RIGHT[name])
    assert trial.evidence == {}
    assert len(trial.examined) >= 8


def test_the_reports_say_what_was_found(tmp_path: Path) -> None:
    named = ["key-without-a-name", "xml-only"]
    proof = Proof(clients=prove(named))
    json_path, page = report.write(proof, tmp_path)
    value = json.loads(json_path.read_text())
    expected = {"broken": 1, "found": 1, "right": 1, "blamed": 0}
    assert value["summary"]["clients"] == expected
    assert [client["name"] for client in value["clients"]["clients"]] == named
    assert "Creates a key without a name" in page.read_text()
    assert report.holds(proof)


def test_what_survives_or_is_blamed_fails_the_proof(capsys: pytest.CaptureFixture[str]) -> None:
    broken, fine = CLIENTS["key-without-a-name"], CLIENTS["xml-only"]
    survives = ClientProof([ClientOutcome(broken, judge(fine))])
    blamed = ClientProof([ClientOutcome(fine, judge(broken))])
    for proof in (survives, blamed):
        assert not report.holds(Proof(clients=proof))
    assert survives.idle == sorted({**CLIENT_RULES, **ENDING_RULES})
    assert blamed.summary == {"broken": 0, "found": 0, "right": 1, "blamed": 1}


def test_the_command_tries_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", "--client", "bearer", "--report-dir", str(tmp_path)]) == 0
    assert "1 of 1 broken clients found" in capsys.readouterr().out
    assert main(["prove", "--client", "bear", "--report-dir", str(tmp_path)]) == 2
