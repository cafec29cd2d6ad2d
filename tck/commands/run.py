"""`deltacloud-tck run`: judge an endpoint, with documented exit codes."""

from __future__ import annotations

import argparse
import importlib.util
import os
from pathlib import Path

import pytest

from tck.checks.support import session
from tck.checks.support.session import PROFILES, BadEndpoint, Options
from tck.commands.exits import UsageError
from tck.reference_server.drivers import shape
from tck.report import deviations
from tck.report.deviations import BadDeviations

NAME = "run"
HELP = "Judge an endpoint, or the embedded reference server."
EXAMPLES = """\
examples:
  deltacloud-tck run                                        the embedded reference server
  deltacloud-tck run --endpoint http://host:3001/api        credentials from the environment
  deltacloud-tck run --endpoint URL --read-only             nothing is created
  deltacloud-tck run --persona ec2 --profile smoke          the shape of another driver
  deltacloud-tck run -k "keys and not import" -v            some checks, with their reasons

DELTACLOUD_TCK_USER and DELTACLOUD_TCK_PASSWORD hold the credentials.
Exit codes: 0 conformant, 1 not conformant, 2 usage, 3 nothing or too little examined,
4 error of the kit, 5 resources left behind.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add = parser.add_argument
    add("--endpoint", metavar="URL", help="endpoint to judge (default: the embedded server)")
    add("--persona", metavar="NAME", help="shape of the embedded server (default mock)")
    add("--driver", metavar="D", help="driver to select")
    add("--provider", metavar="P", help="provider to select")
    add("--user", metavar="U", help="user (default DELTACLOUD_TCK_USER)")
    add("--password", metavar="P", help="password, for the mock only: it shows in ps")
    add("--profile", choices=PROFILES, default="standard", help="how many generated examples")
    add("--read-only", action="store_true", help="send no request that changes anything")
    add("--report-dir", type=Path, default=Path("reports"), metavar="DIR", help="default reports")
    add("--deviations", type=Path, metavar="FILE", help="accepted deviations (YAML)")
    add("--endpoint-timeout", metavar="SECONDS", help="longest time for one answer (default 60)")
    add("--seed", metavar="N", help="seed of the generators, as printed by another run")
    add("--alluredir", metavar="DIR", help="write Allure results, too")
    add("-k", dest="keyword", metavar="EXPRESSION", help="only checks that match (pytest -k)")
    add("-n", dest="workers", metavar="N", help="processes (pytest-xdist)")
    add("-v", "--verbose", action="store_true", help="list checks and what was not examined")


def run(options: argparse.Namespace) -> int:
    """Run the checks through pytest; the exit code."""
    if options.endpoint and options.persona:
        raise UsageError("--persona is for the embedded server; it cannot go with --endpoint")
    _preflight(options)
    return int(pytest.main(_pytest_arguments(options)))


def _preflight(options: argparse.Namespace) -> None:
    """Find out about bad input before pytest begins to talk."""
    try:
        if options.deviations:
            deviations.load(options.deviations)
        if options.persona and options.persona not in shape.names():
            known = ", ".join(shape.names())
            raise UsageError(f"there is no persona {options.persona}; there are: {known}")
        if options.endpoint:
            _contact(options)
    except BadDeviations as error:
        raise UsageError(str(error)) from error
    except BadEndpoint as error:
        raise UsageError(str(error), error.code) from error


def _contact(options: argparse.Namespace) -> None:
    base = session.checked_url(options.endpoint)
    user, password = session.credentials(base, options.user, options.password)
    # a password that was typed must not be asked for again
    os.environ |= {"DELTACLOUD_TCK_PASSWORD": password} if password else {}
    options.password = None
    wanted = Options(driver=options.driver, provider=options.provider, user=user, password=password)
    transport = session.connect(wanted, base, "preflight")
    try:
        session.discover(transport)
    finally:
        transport.close()


def _pytest_arguments(options: argparse.Namespace) -> list[str]:
    spec = importlib.util.find_spec("tck.checks")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    found = [spec.submodule_search_locations[0], "-p", "no:cacheprovider", "--no-header"]
    found += ["-v"] if options.verbose else ["-q", "--no-summary", "-r", "N"]
    for name in ("endpoint", "persona", "driver", "provider", "user", "password", "profile"):
        if value := getattr(options, name):
            found.append(f"--{name}={value}")
    for name in ("report_dir", "deviations", "endpoint_timeout", "alluredir"):
        if value := getattr(options, name):
            found.append(f"--{name.replace('_', '-')}={value}")
    if options.read_only:
        found.append("--read-only")
    if options.seed:
        found.append(f"--hypothesis-seed={options.seed}")
    if options.keyword:
        found += ["-k", options.keyword]
    if options.workers:
        found += ["-n", options.workers]
    return found
