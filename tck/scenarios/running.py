"""Running a client in scenarios, and the result."""

from __future__ import annotations

import contextlib
import datetime
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from tck import requirements
from tck.audit import disturbances
from tck.audit.auditing import left_out
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
from tck.scenarios.process import Ran, run
from tck.scenarios.scenario import Scenario, everything

_MOST_EXCHANGES = 20_000  # of one scenario: a client that asks without end is known by then
OUTPUT = "output"  # folder for what the client printed


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
        """`command` with placeholders ({url} ...); `folder` of the report; `seconds` for a run."""
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

    def run_all(self, scenarios: Sequence[Scenario]) -> Iterator[ScenarioOutcome]:
        """Run the client in each scenario, for each persona. Raises NotStarted, Unwritable."""
        for persona in self._personas:
            for scenario in scenarios:
                several = len(self._personas) > 1
                name = f"{scenario.name}@{persona}" if several else scenario.name
                yield self.run(replace(scenario, name=name), persona)

    def run(self, scenario: Scenario, persona: str) -> ScenarioOutcome:
        """Run the client once. Raises NotStarted, Unwritable."""
        seen: list[Exchange] = []
        altered = scenario.make(persona)
        with contextlib.ExitStack() as stack:
            other = ""
            if scenario.elsewhere:
                other = stack.enter_context(self._server(scenario, altered, seen))
            url = stack.enter_context(self._server(scenario, altered, seen, other))
            ran = run(self._words(url), self._environment(url), self._seconds)
        outcome = self._judged(scenario, seen, ran)
        self.outcomes.append(outcome)
        return outcome

    def _judged(self, scenario: Scenario, seen: list[Exchange], ran: Ran) -> ScenarioOutcome:
        before = {key: finding.count for key, finding in self._ledger.findings.items()}
        for x in sorted(seen, key=lambda x: x.started or 0.0):
            if not GATE.keep_sent(x.request.headers, x.request.url):
                self._left_out += 1
                continue
            self._ledger.observe(replace(x, id=f"{scenario.name}:{x.id}", session=scenario.name))
        ending = Ending(ran.code, ran.seconds, scenario.disturbed, scenario.may_give_up)
        for rule, judgement in judge_ending(ending):
            self._ledger.record(f"{rule.name} ({scenario.name})", judgement)
        violated = {
            finding.requirement
            for key, finding in self._ledger.findings.items()
            if finding.count > before.get(key, 0)
        }
        must = {id_ for id_ in violated if self._catalogue[id_].level == "MUST"}
        return ScenarioOutcome(
            scenario.name,
            scenario.text,
            _word(ending, len(seen)),
            ending.words,
            round(ran.seconds, 2),
            len(seen),
            tuple(sorted(must)),
            tuple(sorted(violated - must)),
            self._keep(scenario, ran.output),
        )

    def _keep(self, scenario: Scenario, output: bytes) -> str:
        if self._folder is None:
            return ""
        name = f"{OUTPUT}/{scenario.name}.txt"
        with disk.telling(self._folder):
            (self._folder / OUTPUT).mkdir(exist_ok=True)
        disk.write(self._folder / name, GATE.content(output))
        return name

    @contextlib.contextmanager
    def _server(
        self, scenario: Scenario, altered: Alteration, seen: list[Exchange], leads_to: str = ""
    ) -> Iterator[str]:
        """A server of its own, watched; its base URL."""
        options = {"user": self._user, "password": self._password, **scenario.options}
        server = altered.server(**options)
        if leads_to:
            server.wrap(_leading_away(leads_to))
        elif scenario.layer:
            server.wrap(scenario.layer())
        with watching(server, altered.base, partial(_keep, seen)), server:
            yield altered.url(server)

    def _words(self, url: str) -> list[str]:
        parts = urlsplit(url)
        values = {"url": url, "user": self._user, "password": self._password}
        values |= {"host": str(parts.hostname), "port": str(parts.port)}
        return [_filled(word, values) for word in self._command]

    def _environment(self, url: str) -> Mapping[str, str]:
        return {
            "DELTACLOUD_URL": url,
            "DELTACLOUD_USER": self._user,
            "DELTACLOUD_PASSWORD": self._password,
            # as the original's own clients are told
            "API_URL": url,
            "API_USER": self._user,
            "API_PASSWORD": self._password,
        }

    def result(self) -> Result:
        """The result; a whole one if all scenarios of `everything` were run. Ends the transcript.

        Raises Unwritable.
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
            traffic=self._ledger.traffic,
            retries=tuple(self._ledger.retries),
            unjudged=(*self._ledger.unjudged.lines(), *left_out(self._left_out)),
            unwritten=tuple(self._ledger.unwritten),
            transcript=transcript.join(self._folder) if self._folder else None,
            run_id=f"{int(self._started.timestamp()):x}",
            proof=proof.read(self._folder, "client"),
            side="client",
        )


def _keep(seen: list[Exchange], x: Exchange) -> None:
    if len(seen) < _MOST_EXCHANGES:
        seen.append(x)


def _leading_away(url: str) -> Callable[[Wsgi], Wsgi]:
    return disturbances.leading_away(url.removesuffix("/api"))


def _filled(word: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        word = word.replace(f"{{{name}}}", value)
    return word


def _word(ending: Ending, requests: int) -> str:
    if ending.code is None:
        return "did not end"
    if not requests:
        return "sent nothing"
    if ending.code == 0:
        return "survived"
    return "gave up" if ending.may_give_up and ending.code > 0 else "failed"
