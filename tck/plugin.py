"""The pytest door: `pytest --endpoint URL` judges an endpoint, without it the embedded server.

The plugin is loaded into every pytest of an environment that has the kit; it does nothing
unless checks of the kit are collected.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from _pytest.config import Config as _Config

from tck.checks.support import running
from tck.checks.support import session as sessions
from tck.checks.support.check import spec_of
from tck.checks.support.cloud import Cloud
from tck.checks.support.session import BadEndpoint, Options
from tck.checks.support.verify import Verify
from tck.endpoint.capabilities import Capabilities
from tck.endpoint.redaction import curl
from tck.report import allure_results, write
from tck.report.console import Console
from tck.report.deviations import BadDeviations
from tck.run_state import CHECKS, CheckOutcomes, Run
from tck.safety.journal import Journal
from tck.safety.waiting import Patience

_RUN = pytest.StashKey["Run"]()
_LONGEST_SEQUENCE = 25
_MEANT_FOR_THE_KIT = (
    "endpoint",
    "persona",
    "driver",
    "provider",
    "read_only",
    "report_dir",
    "deviations",
)
_EXAMPLES = {"smoke": (1, 4), "standard": (12, 12), "thorough": (100, 40)}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the kit."""
    group = parser.getgroup("deltacloud-tck", "Deltacloud TCK")
    add = group.addoption
    add("--endpoint", metavar="URL", help="judge this endpoint, e.g. http://host:3001/api")
    add("--persona", metavar="NAME", help="shape of the embedded server, e.g. ec2 (default mock)")
    add("--driver", metavar="D", help="select a driver (X-Deltacloud-Driver)")
    add("--provider", metavar="P", help="select a provider (X-Deltacloud-Provider)")
    add(
        "--user",
        metavar="U",
        help="user; also DELTACLOUD_TCK_USER. The password comes from DELTACLOUD_TCK_PASSWORD "
        "or a prompt",
    )
    add("--password", metavar="P", help="password, for the mock driver only: it shows in ps")
    add(
        "--profile",
        choices=sessions.PROFILES,
        default="standard",
        help="how many generated examples: smoke, standard (default), thorough",
    )
    add("--read-only", action="store_true", help="send no request that changes anything")
    add("--report-dir", metavar="DIR", type=Path, help="write results.json, junit.xml, report.html")
    add("--deviations", metavar="FILE", type=Path, help="accepted deviations (YAML)")
    add(
        "--endpoint-timeout",
        metavar="SECONDS",
        type=float,
        default=60.0,
        help="longest time for one answer (default 60)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """An option of the kit without paths means the kit's checks, wherever pytest is called.

    (pytest takes the value of an option it does not know yet for a path when it looks for its
    configuration, so `testpaths` may not have been found.)
    """
    named = config.args_source is _Config.ArgsSource.ARGS
    wanted = any(config.getoption(name) for name in _MEANT_FOR_THE_KIT)
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
    run = _begin(node.config)
    node.workerinput["tck_run_id"] = run.id
    node.workerinput["tck_user"] = run.options.user
    node.workerinput["tck_password"] = run.options.password
    node.workerinput["tck_seed"] = _seed(node.config)


def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker found out."""
    run = node.config.stash.get(_RUN, None)
    dump = getattr(node, "workeroutput", {}).get("tck")
    if run is None or dump is None:
        if run is not None and run.used:
            run.errors.append(f"worker {node.gateway.id} was lost: {error}")
        return
    run.used = True
    run.ledger.merge(dump["ledger"])
    if dump["capabilities"]:
        run.capabilities = Capabilities.from_dump(dump["capabilities"])
    run.leaks += dump["leaks"]
    run.errors += dump["errors"]


# ---------------------------------------------------------------- beginning


def _options(config: pytest.Config) -> Options:
    get = config.getoption
    worker = getattr(config, "workerinput", None)
    endpoint = sessions.checked_url(get("endpoint")) if get("endpoint") else None
    if worker:
        user, password = worker["tck_user"], worker["tck_password"]
    else:
        user, password = sessions.credentials(endpoint, get("user"), get("password"))
    return Options(
        endpoint=endpoint,
        persona=get("persona") or "mock",
        driver=get("driver"),
        provider=get("provider"),
        user=user,
        password=password,
        profile=get("profile"),
        read_only=get("read_only"),
        report_dir=get("report_dir"),
        deviations=get("deviations"),
        timeout=get("endpoint_timeout"),
    )


def _begin(config: pytest.Config) -> Run:
    """The run of this process; made at first use."""
    run = config.stash.get(_RUN, None)
    if run is None:
        try:
            run = config.stash[_RUN] = Run(config, _options(config))
            config.pluginmanager.register(CheckOutcomes(run))
        except BadEndpoint as error:
            pytest.exit(str(error), returncode=error.code)
        except BadDeviations as error:
            pytest.exit(str(error), returncode=2)
    return run


def _seed(config: pytest.Config) -> int:
    worker = getattr(config, "workerinput", None)
    if worker:
        return int(worker["tck_seed"])
    given = config.getoption("--hypothesis-seed", None)
    if given not in (None, "random"):
        return int(given)
    if not hasattr(config, "_tck_seed"):
        config._tck_seed = random.randrange(1 << 32)  # type: ignore[attr-defined]
    return int(config._tck_seed)  # type: ignore[attr-defined]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Checks were collected: seed the generators, and see that the endpoint answers."""
    if not any(spec_of(getattr(item, "function", None)) for item in session.items):
        return
    if session.config.option.collectonly:
        return
    run = _begin(session.config)
    examples, steps = _EXAMPLES[run.options.profile]
    running.seed_generators(examples, steps, _seed(session.config))
    if run.options.endpoint:
        _discover(run, run.options.endpoint)


def _discover(run: Run, base: str) -> Cloud:
    """Contact the endpoint and learn what it declares."""
    if run.cloud is not None:
        return run.cloud
    transport = sessions.connect(run.options, base, run.worker or "x")
    transport.observers.append(run.ledger.observe)
    try:
        run.capabilities = sessions.discover(transport)
    except BadEndpoint as error:
        pytest.exit(str(error), returncode=error.code)
    run.used = True
    embedded = run.options.endpoint is None
    patience = Patience(deadline=10.0, first_pause=0.001) if embedded else Patience()
    name = run.id + run.worker.removeprefix("gw")
    run.cloud = Cloud(transport, run.capabilities, Journal(), name, patience, run.options.read_only)
    return run.cloud


# ---------------------------------------------------------------- fixtures


@pytest.fixture(scope="session")
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """The endpoint under judgement; what the run created there is removed at the end."""
    run = _begin(request.config)
    if run.options.endpoint:
        found = _discover(run, run.options.endpoint)
        yield found
        _clean(run, found)
        return
    from tck.reference_server.embedded import embedded  # noqa: PLC0415  (only if needed)

    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(embedded(driver=run.options.persona))
        except ValueError as error:
            pytest.exit(str(error), returncode=2)
        run.options = replace(run.options, user=server.user, password=server.password)
        found = _discover(run, server.url)
        yield found
        _clean(run, found)


def _clean(run: Run, found: Cloud) -> None:
    run.leaks += [f"{r.collection} {r.id}: {r.href}" for r in found.cleaner.remove_all()]
    found.transport.close()


@pytest.fixture
def verify(request: pytest.FixtureRequest, cloud: Cloud) -> Iterator[Verify]:
    """Judges for the check that asks for it, and cleans up after it."""
    run = _begin(request.config)
    spec = spec_of(request.function)
    assert spec is not None, f"{request.node.nodeid} declares no requirements"
    before = len(cloud.journal.live)
    cloud.trail.clear()
    yield running.verifier(_name(request.node), spec, run.catalogue, run.ledger)
    cloud.cleaner.remove_all(since=before)


def _name(item: pytest.Item) -> str:
    """`instances.test_launch[xml]`: module and function."""
    return f"{item.path.stem}.{item.name}"


# ---------------------------------------------------------------- running


@pytest.fixture(autouse=True)
def deltacloud_gate(request: pytest.FixtureRequest) -> None:
    """Leave out what the endpoint does not declare, and writing checks in a read-only run."""
    spec = spec_of(getattr(request, "function", None))
    if spec is not None:
        run = _begin(request.config)
        found: Cloud = request.getfixturevalue("cloud")
        params = getattr(getattr(request.node, "callspec", None), "params", {})
        reason = running.not_here(spec, params, found.capabilities, run.options.read_only)
        if reason:
            pytest.skip(reason)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Record what a check found: its violations, or that the kit itself failed."""
    outcome: Any = yield
    spec = spec_of(getattr(item, "function", None))
    if spec is None:
        return
    report: pytest.TestReport = outcome.get_result()
    run = _begin(item.config)
    report.user_properties.append(("requirements", ", ".join(spec.requirements)))
    error = call.excinfo.value if call.excinfo else None
    if error is None or isinstance(error, pytest.skip.Exception | KeyboardInterrupt):
        return
    violations = list(running.violations(error))
    if not violations:
        message = f"{_name(item)}: {type(error).__name__}: {error}"
        for id_ in spec.requirements:
            run.ledger.kit_error(id_, message)
        return
    steps = _steps(run)
    accepted = [
        run.ledger.record(_name(item), violation.judgement, violation.exchange, steps)
        for violation in violations
    ]
    if None not in accepted:
        report.outcome, report.wasxfail = "skipped", "accepted deviation"


def _steps(run: Run) -> list[str]:
    """The requests of the check as curl commands, if they are few enough to follow."""
    trail = run.cloud.trail if run.cloud else []
    if not 1 < len(trail) <= _LONGEST_SEQUENCE:
        return []
    return [curl(run.ledger.redactor.exchange(x)) for x in trail]


# ---------------------------------------------------------------- ending


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Conclude: write the report, set the exit code; a worker sends its ledger home."""
    run = session.config.stash.get(_RUN, None)
    if run is None or not run.used:
        return
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tck"] = {
            "ledger": run.ledger.dump(),
            "capabilities": run.capabilities and run.capabilities.dump(),
            "leaks": run.leaks,
            "errors": run.errors,
        }
        return
    run.join_transcript()
    result = run.result()
    if run.options.report_dir:
        write.write(result, run.options.report_dir)
    if folder := session.config.getoption("allure_report_dir", None):
        allure_results.write(result, Path(folder))
    if session.exitstatus in (0, 1, 5):
        session.exitstatus = result.exit_code


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the report."""
    run = config.stash.get(_RUN, None)
    if run is None or not run.used or hasattr(config, "workerinput"):
        return
    result = run.result()
    colour = bool(terminalreporter._tw.hasmarkup)
    verbose = config.getoption("verbose") > 0
    terminalreporter.write_line("")
    for line in Console(colour, verbose).lines(result):
        terminalreporter.write_line(line)
    terminalreporter.write_line(f"seed {_seed(config)} (again: --hypothesis-seed={_seed(config)})")
    if run.options.report_dir:
        terminalreporter.write_line(f"report in {run.options.report_dir}")
