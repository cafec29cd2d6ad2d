"""Whether an answer shows a finding again that another answer showed."""

from __future__ import annotations

from tck.endpoint.exchange import Exchange
from tck.report.ledger import Finding
from tck.rules import RULES, judge


def shows(finding: Finding, x: Exchange) -> bool | None:
    """Whether the answer to the request of a finding, sent again, shows it; None if x cannot say.

    A rule judges the new answer as it judged the other. What a check found rests on more than one
    answer; of these, the last can only say whether its status is the wrong one again.
    """
    if finding.by in RULES:
        return any(
            rule.name == finding.by and judgement.requirement == finding.requirement
            for rule, judgement in judge(x)
            if not judgement.ok
        )
    if finding.place != "status" or finding.exchange is None:
        return None
    return bool(x.status == (finding.exchange["response"]["status"] or 0))
