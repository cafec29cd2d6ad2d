"""The pytest door: `pytest --endpoint URL` judges an endpoint, without it the embedded server.

The plugin is loaded into every pytest of an environment that has the kit. Unless checks of the kit
are collected, it only brings fixtures, a marker and options, whose names begin with `deltacloud`;
options also have short names where nobody else has an option of that name.
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tck.checks.support import attempts, private, running
from tck.checks.support.cases import CHECKS, case_name, params_of
from tck.checks.support.check import CheckSpec, spec_of
from tck.checks.support.client import OverBudget
from tck.checks.support.smoke import OneCaseEach
from tck.commands.output import Output
from tck.fixtures import serving
from tck.report.console import Console
from tck.report.deviations import Deviation
from tck.run import fixtures as fixtures_of_checks
from tck.run import workers
from tck.run.conclusion import conclude
from tck.run.ending import going_on
from tck.run.interruption import INTERRUPTED, hold_back
from tck.run.of_pytest import (
    begun_interruption,
    begun_run,
    exit_on_bad_input,
    interruption_of,
    run_of,
)
from tck.run.options import MEANT_FOR_THE_KIT, OPTIONS, own_flag, own_name
from tck.run.record import report_skipped
from tck.run.state import Run
from tck.safety.shield import SHIELD


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the kit, by names that no other plugin has."""
    for flag, settings in OPTIONS.items():
        _add_option(parser, own_flag(flag), flag, settings)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(parser: pytest.Parser) -> Generator[None, object, object]:
    """Add their short names, now that all plugins have added theirs, where these are free."""
    result = yield
    for flag, settings in OPTIONS.items():
        with contextlib.suppress(ValueError, argparse.ArgumentError):
            _add_option(parser, flag, flag, settings)
    return result


def _add_option(parser: pytest.Parser, name: str, flag: str, settings: dict[str, Any]) -> None:
    kept = own_name(flag[2:].replace("-", "_"))
    parser.getgroup("deltacloud-tck", "Deltacloud TCK").addoption(name, dest=kept, **settings)


def pytest_configure(config: pytest.Config) -> None:
    """Bring the fixtures for client authors, and their marker."""
    config.addinivalue_line("markers", serving.MARKER)
    config.pluginmanager.register(serving, "deltacloud-fixtures")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(
    config: pytest.Config,
) -> Generator[None, int | pytest.ExitCode | None, int | pytest.ExitCode | None]:
    """Run the kit's checks if an option of the kit, but no path, is on the command line.

    pytest looks for pyproject.toml before it knows the kit's options; it may take `http://...` for
    a path, miss the file, and with it `testpaths`. What cannot be printed ends no run of the kit.
    """
    paths_given = config.args_source is pytest.Config.ArgsSource.ARGS
    meant = any(config.getoption(own_name(name)) for name in MEANT_FOR_THE_KIT)
    if meant and not paths_given:
        config.args = [str(CHECKS)]
    if not meant or hasattr(config, "workerinput"):
        return (yield)
    output = Output()
    try:
        code = yield
    finally:
        failure = output.failure
    if failure:
        print(failure, file=sys.stderr)
        return 4
    return code


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Collect modules of tck/checks, which have no `test_` prefix."""
    if file_path.parent != CHECKS or file_path.suffix != ".py" or file_path.name == "__init__.py":
        return None
    if parent.session.isinitpath(file_path):
        return None  # named on the command line: pytest takes it by itself
    module: pytest.Module = pytest.Module.from_parent(parent, path=file_path)
    return module


def pytest_configure_node(node: Any) -> None:
    """Give an xdist worker what it shares with the run, before it starts.

    Not in another project: a run handles signals and makes a folder.
    """
    if not _may_run_checks(node.config):
        return
    workers.hand_out(node, run_of(node.config).handout)
    interruption_of(node.config).workers.append(workers.process_id(node))


def _may_run_checks(config: pytest.Config) -> bool:
    """Whether an option of the kit is set, or an argument leads to a check of the kit."""
    if any(config.getoption(own_name(name)) for name in MEANT_FOR_THE_KIT) or config.option.pyargs:
        return True
    paths = [Path(str(arg)).resolve() for arg in config.args]
    return any(CHECKS.is_relative_to(path) or path.is_relative_to(CHECKS) for path in paths)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> None:
    """Bring the fixtures of checks with the first check: others may have fixtures of these names.

    Refuse checks of the kit in a worker to which nothing was handed out.
    """
    if not (name.startswith("test") and inspect.isfunction(obj) and spec_of(obj)):
        return
    if workers.is_unprepared(collector.config):
        raise collector.CollectError("with -n, checks elsewhere need --endpoint or --persona")
    manager = collector.config.pluginmanager
    if not manager.is_registered(fixtures_of_checks):
        manager.register(fixtures_of_checks, "deltacloud-fixtures-of-checks")


def pytest_testnodedown(node: Any, error: object) -> None:
    """Merge what an xdist worker found out."""
    run = begun_run(node.config)
    if run is None:
        return
    dump = workers.received_from(node)
    if dump is not None:
        run.record.merge(dump)
    elif run.record.begun:
        run.record.errors.append(f"worker {node.gateway.id} was lost: {error}")


# ---------------------------------------------------------------- beginning


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> Generator[None, object, object]:
    """With workers: handle signals, in all processes, before the first of them is started."""
    config = session.config
    config.add_cleanup(lambda: _settle(session))
    if not workers.is_unprepared(config) and workers.worker_of(config) is not None:
        run_of(config)
        workers.end_with_controller()
    elif config.pluginmanager.has_plugin("dsession") and _may_run_checks(config):
        told = going_on(run_of(config).assignment, workers=True)
        interruption_of(config).going_on = told
        with hold_back():
            return (yield)
    return (yield)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order cases so that a smoke run can skip most of them."""
    if config.getoption(own_name("profile")) == "smoke":
        items.sort(key=lambda item: OneCaseEach.sort_key(item.path.stem, params_of(item)))


