"""The pytest door: it judges where it is asked to, and is not there where it is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands.running import PROJECT, PYTEST, Ended, Served, Start, served, together

OWN = {"DELTACLOUD_TCK_USER": "mockuser", "DELTACLOUD_TCK_PASSWORD": "mockpassword"}
FEW = ("--profile", "smoke", "-k", "keys")
CHECKS = PROJECT / "tck" / "checks"

FOREIGN = """
import hypothesis.strategies as st
from hypothesis import given

def test_right():
    assert True

@given(st.integers())
def test_generated(number):
    assert number == number
"""
HANDLERS = """
import signal
def pytest_terminal_summary(terminalreporter):
    default = signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    terminalreporter.write_line(f"default handler: {default}")
"""
HEAD = """
from tck.checks.support.check import check
from tck.rules.judgement import Judgement
from tck.safety.resource import Resource
from tck.safety.waiting import Patience

MUST, SHOULD = "DC-HTTP-003", "DC-HTTP-012"
"""
# Checks of somebody's own: how each of them must end.
OWN_CHECKS = {
    "right": """
@check(MUST)
def test_it(cloud, verify):
    verify.holds(MUST, "the sea", "a", "a", True, x=cloud.get("/keys"))
""",
    "wrong": """
@check(MUST)
def test_it(cloud, verify):
    x = cloud.get("/keys")
    verify.equal(MUST, "the sky", "the sun", "rain", x=x)
""",
    "warning": """
@check(SHOULD)
def test_it(cloud, verify):
    verify.holds(MUST, "the sea", "a", "a", True, x=cloud.get("/keys"))
    verify.equal(SHOULD, "the sky", "the sun", "rain", x=cloud.get("/keys"))
""",
    "kit error": """
@check(MUST)
def test_it(cloud, verify):
    raise ValueError("the kit has a defect")
""",
    "read-only error": """
@check(MUST)
def test_it(cloud, verify):
    cloud.post("/keys", {"name": "a"})
""",
    "left behind": """
@check(MUST)
def test_it(cloud, verify):
    verify.holds(MUST, "the sea", "a", "a", True, x=cloud.get("/keys"))
    cloud.cleaner._patience = Patience(0.05, 0.01)
    cloud.journal.created(Resource("drivers", "mock", cloud.transport.url("/drivers/mock")))
""",
    "cleaned": """
@check(MUST)
def test_it(cloud, verify):
    x, key = cloud.create("keys", {"name": cloud.new_name()})
    verify.holds(MUST, "the key", "a key", key, key is not None, x=x)
""",
    "generated": """
from hypothesis import given, strategies as st

@check(MUST)
def test_it(cloud, verify):
    @given(st.integers(0, 1000))
    def judge(number):
        x = cloud.get(f"/keys?n={number}")
        verify.holds(MUST, "n", "below 17", number, number < 17, x=x)
    judge()
