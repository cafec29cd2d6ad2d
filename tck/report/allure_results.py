"""Allure: what allure-pytest cannot see, the requirements that rules judged.

Checks are reported by allure-pytest itself; a requirement gets a result of its own here, so
that the Allure report shows every requirement with its findings.
"""

from __future__ import annotations

import uuid
from pathlib import Path

from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import Label, Parameter, StatusDetails, TestResult
from allure_commons.model2 import Status as AllureStatus
from allure_commons.types import LabelType
from allure_commons.utils import now

from tck.report.console import finding_lines
from tck.report.result import Outcome, Result, Status

_STATUS = {
    Status.PASS: AllureStatus.PASSED,
    Status.WARN: AllureStatus.PASSED,
    Status.FAIL: AllureStatus.FAILED,
    Status.KIT_ERROR: AllureStatus.BROKEN,
}


def write(result: Result, folder: Path) -> None:
    """One Allure result file a requirement."""
    logger = AllureFileLogger(str(folder))
    for outcome in result.outcomes:
        logger.report_result(_result(outcome))


def _result(outcome: Outcome) -> TestResult:
    requirement = outcome.requirement
    told = [line for finding in outcome.findings for line in finding_lines(finding)]
    message = outcome.reason or (outcome.findings[0].got if outcome.findings else "")
    severity = {"MUST": "critical", "SHOULD": "normal"}.get(requirement.level, "minor")
    moment = now()
    return TestResult(
        uuid=str(uuid.uuid4()),
        historyId=requirement.id,
        fullName=f"deltacloud-tck.{requirement.id}",
        name=f"{requirement.id} {requirement.text}",
        status=_STATUS.get(outcome.status, AllureStatus.SKIPPED),
        statusDetails=StatusDetails(message=message, trace="\n".join(told)),
        description="\n\n".join(filter(None, [requirement.text, requirement.note])),
        labels=[
            Label(LabelType.SUITE, "Requirements"),
            Label(LabelType.FEATURE, requirement.area),
            Label(LabelType.SEVERITY, severity),
            Label(LabelType.TAG, requirement.id),
        ],
        parameters=[Parameter("examined", str(outcome.examined))],
        start=moment,
        stop=moment,
    )
