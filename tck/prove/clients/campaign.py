"""The proof of the requirements on clients: every broken client is found, no right one blamed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tck.prove.clients import (
    broken_messages,
    broken_reactions,
    broken_requests,
    right,
    right_when_disturbed,
)
from tck.prove.clients.client import ScriptedClient
from tck.prove.clients.trial import ClientTrial, judge
from tck.rules.clients import CLIENT_RULES, ENDING_RULES

Progress = Callable[[str, int, int], None]
_MODULES = (broken_messages, broken_requests, broken_reactions)


@cache
def clients() -> Mapping[str, ScriptedClient]:
    """Every client by name, the broken ones first. Raises ValueError if two have one name."""
    every = [client for module in _MODULES for client in module.broken]
    every += right.right + right_when_disturbed.right
    found = {client.name: client for client in every}
    if len(found) < len(every):
        raise ValueError("two clients have one name")
    return found


@dataclass(frozen=True, slots=True)
class ClientOutcome:
    """What was found of a client."""

    client: ScriptedClient
    trial: ClientTrial

    @property
    def tied(self) -> dict[str, list[str]]:
        """The rules that found it, by requirement that it violates; none where it was not found."""
        return {id_: self.trial.found.get(id_, []) for id_ in self.client.violates}

    @property
    def alarms(self) -> dict[str, str]:
        """What was found besides, in words, by requirement: of a right client a mistake."""
        return {i: text for i, text in self.trial.evidence.items() if i not in self.client.violates}

    @property
    def holds(self) -> bool:
        """Whether all that it violates was found, or nothing if it is right."""
        return all(self.tied.values()) and not (self.alarms and not self.client.violates)


@dataclass(slots=True)
class ClientProof:
    """All outcomes, in order."""

    outcomes: list[ClientOutcome] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether every broken client was found, and no right one blamed."""
        return all(outcome.holds for outcome in self.outcomes)

    @property
    def idle(self) -> list[str]:
        """Rules that found no broken client by a requirement that it violates."""
        found = {by for o in self.outcomes for judges in o.tied.values() for by in judges}
        return sorted((CLIENT_RULES | ENDING_RULES).keys() - found)

    @property
    def summary(self) -> dict[str, int]:
        """Counts: `broken`, `found` of these, `right`, `blamed` of these."""
        broken = [o for o in self.outcomes if o.client.violates]
        others = [o for o in self.outcomes if not o.client.violates]
        return {
            "broken": len(broken),
            "found": sum(o.holds for o in broken),
            "right": len(others),
            "blamed": sum(not o.holds for o in others),
        }

    def to_json(self) -> dict[str, Any]:
        """The form in proof.json."""
        return {
            "summary": self.summary,
            "rules_without_client": self.idle,
            "clients": [_outcome(outcome) for outcome in self.outcomes],
        }


def _outcome(outcome: ClientOutcome) -> dict[str, Any]:
    client, trial = outcome.client, outcome.trial
    return {
        "name": client.name,
        "text": client.text,
        "persona": client.persona,
        "violates": outcome.tied,
        "also" if client.violates else "alarms": outcome.alarms,
        "examined": len(trial.examined),
        "requests": trial.requests,
        "seconds": round(trial.seconds, 2),
    }


def prove(
    names: Sequence[str], progress: Progress = lambda _what, _done, _all: None
) -> ClientProof:
    """Try clients, in this process: they take hundredths of a second each."""
    proof = ClientProof()
    for done, name in enumerate(names, 1):
        proof.outcomes.append(ClientOutcome(clients()[name], judge(clients()[name])))
        progress("clients", done, len(names))
    return proof