""",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plugin")


@pytest.fixture(scope="module")
def runs(server: Served, folder: Path) -> dict[str, Ended]:
    """How every call of pytest here ends."""
    foreign = folder / "foreign"
    (foreign / "tck" / "checks").mkdir(parents=True)
    (foreign / "test_mine.py").write_text(FOREIGN)
    (foreign / "broken.py").write_text("import no_such_module")
    (foreign / "tck" / "checks" / "keys.py").write_text("raise ValueError('not to be imported')")
    parallel = folder / "parallel"
    parallel.mkdir()
    (parallel / "test_mine.py").write_text(FOREIGN)
    (parallel / "conftest.py").write_text(HANDLERS)
    for name, text in OWN_CHECKS.items():
        (folder / f"test_{name.replace(' ', '_')}.py").write_text(HEAD + text)
    starts = {
        "foreign": Start((*PYTEST, "-q"), folder=foreign),
        "foreign verbose": Start((*PYTEST, "-v", "--no-header", "test_mine.py"), OWN, foreign),
        "foreign broken": Start((*PYTEST, "-q", "broken.py"), folder=foreign),
        "foreign parallel": Start((*PYTEST, "-n1"), folder=parallel),
        "parallel": _own("right", folder, "-n1"),
        "parallel unexpected": Start((*PYTEST, "-n1", str(folder / "test_right.py"))),
        "elsewhere": Start((*PYTEST, "--endpoint", server.url, *FEW), OWN, foreign),
        "one module": Start((*PYTEST, str(CHECKS / "keys.py"), "--profile", "smoke")),
        "one check": Start((*PYTEST, f"{CHECKS / 'keys.py'}::test_destroy", "--profile", "smoke")),
        "collected": Start(
            (*PYTEST, "--endpoint", "http://127.0.0.1:1/api", "--collect-only", "-q")
        ),
        "unreachable": Start((*PYTEST, "--endpoint", "http://127.0.0.1:1/api")),
        "wrong URL": Start((*PYTEST, "--endpoint", "cloud")),
        "wrong credentials": Start((*PYTEST, "--endpoint", server.url, "--user", "nobody")),
        "wrong persona": Start((*PYTEST, "--persona", "nimbus", "-k", "keys")),
        "read-only": _own("read-only error", folder, "--read-only"),
        "accepted": _own("wrong", folder, "--deviations", str(folder / "known.yaml")),
        **{name: _own(name, folder) for name in OWN_CHECKS},
    }
    (folder / "known.yaml").write_text(
        "deviations:\n  - {requirement: DC-HTTP-003, reason: rain, owner: a,\n"
        "     date: 2026-11-22, expires: never}\n"
    )
    return together(starts)


def _own(name: str, folder: Path, *more: str) -> Start:
    report = folder / f"report {name} {' '.join(more)[:12]}"
    file = folder / f"test_{name.replace(' ', '_')}.py"
    # -k makes it a selection: a whole run would have to show everything
    chosen = ("--profile", "standard", "--hypothesis-seed=1", "--report-dir", str(report))
    return Start((*PYTEST, str(file), *chosen, *more))


def report(folder: Path, name: str, *more: str) -> dict[str, Any]:
    path = folder / f"report {name} {' '.join(more)[:12]}" / "results.json"
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded


# ---------------------------------------------------------------- other people's projects


@pytest.mark.parametrize("name", ["foreign", "foreign verbose"])
def test_a_foreign_project_does_not_notice(name: str, runs: dict[str, Ended]) -> None:
    ended = runs[name]
    assert ended.code == 0, ended.told
    assert "2 passed" in ended.out
    for trace in ("eltacloud", "TCK", "Verdict", "seed", "warning"):
        assert trace not in ended.told


def test_in_parallel_a_foreign_project_handles_its_own_signals(runs: dict[str, Ended]) -> None:
    ended = runs["foreign parallel"]
    assert ended.code == 0, ended.told
    assert "default handler: True" in ended.told


def test_in_parallel_checks_elsewhere_need_an_option(runs: dict[str, Ended]) -> None:
    assert runs["parallel"].code == 0, runs["parallel"].told
    assert runs["parallel unexpected"].code == pytest.ExitCode.TESTS_FAILED
    assert "need --endpoint or --persona" in runs["parallel unexpected"].told


def test_an_error_in_a_foreign_project_is_reported_as_pytest_does(runs: dict[str, Ended]) -> None:
    ended = runs["foreign broken"]
    assert ended.code == pytest.ExitCode.INTERRUPTED
    assert "Interrupted: 1 error during collection" in ended.out
    assert "plugin.py" not in ended.told


# ---------------------------------------------------------------- what is collected


def test_an_option_of_the_kit_means_its_checks_wherever_pytest_is_called(
    runs: dict[str, Ended],
) -> None:
    ended = runs["elsewhere"]
    assert ended.code == 0, ended.told[-2000:]
    assert "Verdict: conformant" in ended.out
    assert "test_mine" not in ended.out


def test_a_module_can_be_named(runs: dict[str, Ended]) -> None:
    ended = runs["one module"]
    assert ended.code == 0, ended.told[-2000:]
    assert "Verdict: conformant so far, selection" in ended.out


def test_a_check_can_be_named(runs: dict[str, Ended]) -> None:
    ended = runs["one check"]
    assert ended.code == 0, ended.told[-2000:]
    assert "Verdict: conformant so far, selection" in ended.out


def test_collecting_contacts_nobody(runs: dict[str, Ended]) -> None:
    ended = runs["collected"]
    assert ended.code == 0, ended.told[-2000:]
    assert "keys.py::test_destroy" in ended.out
    assert "Verdict" not in ended.out


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("unreachable", 3, "cannot connect"),
        ("wrong URL", 2, "http://host:3001/api"),
        ("wrong credentials", 2, "DELTACLOUD_TCK_PASSWORD"),
        ("wrong persona", 2, "nimbus"),
    ],
)
def test_bad_input_ends_before_anything_is_judged(
    name: str, code: int, said: str, runs: dict[str, Ended]
) -> None:
    ended = runs[name]
    assert ended.code == code, ended.told[-2000:]
    assert said in ended.told
    for noise in ("Traceback", "INTERNALERROR", "Verdict", " failed"):
        assert noise not in ended.told


# ---------------------------------------------------------------- how checks end


@pytest.mark.parametrize(
    ("name", "code", "status"),
    [
        ("right", 0, "pass"),
        ("wrong", 1, "fail"),
        ("warning", 0, "warn"),
        ("kit error", 4, "kit-error"),
        ("left behind", 5, "pass"),
        ("cleaned", 0, "pass"),
        ("generated", 1, "fail"),
    ],
)
def test_a_check_ends_as_it_should(
    name: str, code: int, status: str, runs: dict[str, Ended], folder: Path
) -> None:
    assert runs[name].code == code, runs[name].told[-2000:]
    id_ = "DC-HTTP-012" if name == "warning" else "DC-HTTP-003"
    [entry] = [r for r in report(folder, name)["requirements"] if r["id"] == id_]
    assert entry["status"] == status, entry


def test_a_violation_is_told_with_its_evidence(runs: dict[str, Ended]) -> None:
    told = runs["wrong"].out
    for said in (
        "at        the sky",
        "expected  'the sun'",
        "got       'rain'",
        "GET /api/keys",
        "curl -i",
    ):
        assert said in told


def test_a_generated_violation_is_told_at_its_smallest(
    runs: dict[str, Ended], folder: Path
) -> None:
    [entry] = [r for r in report(folder, "generated")["requirements"] if r["id"] == "DC-HTTP-003"]
    [finding] = entry["findings"]
    assert finding["got"] == "17"
    assert "n=17" in finding["curl"]


def test_an_accepted_deviation_is_no_failure(runs: dict[str, Ended], folder: Path) -> None:
    assert runs["accepted"].code == 0, runs["accepted"].told[-2000:]
    results = report(folder, "wrong", "--deviations", str(folder / "known.yaml"))
    [entry] = [r for r in results["requirements"] if r["id"] == "DC-HTTP-003"]
    assert entry["status"] == "excluded"


def test_what_is_left_behind_is_named(runs: dict[str, Ended], folder: Path) -> None:
    [leak] = report(folder, "left behind")["summary"]["leaks"]
    assert "drivers mock" in leak
    assert "Left behind: drivers mock" in runs["left behind"].out


def test_a_defect_of_the_kit_is_its_own(runs: dict[str, Ended]) -> None:
    told = runs["kit error"].out
    assert "the kit has a defect" in told
    assert "Verdict: kit error" in told


def test_a_check_that_writes_unannounced_is_a_defect_in_a_read_only_run(
    runs: dict[str, Ended], folder: Path
) -> None:
    assert runs["read-only"].code == 4, runs["read-only"].told[-2000:]
    results = report(folder, "read-only error", "--read-only")
    [entry] = [r for r in results["requirements"] if r["id"] == "DC-HTTP-003"]
    assert "ReadOnly" in entry["reason"]
