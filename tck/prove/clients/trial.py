"""Judging one scripted client: what it sends to a server of its own, as `serve --audit` sees it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tck.audit import disturbances
from tck.audit.watching import watching
from tck.endpoint.exchange import Exchange
from tck.prove.altered.alteration import Alteration
from tck.prove.clients.caller import Caller
from tck.prove.clients.client import ScriptedClient
from tck.prove.variants import variants
from tck.reference_server.http1 import Wsgi
from tck.reference_server.serving import Server
from tck.report.ledger import Ledger
from tck.rules.clients import ClientJudge, Ending, judge_ending


@dataclass(slots=True)
class ClientTrial:
    """The outcome of judging one client.

    `found`: violated requirements, each with the rules that found it, and `evidence` in words;
    `examined`: requirements that were; `requests` and `seconds` that it took.
    """

    name: str
    found: dict[str, list[str]] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)
    examined: frozenset[str] = frozenset()
    requests: int = 0
    seconds: float = 0.0


def judge(client: ScriptedClient) -> ClientTrial:
    """Run a client against a fresh server, and judge what it sent."""
    began = time.perf_counter()
    ledger = Ledger(judges=(ClientJudge().judge,))
    seen, code = exchanges(client)
    for x in seen:
        ledger.observe(x)
    ending = Ending(code, 0.0, disturbed=client.layer is not None or client.elsewhere)
    for rule, judgement in judge_ending(ending):
        ledger.record(rule.name, judgement)
    trial = ClientTrial(client.name, requests=ledger.requests)
    for finding in ledger.findings.values():
        trial.found.setdefault(finding.requirement, []).append(finding.by)
        evidence = f"{finding.place}: expected {finding.expected}, got {finding.got}"
        trial.evidence.setdefault(finding.requirement, evidence)
    trial.examined = frozenset(ledger.examined)
    trial.seconds = time.perf_counter() - began
    return trial


def exchanges(client: ScriptedClient) -> tuple[list[Exchange], int]:
    """What a client sent and got, in order, with the time that it let pass; its exit code."""
    seen: list[Exchange] = []
    with contextlib.ExitStack() as stack:
        others = {}
        if client.elsewhere:
            others["elsewhere"] = stack.enter_context(_server(client, seen, ""))
        url = stack.enter_context(_server(client, seen, others.get("elsewhere", "")))
        caller = Caller(url, others)
        code = _run(client, caller)
        caller.close()
    ordered = sorted(seen, key=lambda x: x.started or 0.0)
    later = [*caller.waited, *[0.0] * len(ordered)]
    shifted = [
        replace(x, started=(x.started or 0.0) + seconds)
        for x, seconds in zip(ordered, later, strict=False)
    ]
    return shifted, code


def _run(client: ScriptedClient, caller: Caller) -> int:
    try:
        client.script(caller)
    except SystemExit as ended:
        return int(ended.code or 0)
    except Exception:  # noqa: BLE001 - that it fails is what is judged
        return 1
    return 0


@contextlib.contextmanager
def _server(client: ScriptedClient, seen: list[Exchange], leads_to: str) -> Iterator[str]:
    """A server on a port, which is watched; its base URL."""
    changes = tuple(change for name in client.variants for change in variants()[name].changes)
    app: Wsgi = Alteration(client.name, changes, client.persona).app()
    if leads_to:
        app = disturbances.leading_away(leads_to.removesuffix("/api"))(app)
    elif client.layer:
        app = client.layer()(app)
    server = Server(app)
    with watching(server, "/api", seen.append), server:
        yield server.url
