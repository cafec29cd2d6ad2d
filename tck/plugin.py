"""The pytest door: `pytest --endpoint URL` judges an endpoint, without it the embedded server.

The plugin is loaded into every pytest of an environment that has the kit; it does nothing
unless checks of the kit are collected.
"""

from __future__ import annotations

import contextlib
import inspect
import random
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tck.checks.support import attempts, private, running
from tck.checks.support.cases import case_name, params_of
from tck.checks.support.check import CheckSpec, spec_of
from tck.checks.support.client import OverBudget
from tck.checks.support.cloud import Cloud
from tck.checks.support.session import BadEndpoint
from tck.checks.support.smoke import OneCaseEach
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import curl
from tck.endpoint.sequence import leading_to
from tck.report.console import Console
from tck.report.deviations import BadDeviations
from tck.run.interruption import INTERRUPTED, Interruption
from tck.run.options import MEANT_FOR_THE_KIT, OPTIONS, Skipped, build
from tck.run.state import CHECKS, CheckOutcomes, Run

_SEED = pytest.StashKey[int]()
_RUN = pytest.StashKey["Run"]()
_INTERRUPTION = pytest.StashKey[Interruption]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the kit."""
    group = parser.getgroup("deltacloud-tck", "Deltacloud TCK")
    for flag, settings in OPTIONS.items():
        group.addoption(flag, **settings)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """An option of the kit without paths means the kit's checks, wherever pytest is called.

    (pytest takes the value of an option it does not know yet for a path when it looks for its
    configuration, so `testpaths` may not have been found.)
    """
    named = config.args_source is pytest.Config.ArgsSource.ARGS
    wanted = any(config.getoption(name) for name in MEANT_FOR_THE_KIT)
    if wanted and not named:
        config.args = [str(CHECKS)]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Modules of tck/checks are collected by their place, not by a test_ prefix."""
    if file_path.parent != CHECKS or file_path.suffix != ".py" or file_path.name == "__init__.py":
        return None
    if parent.session.isinitpath(file_path):
        return None  # named on the command line: pytest takes it by itself
    module: pytest.Module = pytest.Module.from_parent(parent, path=file_path)
    return module


def pytest_configure_node(node: Any) -> None:
    """Workers of xdist share the run's id and seed."""
    run = run_of(node.config)
    node.workerinput["tck_run_id"] = run.id
    node.workerinput["tck_secrets"] = run.options.user, run.options.password
    node.workerinput["tck_slots"] = run.slots.name if run.slots else ""
    node.workerinput["tck_seed"] = seed_of(node.config)
    asked = node.gateway.remote_exec("import os; channel.send(os.getpid())")
    interruption_of(node.config).workers.append(asked.receive())
    asked.waitclose()


def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker found out."""
    run = node.config.stash.get(_RUN, None)
    dump = getattr(node, "workeroutput", {}).get("tck")
    if run is None or dump is None:
        if run is not None and run.used:
            run.errors.append(f"worker {node.gateway.id} was lost: {error}")
        return
    run.merge(dump)


# ---------------------------------------------------------------- beginning


def run_of(config: pytest.Config) -> Run:
    """The run of this process; made at first use."""
    run = config.stash.get(_RUN, None)
    if run is None:
        config.stash[_INTERRUPTION] = Interruption(config)
        known = getattr(config, "workerinput", {}).get("tck_secrets")
        with _told():
            run = config.stash[_RUN] = Run(config, build(config.getoption, known))
        config.pluginmanager.register(CheckOutcomes(run))
    return run


def interruption_of(config: pytest.Config) -> Interruption:
    """How this process takes signals; it is there once the run has begun."""
    return config.stash[_INTERRUPTION]


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What is wrong with the input, or with the endpoint, ends pytest with one line."""
    try:
        yield
    except BadEndpoint as error:
        pytest.exit(str(error), returncode=error.code)
    except BadDeviations as error:
        pytest.exit(str(error), returncode=2)
    except Skipped as skipped:
        pytest.exit(str(skipped), returncode=0)


def seed_of(config: pytest.Config) -> int:
    """The seed of the generators: the one that was asked for, or one by chance."""
    worker = getattr(config, "workerinput", None)
    if worker:
        return int(worker["tck_seed"])
    given = config.getoption("--hypothesis-seed", None)
    if given not in (None, "random"):
        return int(given)
    return config.stash.setdefault(_SEED, random.randrange(1 << 32))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put cases into the order in which a smoke run can do without most of them."""
    if config.getoption("profile") == "smoke":
        items.sort(key=lambda item: OneCaseEach.sort_key(item.path.stem, params_of(item)))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Checks were collected: seed the generators, and see that the endpoint answers."""
    if not any(spec_of(getattr(item, "function", None)) for item in session.items):
        return
    if session.config.option.collectonly:
        return
    run = run_of(session.config)
    interruption_of(session.config).session = session
    running.configure_hypothesis(*running.EXAMPLES[run.options.profile], seed_of(session.config))
    with _told():
        run.reach()
    session.config.add_cleanup(run.leave)


# ---------------------------------------------------------------- fixtures


@pytest.fixture(scope="session")
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """The endpoint under judgement; what the run created there is removed at the end."""
    run = run_of(request.config)
    assert run.cloud is not None, "checks were collected, so the endpoint was reached"
    yield run.cloud
    run.clean()


@pytest.fixture
def verify(request: pytest.FixtureRequest, cloud: Cloud) -> Iterator[Verify]:
    """Judges for the check that asks for it, and cleans up after it."""
    run = run_of(request.config)
    spec = spec_of(request.function)
    assert spec is not None, f"{request.node.nodeid} declares no requirements"
    before = len(cloud.journal.live)
    cloud.trail.clear()
    yield running.verifier(case_name(request.node), spec, run.catalogue, run.ledger)
    cloud.remove_since(before)


