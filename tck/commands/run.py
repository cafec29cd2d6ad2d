"""`deltacloud-tck run`: judge an endpoint, with documented exit codes."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest

from tck.checks.support import session as sessions
from tck.checks.support.cases import CHECKS
from tck.checks.support.private import keyword_error
from tck.checks.support.session import BadEndpoint, BrokenEntryPoint, Options
from tck.commands.exits import CONFORMANT, KIT_ERROR, TOO_LITTLE, USAGE, UsageError
from tck.endpoint import disk
from tck.reference_server.drivers import registry
from tck.report import FILES, deviations
from tck.report.deviations import BadDeviations
from tck.run import target
from tck.run.options import OPTIONS, Skipped, build, own_flag

NAME = "run"
HELP = "Judge an endpoint, or the embedded reference server."
EXAMPLES = """\
examples:
  deltacloud-tck run                                        the embedded reference server
  deltacloud-tck run --endpoint http://host:3001/api        credentials from the environment
  deltacloud-tck run --endpoint URL --other-user you        also that accounts are kept apart
  deltacloud-tck run --endpoint URL --wire                  also what malformed requests do
  deltacloud-tck run --endpoint URL --read-only             nothing is created
  deltacloud-tck run --cloud nightly --dry-run              what would be created, and the cost
  deltacloud-tck run --cloud nightly --max-live 2           a cloud of clouds.toml (docs/clouds.md)
  deltacloud-tck run --persona ec2 --profile smoke          the shape of another driver
  deltacloud-tck run -k "keys and not import" -v            some checks, with their reasons

DELTACLOUD_TCK_USER and DELTACLOUD_TCK_PASSWORD hold the credentials, DELTACLOUD_TCK_OTHER_PASSWORD
the password of --other-user, which must be of another account than the first user.
Exit codes: 0 conformant, 1 not conformant, 2 usage, 3 nothing or too little examined,
4 error of the kit, 5 resources left behind, 130 interrupted, 143 ended by SIGTERM.
"""


_MOST_WORKERS = 256


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add = parser.add_argument
    for flag, settings in OPTIONS.items():
        add(flag, **settings)
    parser.set_defaults(report_dir=Path("reports"))
    add("--dry-run", action="store_true", help="print what would be created, and what it costs")
    add("--seed", type=int, metavar="N", help="seed of the generators, as printed by another run")
    add("--alluredir", metavar="DIR", help="also write Allure results")
    add("-k", dest="keyword", metavar="EXPRESSION", help="only checks that match (pytest -k)")
    add("-n", dest="workers", type=_workers, metavar="N", help="processes: a number, or auto")
    add("-v", "--verbose", action="store_true", help="list checks, and what was not examined")


def _workers(text: str) -> str:
    is_number = text.isascii() and text.isdigit() and len(text) < 4
    if text != "auto" and not (is_number and int(text) <= _MOST_WORKERS):
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a number up to {_MOST_WORKERS} nor auto"
        )
    return text


class _Session:
    """A pytest plugin that keeps the session's status before `tck.plugin` changes it."""

    status: int | None = None
    broken = False

    def pytest_internalerror(self) -> None:
        """Pytest, or a plugin in it, failed."""
        self.broken = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """The session is over."""
        self.status = int(exitstatus)


def run(options: argparse.Namespace) -> int:
    """Run the checks through pytest; the exit code. Raises UsageError."""
    if (options.endpoint or options.cloud) and options.persona:
        raise UsageError("--persona is for the embedded mock; it cannot go with an endpoint")
    try:
        run_options = _preflight(options)
    except Skipped as skipped:
        print(skipped)
        return CONFORMANT
    if options.dry_run:
        return _rehearse(run_options, options.keyword or "")
    session = _Session()
    code = int(pytest.main(_pytest_arguments(options, run_options.quick), plugins=[session]))
    if session.broken:
        return KIT_ERROR
    if session.status in (None, pytest.ExitCode.USAGE_ERROR):
        return USAGE
    if session.status == pytest.ExitCode.NO_TESTS_COLLECTED:
        raise UsageError(f"no check matches -k {options.keyword!r}", TOO_LITTLE)
    return code


