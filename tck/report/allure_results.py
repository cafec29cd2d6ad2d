"""Allure: what allure-pytest cannot see.

Checks are reported by allure-pytest itself; `describe` adds to the one that just ran what it
asked and what it found. A requirement gets a result of its own (`write`), so that the Allure
report shows every requirement with its findings, those of rules included.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import (
    Attachment,
    Label,
    Link,
    Parameter,
    StatusDetails,
    TestResult,
    TestStepResult,
)
from allure_commons.model2 import Status as AllureStatus
from allure_commons.types import LabelType, LinkType
from allure_commons.utils import now

from tck.endpoint.exchange import Exchange
from tck.report import evidence
from tck.report.console import finding_lines, visible
from tck.report.ledger import Finding
from tck.report.result import Outcome, Result, Status
from tck.requirements import Requirement

_STATUS = {
    Status.PASS: AllureStatus.PASSED,
    Status.WARN: AllureStatus.PASSED,
    Status.FAIL: AllureStatus.FAILED,
    Status.KIT_ERROR: AllureStatus.BROKEN,
}
_SEVERITY = {"MUST": "critical", "SHOULD": "normal", "MAY": "minor"}
# What messages begin with, so that categories can tell apart what Allure has one status for.
_SAID = {
    Status.FAIL: "violated",
    Status.WARN: "recommendation not followed",
    Status.KIT_ERROR: "error of the kit",
    Status.INCONCLUSIVE: "not examined",
    Status.NOT_APPLICABLE: "not applicable",
    Status.EXCLUDED: "accepted deviation",
}
# Statuses that Allure has, too: whatever it says failed was violated, checks included.
_ALONE = (Status.FAIL, Status.KIT_ERROR)


# ---------------------------------------------------------------- checks


def describe(
    requirements: Sequence[Requirement], trail: Iterable[Exchange], findings: Iterable[Finding]
) -> None:
    """Tell Allure of the check that just ran: what it judges, asked and found.

    `trail` must be redacted. Links are of type `tms`; `--allure-link-pattern` makes URLs of them.
    """
    import allure  # noqa: PLC0415  (only if it is wanted)

    allure.dynamic.severity(severity(requirements))
    for requirement in requirements:
        allure.dynamic.tag(requirement.id)
        allure.dynamic.testcase(requirement.id, requirement.id)
    allure.dynamic.feature(*dict.fromkeys(requirement.area for requirement in requirements))
    for x in trail:
        with allure.step(visible(f"{x.method} {x.request.path}: {x.status or x.failure}")):
            pass
    for finding in findings:
        allure.attach(shown(finding), f"{finding.requirement}: exchange", "text/plain", "txt")


def severity(requirements: Iterable[Requirement]) -> str:
    """The gravest of some requirements in Allure's words."""
    levels = {requirement.level for requirement in requirements}
    return next(word for level, word in _SEVERITY.items() if level in levels)


def shown(finding: Finding) -> str:
    """What shows a finding: its exchange, if there is one."""
    if finding.exchange is None:
        return "\n".join(finding_lines(finding))
    return f"{evidence.sent(finding.exchange)}\n\n{evidence.received_text(finding)}\n"


# ---------------------------------------------------------------- requirements


def write(result: Result, folder: Path) -> None:
    """One Allure result a requirement, and the categories into which failures fall."""
    logger = AllureFileLogger(str(folder))
    for outcome in result.outcomes:
        logger.report_result(_result(outcome, logger))
    (folder / "categories.json").write_text(json.dumps(_categories(), indent=1), "utf-8")


def _categories() -> list[dict[str, object]]:
    return [
        {
            "name": said.capitalize(),
            "matchedStatuses": [_STATUS.get(status, AllureStatus.SKIPPED)],
            "messageRegex": f"(?s){said}.*" if status not in _ALONE else "(?s).*",
        }
        for status, said in _SAID.items()
    ]


def _result(outcome: Outcome, logger: AllureFileLogger) -> TestResult:
    requirement, moment = outcome.requirement, now()
    told = [line for finding in outcome.findings for line in finding_lines(finding)]
    about = outcome.reason or "; ".join(finding.got for finding in outcome.findings[:1])
    said = _SAID.get(outcome.status, "")
    return TestResult(
        uuid=str(uuid.uuid4()),
        historyId=requirement.id,
        fullName=f"deltacloud-tck.{requirement.id}",
        name=f"{requirement.id} {requirement.text}",
        status=_STATUS.get(outcome.status, AllureStatus.SKIPPED),
        statusDetails=StatusDetails(
            message=": ".join(filter(None, [said, visible(about)])),
            trace="\n".join(told),
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
    """`rfc/rfc9110#section-15.3.2` of `RFC9110-15.3.2`; empty for other sources."""
    rfc, _, section = source.partition("-")
    if not rfc.startswith("RFC"):
        return ""
    return f"rfc/{rfc.lower()}" + (f"#section-{section}" if section else "")


def _step(status: Status, finding: Finding, logger: AllureFileLogger) -> TestStepResult:
    """A finding: where, and the exchange that shows it."""
    name, moment = f"{uuid.uuid4()}-attachment.txt", now()
    logger.report_attached_data(shown(finding), name)
    return TestStepResult(
        name=visible(f"{finding.by}: {finding.place or 'the answer'}"),
        status=_STATUS.get(status, AllureStatus.SKIPPED),
        attachments=[Attachment("exchange", name, "text/plain")],
        start=moment,
        stop=moment,
    )
