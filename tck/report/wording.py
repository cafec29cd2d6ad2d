"""The words of every report: statuses, findings in one line or in full, text safe to print.

The console, Markdown, JUnit, Allure and HTML forms say the same thing in the same words.
docs/glossary.md has the same definitions; a test compares them.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from tck.endpoint import authorization
from tck.report.ledger import Finding
from tck.report.result import Status

# A status in words; colour alone must not tell statuses apart.
STATUSES = {
    Status.PASS: "met",
    Status.FAIL: "violated",
    Status.WARN: "not followed",
    Status.INCONCLUSIVE: "not examined",
    Status.NOT_APPLICABLE: "not applicable",
    Status.EXCLUDED: "accepted deviation",
    Status.KIT_ERROR: "error of the kit",
}
MEANINGS = {
    Status.PASS: "it was examined, and every judgement was right",
    Status.FAIL: "a MUST was violated",
    Status.WARN: "a SHOULD or MAY was violated; conformance does not depend on it",
    Status.INCONCLUSIVE: "it applies, but nothing in this run showed whether it is met",
    Status.NOT_APPLICABLE: "it is about something that the endpoint does not declare or does not "
    "have",
    Status.EXCLUDED: "it was violated, but only where an accepted deviation says so",
    Status.KIT_ERROR: "the kit itself failed while examining it",
}
# Before each line of what of others is gone or changed: it is told, and blames nobody.
OTHERS = "While the run went on, by no request of it"
# Before each line of what nobody looked at: beyond a limit (docs/limits.md), or not recorded.
UNJUDGED = "Not judged"
_MOST_UNJUDGED = 10
COVERAGE = {  # kinds of points (tck.report.coverage)
    "answers": "operations that succeeded, by format",
    "refusals": "refusals, by operation and status",
    "parameters": "parameters of operations that succeeded",
    "xml": "elements, attributes and values in XML",
    "json": "properties in JSON",
}
TERMS = {
    "requirement": "one thing that an endpoint must (MUST) or should (SHOULD) do",
    "exchange": "one request and the response to it, with times",
    "rule": "a function that judges one exchange by itself",
    "check": "a test that sends requests and judges what one exchange cannot show",
    "examined": "how many judgements a requirement got",
    "finding": "a violated requirement with its evidence",
    "cause": "findings that appear to come from one mistake of the endpoint",
    "level": "a part of the API that can be certified",
}
_MOST_BODY = 700  # characters of a body
# Also what separates lines or turns their direction, and halves of surrogate pairs.
_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def visible(text: str) -> str:
    """Text without control characters: what an endpoint says must not steer a terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.expandtabs(2))


def unjudged_lines(lines: Sequence[str]) -> Iterator[str]:
    """The first lines of `Result.unjudged`, and how many more there are."""
    yield from (f"{UNJUDGED}: {line}" for line in lines[:_MOST_UNJUDGED])
    if more := lines[_MOST_UNJUDGED:]:
        yield f"{UNJUDGED}: {len(more)} more, in results.json"


def place_of(finding: Finding) -> str:
    """Where a finding is: its place, or the whole answer."""
    return finding.place or "the answer"


def in_one_line(finding: Finding) -> str:
    """`/keys/key: expected ..., got ...`; may hold control characters."""
    return f"{place_of(finding)}: expected {finding.expected}, got {finding.got}"


def finding_lines(finding: Finding) -> Iterator[str]:
    """One finding in full, so that it stands alone: place, expected, got, sent, came, curl."""
    return map(visible, _finding(finding))


def _finding(finding: Finding) -> Iterator[str]:
    yield f"  at        {place_of(finding)}   ({finding.by})"
    yield from indented(finding.expected, "  expected  ")
    yield from indented(finding.got, "  got       ")
    if exchange := finding.exchange:
        response = exchange["response"]
        yield f"  sent      {_sent(exchange['request'])}"
        yield f"  came      {_came(response)}"
        body = response.get("body")
        if body and finding.place != "status" and "body_encoding" not in response:
            cut = body if len(body) <= _MOST_BODY else body[:_MOST_BODY] + " […]"
            yield from indented(cut.strip(), "            ", wrap=False)
        if "body_omitted" in response:
            yield f"            [{response['body_omitted']}]"
    if finding.steps:
        yield "  again     (a short sequence that leads there)"
        for step in finding.steps:
            yield f"            {step}"
    elif finding.curl:
        yield f"  again     {finding.curl}"
    if len(finding.exchanges) > 1 or finding.count > 1:
        ids = ", ".join(finding.exchanges[:6])
        more = f" … ({finding.count} times)" if finding.count > len(finding.exchanges[:6]) else ""
        yield f"  in        {ids}{more}"


def _sent(request: dict[str, Any]) -> str:
    """`POST /api/keys  Accept: application/xml  body "name=k1"`."""
    accept = next((v for k, v in request["headers"].items() if k.lower() == "accept"), None)
    parts = [f"{request['method']} {request['path']}"]
    if accept is not None:
        parts.append(f"Accept: {accept}")
    if authorization.OTHER in request.get("authorization", ""):
        parts.append("as the other user")
    if "malformed" in request:
        parts.append(request["malformed"])
    if request.get("body"):
        parts.append(f"body {json.dumps(request['body'][:120])}")
    return "  ".join(parts)


def _came(response: dict[str, Any]) -> str:
    """`201 Created  Content-Type: application/xml`."""
    if response["status"] is None:
        return str(response.get("failure") or "no response")
    shown = ("content-type", "location", "etag", "allow", "www-authenticate")
    fields = [f"{k}: {v}" for k, v in response["headers"].items() if k.lower() in shown]
    return "  ".join([f"{response['status']} {response['reason'] or ''}".strip(), *fields])


def indented(text: str, first: str, wrap: bool = True) -> Iterator[str]:
    """Lines of a text: `first` before the first one, as many spaces before the others."""
    rest = " " * len(first)
    lines = text.splitlines() or [""]
    if wrap:
        lines = [part for line in lines for part in textwrap.wrap(line, 100) or [""]]
    for number, line in enumerate(lines):
        yield visible((first if number == 0 else rest) + line)
