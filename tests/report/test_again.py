"""The printed commands show a finding again: at a server that has the fault, and at no right one.

A run over a socket finds a fault; its commands are run by a shell, against a fresh server with the
fault and against one without. The last answer is judged as the finding was: by the same rule, or by
the status that was wrong. The faults are some sixty of all areas that are found so; what a check
finds by comparing several answers is not judged from one (tck.report.again).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace

import pytest

from tck.checks.support import running
from tck.checks.support import session as sessions
from tck.checks.support.cases import MOCK_CREDENTIALS, Case, cases, run_case
from tck.checks.support.cloud import Cloud
from tck.checks.support.policy import RunPolicy
from tck.endpoint import files, raw
from tck.endpoint.exchange import Exchange
from tck.endpoint.limits import Limits
from tck.endpoint.redaction import Redactor
from tck.endpoint.sequence import needed_for
from tck.endpoint.transport import Transport
from tck.prove.faults import Fault, faults
from tck.reference_server.app import create_app
from tck.reference_server.serving import Server
from tck.report.again import shows
from tck.report.ledger import Finding, Ledger
from tck.rules import RULES
from tck.safety.journal import Journal
from tck.safety.waiting import Patience

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
FAULTS = [
    "address-without-actions",
    "release-in-use-500",
    "realms-open",
    "no-challenge-to-wrong-credentials",
    "force-auth-checks-user-only",
    "form-without-500",
    "blob-of-bucket-without-id",
    "reference-href-relative",
    "href-with-id-in-query",
    "unknown-id-empty-list",
    "xml-of-bytes-doubled",
    "action-root-renamed",
    "capacity-padded",
    "driver-header-declares-old",
    "matrix-of-paths-500",
    "json-no-links",
    "declared-collection-forbidden",
    "error-message-blank",
    "missing-parameter-500",
    "failures-200",
    "etag-in-apostrophes",
    "location-of-the-list",
    "source-of-unknown-type",
    "image-root-type-unknown",
    "image-not-destroyed",
    "json-instance-without-actions",
    "realm-of-instance-without-id",
    "login-without-keyname",
    "second-key-of-a-name",
    "launched-instance-of-another-owner",
    "unknown-realm-taken",
    "start-in-any-state",
    "action-on-nothing-405",
    "links-without-href",
    "attach-by-put",
    "create-instance-leads-to-image",
    "json-action-twice",
    "balancer-not-destroyed",
    "extremes-swapped",
    "xml-called-text",
    "type-with-charset-406",
    "type-case-matters",
    "subnet-without-network",
    "network-not-destroyed",
    "form-with-charset-unread",
    "unknown-parameters-refused",
    "create-subnet-204",
    "associate-204",
    "snapshot-without-volume",
    "volume-needs-capacity",
    "any-address-block",
    "content-length-nought",
    "associate-in-use-500",
    "scheme-case-matters",
    "unknown-id-400",
    "json-drivers-500",
    "collection-unknown",
    "head-not-found",
    "transition-without-to",
    "launch-refused",
    "run-fails",
    "listener-without-port",
    "format-ignored",
    "patch-taken-for-get",
]
MOST_CASES = 40


def likely(fault: Fault) -> list[Case]:
    """Cases that may find a fault: those that are about its requirements, first."""
    wanted = set(fault.violates)
    alone = [case for case in cases() if not (case.spec.two_accounts or case.spec.wire)]
    order = sorted(alone, key=lambda case: -len(wanted & set(case.spec.requirements)))
    return order[:MOST_CASES]


def found(fault: Fault) -> tuple[Finding, str]:
    """The first finding of what a fault violates, and the URL at which it was found."""
    running.configure_hypothesis(4, 6, 1, shrink=False)
    with fault.server() as server:
        url = fault.url(server)
        ledger = Ledger(redactor=Redactor([MOCK_CREDENTIALS.password]))
        transport = Transport(url, MOCK_CREDENTIALS, limits=Limits(seconds=2.0))
        transport.observers.append(ledger.observe)
        declared = sessions.discover(transport)
        policy = RunPolicy(Patience(0.5, first_pause=0.001), free=True)
        cloud = Cloud(transport, declared, Journal(), "p", policy)
        ledger.steps_to = lambda x: needed_for(x, cloud.trail)
        for case in likely(fault):
            if not running.reason_to_skip(case.spec, case.params, declared, read_only=False):
                run_case(case, cloud, ledger)
                cloud.cleaner.remove_all()
            for finding in ledger.findings.values():
                if finding.requirement in fault.violates:
                    transport.close()
                    return finding, url
    raise AssertionError(f"{fault.name} was not found")


def last_answer(finding: Finding, found_at: str, url: str) -> Exchange:
    """What comes last when the commands of a finding are run against another server."""
    there, here = ("/".join(place.split("/")[:3]) for place in (found_at, url))
    *before, last = finding.steps or [finding.curl]
    script = "\n".join([*before, "printf '\\1'", f"{last} --max-time 5"]).replace(there, here)
    environment = os.environ | {
        "DELTACLOUD_TCK_USER": MOCK_CREDENTIALS.user,
        "DELTACLOUD_TCK_PASSWORD": MOCK_CREDENTIALS.password,
        "NO_PROXY": "*",
    }
    ended = subprocess.run(
        ["sh", "-c", script], capture_output=True, env=environment, timeout=60, check=False
    )
    came = ended.stdout.rpartition(b"\1")[2]
    assert finding.exchange is not None
    sent = files.from_json(finding.exchange).request
    response, failure = raw.response(sent.method, raw.Side(came, len(came)))
    request = replace(sent, url=sent.url.replace(there, here))
    return Exchange("again", request, response, url, failure=failure)


@pytest.mark.parametrize("name", FAULTS)
def test_commands_show_a_finding_where_it_is_and_nowhere_else(name: str) -> None:
    fault = faults()[name]
    finding, found_at = found(fault)
    with fault.server() as wrong:
        there = last_answer(finding, found_at, fault.url(wrong))
    with Server(create_app(**{"driver": fault.persona, **fault.options})) as right:
        here = last_answer(finding, found_at, right.url)
    assert (shows(finding, there), shows(finding, here)) == (True, False), finding


def test_there_are_sixty_of_them_by_rules_and_by_checks() -> None:
    assert len(set(FAULTS)) >= 60
    by_rule = {id_ for rule in RULES.values() for id_ in rule.requirements}
    ruled = sum(bool(set(faults()[name].violates) & by_rule) for name in FAULTS)
    assert 20 < ruled < len(FAULTS)
