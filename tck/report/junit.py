"""junit.xml: a suite for each area, a test case for each requirement with id and sources."""

from __future__ import annotations

from lxml import etree

from tck.report.result import Outcome, Result, Status
from tck.report.wording import finding_lines

_SKIPPED = (Status.INCONCLUSIVE, Status.NOT_APPLICABLE, Status.EXCLUDED)


def tree(result: Result) -> etree._Element:
    """The document, not yet written."""
    root = etree.Element("testsuites", name="deltacloud-tck", time=f"{result.seconds:.3f}")
    for area in result.by_area():
        outcomes = [o for o in result.outcomes if o.requirement.area == area]
        suite = etree.SubElement(
            root,
            "testsuite",
            name=area,
            tests=str(len(outcomes)),
            failures=str(sum(o.status is Status.FAIL for o in outcomes)),
            errors=str(sum(o.status is Status.KIT_ERROR for o in outcomes)),
            skipped=str(sum(o.status in _SKIPPED for o in outcomes)),
            timestamp=result.started.isoformat(timespec="seconds"),
        )
        for outcome in outcomes:
            suite.append(_case(outcome))
    if result.scenarios:
        root.append(_scenarios(result))
    return root


def _scenarios(result: Result) -> etree._Element:
    bad = [one for one in result.scenarios if not one.is_good]
    unmet = [one for one in result.scenarios if one.is_good and one.reason]
    tests, failures, skipped = (str(len(some)) for some in (result.scenarios, bad, unmet))
    suite = etree.Element(
        "testsuite", name="Scenarios", tests=tests, failures=failures, errors="0", skipped=skipped
    )
    for one in result.scenarios:
        name = _legal(f"{one.name}: {one.text}")
        case = etree.SubElement(suite, "testcase", classname="Scenarios", name=name)
        case.set("time", f"{one.seconds:.3f}")
        if not one.is_good:
            message = f"{one.outcome}: {one.ended}; violated: {', '.join(one.failed) or 'nothing'}"
            etree.SubElement(case, "failure", message=message, type=one.outcome)
        elif one.reason:
            etree.SubElement(case, "skipped", message=one.reason)
    return suite


def _case(outcome: Outcome) -> etree._Element:
    requirement = outcome.requirement
    name = f"{requirement.id} {requirement.text}"
    case = etree.Element("testcase", classname=requirement.area, name=name)
    properties = etree.SubElement(case, "properties")
    values = {
        "requirement": requirement.id,
        "level": requirement.level,
        "status": str(outcome.status),
        "examined": str(outcome.examined),
        "sources": ", ".join(requirement.sources),
    }
    for key, value in values.items():
        etree.SubElement(properties, "property", name=key, value=value)
    findings = "\n".join(line for finding in outcome.findings for line in finding_lines(finding))
    if outcome.status is Status.FAIL:
        failure = etree.SubElement(case, "failure", message=requirement.text, type=requirement.id)
        failure.text = _legal(findings)
    elif outcome.status is Status.KIT_ERROR:
        etree.SubElement(case, "error", message=_legal(outcome.reason), type="kit-error")
    elif outcome.status in _SKIPPED:
        etree.SubElement(case, "skipped", message=_legal(outcome.reason or str(outcome.status)))
    elif findings:
        etree.SubElement(case, "system-out").text = _legal(findings)
    return case


def _legal(text: str) -> str:
    """Text in which U+FFFD stands for every character that XML 1.0 cannot hold."""
    return "".join(
        c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in text
    )


def content(result: Result) -> bytes:
    """What junit.xml holds."""
    return etree.tostring(tree(result), encoding="utf-8", xml_declaration=True, pretty_print=True)
