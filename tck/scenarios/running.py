"""Running a client in scenarios, and the result."""

from __future__ import annotations

import contextlib
import datetime
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from tck import requirements
from tck.audit import disturbances
from tck.audit.auditing import left_out
from tck.audit.ordering import InOrder
from tck.audit.watching import watching
from tck.endpoint import disk
from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import GATE
from tck.prove.altered.alteration import Alteration
from tck.reference_server.http1 import Wsgi
from tck.report import proof, transcript
from tck.report.ledger import Ledger
from tck.report.result import Result, Scope, conclude
from tck.report.scenarios import ScenarioOutcome
from tck.report.transcript import TranscriptPart
from tck.rules.clients import ClientJudge, Ending, judge_ending
from tck.scenarios.process import run
from tck.scenarios.scenario import Scenario, everything

OUTPUT = "output"  # folder for what the client printed
NOT_MET = "not met"


class Trials:
    """Runs a command in one scenario after the other, and keeps what was found."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        personas: Sequence[str] = ("mock",),
        user: str = "mockuser",
        password: str = "mockpassword",
        seconds: float = 60.0,
        folder: Path | None = None,
    ) -> None:
        """`command` with placeholders ({url} ...); `folder` of the report; `seconds` for a run.

        Raises Unwritable.
        """
        self._command = command
        self._personas = personas
        self._user, self._password = user, password
        self._seconds = seconds
        self._folder = folder
        part = TranscriptPart(folder, "", GATE) if folder else None
        self._ledger = Ledger(redactor=GATE, judges=(ClientJudge().judge,), transcript=part)
        self._catalogue = requirements.load("client")
        self._began, self._started = time.perf_counter(), datetime.datetime.now(datetime.UTC)
        self._left_out = 0
        self.outcomes: list[ScenarioOutcome] = []
        GATE.keep_credentials(user, password)
        if folder is not None:  # what an earlier run left would be taken for this one's
            disk.prepare(folder / OUTPUT)
            with disk.telling(folder / OUTPUT):
                for old in (folder / OUTPUT).glob("*.txt"):
                    old.unlink()

    def run_all(self, scenarios: Sequence[Scenario]) -> Iterator[ScenarioOutcome]:
        """Run the client in each scenario, for each persona. Raises NotStarted, Unwritable."""
        for persona in self._personas:
            for scenario in scenarios:
                several = len(self._personas) > 1
                name = f"{scenario.name}@{persona}" if several else scenario.name
                yield self.run(replace(scenario, name=name), persona)

    def run(self, scenario: Scenario, persona: str) -> ScenarioOutcome:
        """Run the client once. Raises NotStarted, Unwritable."""
        ledger, altered, met = self._ledger, scenario.make(persona), threading.Event()
        before = {key: finding.count for key, finding in ledger.findings.items()}
        examined, requests = ledger.examined.copy(), ledger.requests

        def observe(x: Exchange) -> None:
            if scenario.met(x):
                met.set()
            if not GATE.keep_sent(x.request.headers, x.request.url):
                self._left_out += 1
                return
            ledger.observe(replace(x, id=f"{scenario.name}:{x.id}", session=scenario.name))

        with contextlib.ExitStack() as stack:
            in_order = InOrder(observe)
            stack.callback(in_order.close)
            other = ""
            if scenario.elsewhere:
                other = stack.enter_context(self._server(scenario, altered, in_order.add))
            url = stack.enter_context(self._server(scenario, altered, in_order.add, other))
            ran = run(self._words(url), self._environment(url), self._seconds)
        if in_order.failure:
            raise in_order.failure
        ending = Ending(
            ran.code, ran.seconds, scenario.disturbed, scenario.may_give_up, met.is_set()
        )
        for rule, judgement in judge_ending(ending):
            ledger.record(f"{rule.name} ({scenario.name})", judgement)
        violated = {
            finding.requirement
            for key, finding in ledger.findings.items()
            if finding.count > before.get(key, 0)
        }
        outcome = self._outcome(scenario, ending, violated, ledger.requests - requests)
        output, judged = self._keep(scenario, ran.output), len(ledger.examined - examined)
        self.outcomes.append(replace(outcome, output=output, examined=judged))
        return self.outcomes[-1]

    def _outcome(
        self, scenario: Scenario, ending: Ending, violated: set[str], requests: int
    ) -> ScenarioOutcome:
        must = {id_ for id_ in violated if self._catalogue[id_].level == "MUST"}
        word = _word(ending, requests)
        return ScenarioOutcome(
            scenario.name,
            scenario.text,
            word,
            ending.words,
            round(ending.seconds, 2),
            requests,
            tuple(sorted(must)),
            tuple(sorted(violated - must)),
            right=scenario.right,
            reason=scenario.unmet if word == NOT_MET else "",
        )

    def _keep(self, scenario: Scenario, output: str) -> str:
        if self._folder is None:
            return ""
        name = f"{OUTPUT}/{scenario.name}.txt"
        disk.write(self._folder / name, output.encode("utf-8", "replace"))
        return name

    @contextlib.contextmanager
    def _server(
        self,
        scenario: Scenario,
        altered: Alteration,
        add: Callable[[Exchange], object],
        leads_to: str = "",
    ) -> Iterator[str]:
        """A server of its own, watched; its base URL."""
        options = {"user": self._user, "password": self._password, **scenario.options}
        server = altered.server(**options)
        if leads_to:
            server.wrap(_leading_away(leads_to))
        elif scenario.layer:
            server.wrap(scenario.layer())
        with watching(server, altered.base, add), server:
            yield altered.url(server)

    def _words(self, url: str) -> list[str]:
        parts = urlsplit(url)
        values = {"url": url, "user": self._user, "password": self._password}
        values |= {"host": str(parts.hostname), "port": str(parts.port)}
        return [_filled(word, values) for word in self._command]

    def _environment(self, url: str) -> Mapping[str, str]:
        """That of this process, without what is only its own, and with what a client needs."""
        own = {n: value for n, value in os.environ.items() if not n.startswith("DELTACLOUD_TCK_")}
        for name in ("no_proxy", "NO_PROXY"):
            own[name] = ",".join(filter(None, (own.get(name), "127.0.0.1")))
        values = {"URL": url, "USER": self._user, "PASSWORD": self._password}
        for prefix in ("DELTACLOUD", "API"):  # the latter as the original's own clients are told
            own |= {f"{prefix}_{name}": value for name, value in values.items()}
        return own

    def result(self, unfinished: str = "") -> Result:
        """The result; a whole one if all scenarios of `everything` were run. Ends the transcript.

        `unfinished`: why not all that were wanted were. Raises Unwritable.
        """
        whole = {outcome.name.partition("@")[0] for outcome in self.outcomes} >= set(everything())
        scope = Scope.WHOLE if whole else Scope.SELECTION
        return Result(
            outcomes=conclude(self._catalogue, self._ledger, None, scope),
            scope=scope,
            capabilities=None,
            deviations=self._ledger.deviations,
            requests=self._ledger.requests,
            seconds=time.perf_counter() - self._began,
            subject=GATE.text(" ".join(self._command)),
            started=self._started,
            scenarios=tuple(self.outcomes),
            unfinished=unfinished,
            traffic=self._ledger.traffic,
            retries=tuple(self._ledger.retries),
            unjudged=(*self._ledger.unjudged.lines(), *left_out(self._left_out)),
            unwritten=tuple(self._ledger.unwritten),
            transcript=transcript.join(self._folder) if self._folder else None,
            run_id=f"{int(self._started.timestamp()):x}",
            proof=proof.read(self._folder, "client"),
            side="client",
        )


def _leading_away(url: str) -> Callable[[Wsgi], Wsgi]:
    return disturbances.leading_away(url.removesuffix("/api"))


def _filled(word: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        word = word.replace(f"{{{name}}}", value)
    return word


def _word(ending: Ending, requests: int) -> str:
    if ending.code is None:
        return "did not end"
    if ending.code < 0:
        return "failed"
    if not requests:
        return "sent nothing"
    if not ending.met:
        return NOT_MET
    if ending.code == 0:
        return "survived"
    return "gave up" if ending.may_give_up or ending.disturbed else "failed"