def pytest_collection_finish(session: pytest.Session) -> None:
    """If checks were collected: seed Hypothesis, and make contact with the endpoint."""
    if not any(spec_of(getattr(item, "function", None)) for item in session.items):
        return
    if session.config.option.collectonly:
        return
    run = run_of(session.config)
    assignment, interruption = run.assignment, interruption_of(session.config)
    interruption.attend(session)
    interruption.going_on = going_on(assignment, workers=False)
    examples = running.EXAMPLES[assignment.options.profile]
    running.configure_hypothesis(*examples, assignment.seed)
    with exit_on_bad_input():
        run.make_contact(len(session.items))


# ---------------------------------------------------------------- running


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop() -> Generator[None, object, object]:
    """Raise an interrupt again, from here: pytest fails if the line where it struck is unknown."""
    try:
        return (yield)
    except pytest.Session.Interrupted:
        raise  # by pytest itself, with its reason
    except KeyboardInterrupt:
        raise KeyboardInterrupt from None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Skip a case before fixtures are set up for it, which in a smoke run is most of the time."""
    function = getattr(item, "function", None)
    spec = spec_of(function)
    if spec is None:
        return None
    run = run_of(item.config)
    if (cloud := run.cloud) is None:
        return None
    params, read_only = params_of(item), run.assignment.options.read_only
    two, wire = cloud.other is not None, cloud.policy.wire
    reason = running.reason_to_skip(spec, params, cloud.capabilities, read_only, two, wire)
    if not reason and run.selector and run.selector.can_skip(function, spec, params):
        reason = "another case of this check has passed, which is enough for smoke"
    if not reason and (reason := cloud.why_not_run(writes=spec.writes)):
        for id_ in spec.requirements:
            run.record.ledger.inconclusive(id_, reason)
    if not reason:
        return None
    report_skipped(item, spec, reason)
    private.tear_down_unneeded_fixtures(item, nextitem)
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a check, and again where others may have caused what it found."""
    if spec_of(pyfuncitem.function) is None:
        return None
    run = run_of(pyfuncitem.config)
    fixtures: dict[str, Any] = pyfuncitem.funcargs
    arguments = {name: fixtures[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    interruption = interruption_of(pyfuncitem.config)
    interruption.checking, whole = True, False
    try:
        reasons = attempts.run(
            lambda: pyfuncitem.obj(**arguments),
            fixtures["cloud"],
            fixtures["verify"],
            alone=not run.assignment.options.outlives_run,
        )
        whole = True
    finally:
        run.record.ledger.end_check(whole=whole)
        interruption.checking = False
    if run.selector:
        run.selector.passed(pyfuncitem.function)
    name = case_name(pyfuncitem)
    for reason in reasons:
        run.record.ledger.retried(f"{name} was run again: {reason}")
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Record what a check found: violations, or that the kit itself failed."""
    report = yield
    spec = spec_of(getattr(item, "function", None))
    if spec is None:
        return report
    run = run_of(item.config)
    report.user_properties.append(("requirements", ", ".join(spec.requirements)))
    if call.excinfo:
        _record(run, case_name(item), spec, call.excinfo.value, report)
    if call.when == "call" and item.config.getoption("allure_report_dir", None):
        from tck.report import allure_results  # noqa: PLC0415 - takes long to load

        ledger = run.record.ledger
        allure_results.describe(
            [run.assignment.catalogue[id_] for id_ in spec.requirements],
            run.cloud.trail if run.cloud else [],
            [finding for finding in ledger.findings.values() if finding.by == case_name(item)],
            ledger.redactor,
        )
    return report


def _record(
    run: Run, name: str, spec: CheckSpec, error: BaseException, report: pytest.TestReport
) -> None:
    ledger = run.record.ledger
    if isinstance(error, OverBudget):
        for id_ in spec.requirements:
            ledger.inconclusive(id_, str(error.msg))
    if isinstance(error, pytest.skip.Exception | KeyboardInterrupt):
        return
    deviations = running.record_failure(name, spec, error, ledger, run.steps_to)
    if deviations and isinstance(first := deviations[0], Deviation) and None not in deviations:
        ledger.stood_in_the_way(first, spec.requirements)
        report.outcome, report.wasxfail = "skipped", "accepted deviation"  # shown as xfailed


# ---------------------------------------------------------------- ending


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """Conclude: write the report, set the exit code. A worker sends what it found out.

    An interrupt while fixtures were torn down ends here, so that what is left is told.
    """
    run = begun_run(session.config)
    if run is None:
        return (yield)
    interruption, done = interruption_of(session.config), None
    with contextlib.suppress(KeyboardInterrupt):
        done = yield
    interruption.reporting = True
    # workers that were killed sent nothing, but may have left something
    run.record.begun |= SHIELD.abandoned and bool(interruption.workers)
    if run.record.begun and run.assignment.worker:
        workers.send_to_controller(session.config, run.record.dump())
    elif run.record.begun:
        unfinished = INTERRUPTED if interruption.number else ""
        allure_folder = session.config.getoption("allure_report_dir", None)
        result = conclude(run, unfinished, allure_folder)
        if session.exitstatus in (0, 1, pytest.ExitCode.INTERRUPTED, 5):
            session.exitstatus = result.exit_code
    return done


def _settle(session: pytest.Session) -> None:
    """At the very end: an interrupt decides the exit code, and signals are handled as before."""
    if (interruption := begun_interruption(session.config)) is not None:
        session.exitstatus = interruption.exit_code or session.exitstatus
        interruption.restore()
    if run := begun_run(session.config):
        run.close()


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the report."""
    run = begun_run(config)
    if run is None or not run.record.begun or run.assignment.worker:
        return
    result = run.result or run.conclude()
    console = Console(terminalreporter.hasmarkup, config.getoption("verbose") > 0)
    for line in ("", *console.lines(result)):
        terminalreporter.write_line(line)
    seed, folder = run.assignment.seed, run.assignment.options.report_dir
    terminalreporter.write_line(f"seed {seed} (again: --hypothesis-seed={seed})")
    if folder:
        terminalreporter.write_line(f"report in {folder}")
