"""Allure: what allure-pytest cannot see.

allure-pytest itself reports checks; `describe` adds to the check that just ran what it asked and
what it found. Every requirement gets a result of its own (`write`), so that the Allure report
shows it with all its findings, those of rules included.
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import allure_commons
import pytest
from allure_commons import hookimpl
from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import (
    Attachment,
    Label,
    Link,
    Parameter,
    StatusDetails,
    TestResult,
    TestResultContainer,
    TestStepResult,
)
from allure_commons.model2 import Status as AllureStatus
from allure_commons.types import LabelType, LinkType
from allure_commons.utils import now

from tck.endpoint import disk
from tck.endpoint.disk import PUBLIC, Unwritable
from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import Redactor
from tck.report import evidence
from tck.report.kept import kept_text
from tck.report.ledger import Finding
from tck.report.result import Outcome, Result, Status
from tck.report.wording import STATUSES, finding_lines, place_of, visible
from tck.requirements import Requirement

Redact = Callable[[Any], Any]  # takes a result and redacts it in place
_STATUS = {
    Status.PASS: AllureStatus.PASSED,
    Status.WARN: AllureStatus.PASSED,
    Status.FAIL: AllureStatus.FAILED,
    Status.KIT_ERROR: AllureStatus.BROKEN,
}
_SEVERITY = {"MUST": "critical", "SHOULD": "normal", "MAY": "minor"}
# Messages begin with these words: categories tell statuses apart by them, as Allure has fewer.
_PREFIXES = STATUSES | {Status.PASS: "", Status.WARN: "recommendation not followed"}
# Statuses that Allure has, too: the category takes all that failed or broke, checks included.
_ALONE = (Status.FAIL, Status.KIT_ERROR)
# Requests of a check that are shown, and characters of each.
_MOST_STEPS, _LONGEST_STEP = 100, 300


# ---------------------------------------------------------------- files


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Files that are written inside are private. Raises Unwritable for an OSError."""
    before = os.umask(0o077)
    try:
        with disk.telling(folder):
            yield
    except Unwritable:
        for left in folder.glob("*.tmp"):  # allure's names for what is not finished
            left.unlink(missing_ok=True)
        raise
    finally:
        os.umask(before)


class Guard:
    """Around what allure-pytest writes: private, redacted files, and a full disk ends no check."""

    def __init__(self, folder: Path, unwritten: list[str], redact: Redact) -> None:
        """`unwritten`: where to say, once, what could not be written."""
        self._folder = folder
        self._redact = redact
        self._unwritten = unwritten

    def _guarded(self) -> Generator[None, None, None]:
        try:
            with _writing(self._folder):
                yield
        except Unwritable as error:
            if str(error) not in self._unwritten:
                self._unwritten.append(str(error))

    @hookimpl(wrapper=True)
    def report_result(self, result: TestResult) -> Generator[None, None, None]:
        """The result of a check is written."""
        self._redact(result)
        return (yield from self._guarded())

    @hookimpl(wrapper=True)
    def report_container(self, container: TestResultContainer) -> Generator[None, None, None]:
        """What was set up for checks is written."""
        self._redact(container)
        return (yield from self._guarded())

    @hookimpl(wrapper=True)
    def report_attached_file(self) -> Generator[None, None, None]:
        """An attachment is copied."""
        return (yield from self._guarded())

    @hookimpl(wrapper=True)
    def report_attached_data(self) -> Generator[None, None, None]:
        """An attachment is written."""
        return (yield from self._guarded())


def guard(config: pytest.Config, folder: Path, unwritten: list[str], redact: Redact) -> None:
    """Put a guard around what allure-pytest writes in this session."""
    plugin = Guard(folder, unwritten, redact)
    allure_commons.plugin_manager.register(plugin)
    config.add_cleanup(lambda: allure_commons.plugin_manager.unregister(plugin))


# ---------------------------------------------------------------- checks


