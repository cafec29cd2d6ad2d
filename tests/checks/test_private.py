"""Private parts of pytest and Hypothesis do what the kit uses them for.

A failure here after an upgrade says which of them changed.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import pytest
from commands.running import PROJECT, Start, run
from hypothesis.internal.conjecture import providers

from tck.checks.support import private

pytest_plugins = ("pytester",)


@pytest.fixture
def hypothesis_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hypothesis.core, "global_force_seed", hypothesis.core.global_force_seed)
    monkeypatch.setattr(providers, "is_local_module_file", providers.is_local_module_file)


def generated(seed: int) -> list[int]:
    """What a test without a seed of its own gets after `seed_hypothesis`."""
    values: list[int] = []
    private.seed_hypothesis(seed)

    @hypothesis.settings(max_examples=10, database=None, derandomize=False)
    @hypothesis.given(st.integers())
    def collect(value: int) -> None:
        values.append(value)

    collect()
    return values


@pytest.mark.usefixtures("hypothesis_restored")
def test_a_seed_decides_what_hypothesis_generates() -> None:
    first = generated(7)
    assert generated(7) == first, "hypothesis.core.global_force_seed no longer seeds @given"
    assert generated(8) != first, "hypothesis.core.global_force_seed is no longer used"


DRAWS = """
import os
from hypothesis import given, settings, strategies as st
from tck.checks.support import private
private.keep_hypothesis_from_writing()

@settings(max_examples=1, database=None)
@given(st.text(), st.text(st.characters(codec="ascii")))
def drawn(a, b):
    print("drawn")

drawn()
print(os.listdir("."))
"""


def test_hypothesis_leaves_nothing_in_the_working_directory(tmp_path: Path) -> None:
    ended = run(Start((sys.executable, "-c", DRAWS), {"PYTHONPATH": str(PROJECT)}, tmp_path))
    assert ended.out.splitlines() == ["drawn", "[]"], ended.err


@pytest.mark.usefixtures("hypothesis_restored")
def test_hypothesis_reads_no_constants_from_the_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("local_module")
    module.__file__ = f"{__file__}.local.py"
    monkeypatch.setitem(sys.modules, "local_module", module)
    read: list[str] = []

    def constants(module: types.ModuleType) -> object:
        read.append(module.__name__)
        return providers.Constants()

    monkeypatch.setattr(providers, "constants_from_module", constants)
    monkeypatch.setattr(providers, "_seen_modules", set())
    monkeypatch.setattr(providers, "_sys_modules_len", None)
    monkeypatch.setattr(providers, "is_local_module_file", lambda path: path == module.__file__)
    providers._get_local_constants()
    assert read == ["local_module"], "Hypothesis no longer asks providers.is_local_module_file"
    read.clear()
    monkeypatch.setattr(providers, "_seen_modules", set())
    monkeypatch.setattr(providers, "_sys_modules_len", None)
    private.keep_hypothesis_from_reading_sources()
    providers._get_local_constants()
    assert read == [], "Hypothesis reads the kit's sources again: slow, and leaves .hypothesis"


def test_fixtures_that_the_next_test_does_not_use_are_torn_down(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        from tck.checks.support import private

        def pytest_runtest_protocol(item, nextitem):
            if item.name == "test_skipped":
                private.tear_down_unneeded_fixtures(item, nextitem)
                return True
    """)
    pytester.makepyfile(
        test_first="""
            import pytest

            @pytest.fixture(scope="module")
            def shared():
                yield
                print("torn down")

            def test_uses(shared): print("used")
            def test_skipped(shared): pass
        """,
        test_second="def test_next(): print('next')",
    )
    ended = pytester.runpytest_subprocess("-s", "-q", "-p", "no:cacheprovider")
    lines = [line.strip(".") for line in ended.outlines]
    assert [n for n in lines if n in ("used", "torn down", "next")] == ["used", "torn down", "next"]


@pytest.mark.parametrize("expression", ["keys", "keys and not import", "(a or b) and test_c[xml]"])
def test_a_keyword_expression_that_pytest_accepts(expression: str) -> None:
    assert private.keyword_error(expression) is None


def test_a_keyword_expression_that_pytest_refuses() -> None:
    problem = private.keyword_error("keys and (")
    assert problem is not None
    assert "expected" in problem