def _preflight(options: argparse.Namespace) -> Options:
    """Find out about bad input before pytest prints anything.

    Raises UsageError, Unwritable, Skipped.
    """
    if options.keyword and (problem := keyword_error(options.keyword)):
        raise UsageError(f"-k {options.keyword}: {problem}")
    try:
        disk.prepare(options.report_dir, FILES)
        if options.alluredir:
            disk.prepare(Path(options.alluredir), ["categories.json"])
        if options.deviations:
            deviations.load(options.deviations)
        if options.persona and options.persona not in registry.personas():
            personas = ", ".join(registry.personas())
            raise UsageError(f"there is no persona {options.persona}; there are: {personas}")
        run_options = build(vars(options).__getitem__)
        # the plugin must not ask again for a password that was typed
        if run_options.password and not run_options.cloud:
            os.environ["DELTACLOUD_TCK_PASSWORD"] = run_options.password
            options.password = None
        if run_options.other and run_options.outlives_run and not run_options.cloud:
            os.environ["DELTACLOUD_TCK_OTHER_PASSWORD"] = run_options.other.password
        if run_options.endpoint:
            _discover(run_options, run_options.endpoint)
    except BrokenEntryPoint:
        options.workers = None  # there is one answer to judge, and a report of it to write
    except BadDeviations as error:
        raise UsageError(str(error)) from error
    except BadEndpoint as error:
        raise UsageError(str(error), error.code) from error
    return run_options


def _discover(options: Options, endpoint: str) -> None:
    """See that the endpoint can be judged. Raises BadEndpoint."""
    for other in (False, True)[: 2 if options.other else 1]:
        transport = sessions.connect(options, endpoint, "preflight", other=other)
        try:
            sessions.discover(transport)
        finally:
            transport.close()


def _rehearse(options: Options, keyword: str) -> int:
    """Print what a run would do; nothing is created. Raises UsageError."""
    # only a plan loads the mock and all checks here
    from tck.run import rehearsal  # noqa: PLC0415

    try:
        with target.open_target(options) as (base, reachable):
            transport = sessions.connect(reachable, base, "plan")
            try:
                declared, pace = sessions.discover(transport), rehearsal.pace(transport)
            finally:
                transport.close()
    except BadEndpoint as error:
        raise UsageError(str(error), error.code) from error
    print("\n".join(rehearsal.plan(options, declared, pace, keyword).lines()))
    return CONFORMANT


def _pytest_arguments(options: argparse.Namespace, quick: bool) -> list[str]:
    arguments = [str(CHECKS), "-p", "no:cacheprovider", "--no-header"]
    # checks need no temporary folders, but xdist would make one for each process
    arguments += ["-p", "no:tmpdir"]
    # checks neither assert nor warn: preparing for that takes time
    arguments += ["--assert=plain", "-p", "no:warnings"]
    # as does a full garbage collection, five times at the end
    arguments += ["-p", "no:unraisableexception", "-p", "no:threadexception"]
    arguments += ["-v"] if options.verbose else ["-q", "--no-summary", "-r", "N"]
    for flag in OPTIONS:
        value, name = getattr(options, flag[2:].replace("-", "_")), own_flag(flag)
        if value is True:
            arguments.append(name)
        elif isinstance(value, list):
            arguments += [f"{name}={each}" for each in value]
        elif value not in (None, False):
            arguments.append(f"{name}={value}")
    if options.alluredir:
        arguments.append(f"--alluredir={options.alluredir}")
    else:
        arguments += ["-p", "no:allure_pytest"]
    if options.seed is not None:
        arguments.append(f"--hypothesis-seed={options.seed}")
    if options.keyword:
        arguments += ["-k", options.keyword]
    if options.workers and not quick:  # a quick run ends before workers have started
        arguments += ["-n", options.workers]
    return arguments