def describe(
    requirements: Sequence[Requirement],
    trail: Iterable[Exchange],
    findings: Iterable[Finding],
    redactor: Redactor,
) -> None:
    """Add to the Allure result of the check that just ran: what it judges, asked and found.

    `trail`: its requests, of which the first hundred are shown. Links are of type
    `tms`; `--allure-link-pattern` makes URLs of them.
    """
    import allure  # noqa: PLC0415  (slow; only with --alluredir)

    allure.dynamic.severity(severity(requirements))
    for requirement in requirements:
        allure.dynamic.tag(requirement.id)
        allure.dynamic.testcase(requirement.id, requirement.id)
    allure.dynamic.feature(*dict.fromkeys(requirement.area for requirement in requirements))
    asked = [f"{x.method} {x.request.path}: {x.status or x.failure}" for x in trail]
    more = [f"{len(asked) - _MOST_STEPS} more requests"] if len(asked) > _MOST_STEPS else []
    for line in (*asked[:_MOST_STEPS], *more):
        with allure.step(visible(kept_text(line, redactor, _LONGEST_STEP))):
            pass
    for finding in findings:
        allure.attach(
            evidence_text(finding), f"{finding.requirement}: exchange", "text/plain", "txt"
        )


def severity(requirements: Iterable[Requirement]) -> str:
    """Allure's severity of the strictest of some requirements."""
    levels = {requirement.level for requirement in requirements}
    return next(word for level, word in _SEVERITY.items() if level in levels)


def evidence_text(finding: Finding) -> str:
    """A finding as text: its exchange, or what it says if it has none."""
    if finding.exchange is None:
        return "\n".join(finding_lines(finding))
    return f"{evidence.sent(finding.exchange)}\n\n{evidence.received_text(finding)}\n"


# ---------------------------------------------------------------- requirements


def write(result: Result, folder: Path, redact: Redact) -> None:
    """Write an Allure result for each requirement, and the categories of failures.

    Raises Unwritable.
    """
    with _writing(folder):
        logger = AllureFileLogger(str(folder))
        for outcome in result.outcomes:
            logger.report_result(redact(_result(outcome, logger)))
    content = json.dumps(_categories(), indent=1)
    disk.write(folder / "categories.json", content.encode(), PUBLIC)


def _categories() -> list[dict[str, object]]:
    return [
        {
            "name": prefix.capitalize(),
            "matchedStatuses": [_STATUS.get(status, AllureStatus.SKIPPED)],
            "messageRegex": f"(?s){prefix}.*" if status not in _ALONE else "(?s).*",
        }
        for status, prefix in _PREFIXES.items()
        if prefix
    ]


def _result(outcome: Outcome, logger: AllureFileLogger) -> TestResult:
    requirement, moment = outcome.requirement, now()
    trace = [line for finding in outcome.findings for line in finding_lines(finding)]
    about = outcome.reason or "; ".join(finding.got for finding in outcome.findings[:1])
    return TestResult(
        uuid=str(uuid.uuid4()),
        historyId=requirement.id,
        fullName=f"deltacloud-tck.{requirement.id}",
        name=f"{requirement.id} {requirement.text}",
        status=_STATUS.get(outcome.status, AllureStatus.SKIPPED),
        statusDetails=StatusDetails(
            message=": ".join(filter(None, [_PREFIXES[outcome.status], visible(about)])),
            trace="\n".join(trace),
            known=outcome.status is Status.EXCLUDED,
        ),
        description="\n\n".join(filter(None, [requirement.text, requirement.note])),
        steps=[_step(outcome.status, finding, logger) for finding in outcome.findings],
        labels=[
            Label(LabelType.SUITE, "Requirements"),
            Label(LabelType.FEATURE, requirement.area),
            Label(LabelType.SEVERITY, severity([requirement])),
            Label(LabelType.TAG, requirement.id),
        ],
        links=[
            Link(LinkType.LINK, f"https://www.rfc-editor.org/{where}", source)
            for source in requirement.sources
            if (where := _rfc(source))
        ],
        parameters=[Parameter("examined", str(outcome.examined))],
        start=moment,
        stop=moment,
    )


def _rfc(source: str) -> str:
    """`rfc/rfc9110#section-15.3.2` for `RFC9110-15.3.2`; empty for other sources."""
    rfc, _, section = source.partition("-")
    if not rfc.startswith("RFC"):
        return ""
    return f"rfc/{rfc.lower()}" + (f"#section-{section}" if section else "")


def _step(status: Status, finding: Finding, logger: AllureFileLogger) -> TestStepResult:
    """A finding as a step: where it is, with the exchange attached."""
    name, moment = f"{uuid.uuid4()}-attachment.txt", now()
    logger.report_attached_data(evidence_text(finding), name)
    return TestStepResult(
        name=visible(f"{finding.by}: {place_of(finding)}"),
        status=_STATUS.get(status, AllureStatus.SKIPPED),
        attachments=[Attachment("exchange", name, "text/plain")],
        start=moment,
        stop=moment,
    )