# ---------------------------------------------------------------- running


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop() -> Generator[None, object, object]:
    """Raise an interrupt anew: where it struck may have no line, which pytest takes for granted."""
    try:
        return (yield)
    except KeyboardInterrupt:
        raise KeyboardInterrupt from None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Leave out cases before anything is prepared for them: in a smoke run that is most."""
    function = getattr(item, "function", None)
    spec = spec_of(function)
    run = run_of(item.config) if spec else None
    if spec is None or run is None or run.cloud is None:
        return None
    params = params_of(item)
    reason = running.reason_to_skip(spec, params, run.cloud.capabilities, run.options.read_only)
    if not reason and run.sparing and run.sparing.can_skip(function, spec, params):
        reason = "another case of this check has passed, which is enough for smoke"
    if not reason and (reason := run.cloud.meter.stop_reason):
        for id_ in spec.requirements:
            run.ledger.inconclusive(id_, reason)
    if not reason:
        return None
    _leave_out(item, spec, reason)
    private.tear_down_unneeded_fixtures(item, nextitem)
    return True


def _leave_out(item: pytest.Item, spec: CheckSpec, reason: str) -> None:
    path, line, _ = item.location
    told = [("requirements", ", ".join(spec.requirements))]
    skipped = (path, line or 0, f"Skipped: {reason}")
    report = pytest.TestReport(
        item.nodeid, item.location, {}, "skipped", skipped, "setup", user_properties=told
    )
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a check, again if what it found may be another's doing."""
    if spec_of(pyfuncitem.function) is None:
        return None
    run = run_of(pyfuncitem.config)
    known: dict[str, Any] = pyfuncitem.funcargs
    arguments = {name: known[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    alone = not run.options.lasting
    interruption = interruption_of(pyfuncitem.config)
    interruption.checking = True
    try:
        again = attempts.run(
            lambda: pyfuncitem.obj(**arguments), known["cloud"], known["verify"], alone=alone
        )
    finally:
        interruption.checking = False
    if run.sparing:
        run.sparing.passed(pyfuncitem.function)
    run.ledger.retries += [f"{case_name(pyfuncitem)} was run again: {reason}" for reason in again]
    return True


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Record what a check found: its violations, or that the kit itself failed."""
    outcome: Any = yield
    spec = spec_of(getattr(item, "function", None))
    if spec is None:
        return
    report: pytest.TestReport = outcome.get_result()
    run = run_of(item.config)
    report.user_properties.append(("requirements", ", ".join(spec.requirements)))
    if call.excinfo:
        _record(run, case_name(item), spec, call.excinfo.value, report)
    if call.when == "call" and item.config.getoption("allure_report_dir", None):
        from tck.report import allure_results  # noqa: PLC0415 - takes long to load

        allure_results.describe(
            [run.catalogue[id_] for id_ in spec.requirements],
            map(run.ledger.redactor.exchange, run.cloud.trail if run.cloud else []),
            [found for found in run.ledger.findings.values() if found.by == case_name(item)],
        )


def _record(
    run: Run, name: str, spec: CheckSpec, error: BaseException, report: pytest.TestReport
) -> None:
    if isinstance(error, OverBudget):
        for id_ in spec.requirements:
            run.ledger.inconclusive(id_, str(error.msg))
    if isinstance(error, pytest.skip.Exception | KeyboardInterrupt):
        return
    accepted = running.record_failure(name, spec, error, run.ledger, partial(_steps, run))
    if accepted and None not in accepted:
        report.outcome, report.wasxfail = "skipped", "accepted deviation"


def _steps(run: Run, last: Exchange | None) -> list[str]:
    """The requests that lead to the one that shows it as curl commands."""
    if run.cloud is None or last is None:
        return []
    return [curl(run.ledger.redactor.exchange(x)) for x in leading_to(last, run.cloud.trail)]


# ---------------------------------------------------------------- ending


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Conclude: write the report, set the exit code; a worker sends its ledger home."""
    run = session.config.stash.get(_RUN, None)
    if run is None or not run.used:
        return
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tck"] = run.dump()
        return
    run.seed = seed_of(session.config)
    if session.exitstatus == pytest.ExitCode.INTERRUPTED:
        run.unfinished = INTERRUPTED
    run.join_transcript()
    result = run.concluded = run.result()
    if run.options.report_dir:
        from tck.report import write  # noqa: PLC0415 - takes long to load

        write.write(result, run.options.report_dir)
    if folder := session.config.getoption("allure_report_dir", None):
        from tck.report import allure_results  # noqa: PLC0415 - takes long to load

        allure_results.write(result, Path(folder))
    if session.exitstatus in (0, 1, pytest.ExitCode.INTERRUPTED, 5):
        session.exitstatus = result.exit_code


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the report."""
    run = config.stash.get(_RUN, None)
    if run is None or not run.used or hasattr(config, "workerinput"):
        return
    result = run.concluded or run.result()
    colour = bool(terminalreporter.hasmarkup)
    verbose = config.getoption("verbose") > 0
    terminalreporter.write_line("")
    for line in Console(colour, verbose).lines(result):
        terminalreporter.write_line(line)
    terminalreporter.write_line(
        f"seed {seed_of(config)} (again: --hypothesis-seed={seed_of(config)})"
    )
    if run.options.report_dir:
        terminalreporter.write_line(f"report in {run.options.report_dir}")
