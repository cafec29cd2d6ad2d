"""Every private part of pytest and Hypothesis that the kit uses: no other module touches one.

Neither project promises to keep these. tests/checks/test_private.py has a test for each, which
names the behaviour that was lost when an upgrade changes it.
"""

from __future__ import annotations

import os

import hypothesis.core
import pytest
from _pytest.mark.expression import Expression
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.internal.conjecture import providers

from tck.endpoint.console import outlet


def seed_hypothesis(seed: int) -> None:
    """Make every `@given` of this process generate from `seed`, as `--hypothesis-seed` does."""
    hypothesis.core.global_force_seed = seed  # type: ignore[assignment]


def keep_hypothesis_from_reading_sources() -> None:
    """Keep Hypothesis from parsing the kit's own modules for constants to try.

    It does so for modules outside site-packages (an editable installation), and takes seconds.
    """
    providers.is_local_module_file = lambda _: False  # type: ignore[attr-defined, assignment]


def keep_hypothesis_from_writing() -> None:
    """Keep Hypothesis from leaving a `.hypothesis` directory in the working directory.

    It writes tables of characters there, and goes on without if that is impossible.
    """
    set_hypothesis_home_dir(os.devnull)


def tear_down_unneeded_fixtures(item: pytest.Item, next_item: pytest.Item | None) -> None:
    """Tear down the fixtures that `next_item` does not use, as pytest does after running `item`.

    For a plugin that answers `pytest_runtest_protocol` itself.
    """
    item.session._setupstate.teardown_exact(next_item)


def keyword_error(expression: str) -> str | None:
    """What is wrong with `expression` as an argument of `pytest -k`, None if nothing is."""
    try:
        Expression.compile(expression)
    except SyntaxError as error:
        return error.msg
    return None


def redact_terminal(config: pytest.Config) -> None:
    """Redact what pytest writes to the terminal. Workers of xdist have none."""
    if reporter := config.pluginmanager.get_plugin("terminalreporter"):
        reporter._tw._file = outlet(reporter._tw._file)


def say(config: pytest.Config, line: str) -> None:
    """Write a line to the terminal, even while pytest captures what is printed."""
    if reporter := config.pluginmanager.get_plugin("terminalreporter"):
        reporter.write_line(line)


def uncaptured_stderr(config: pytest.Config) -> int:
    """A descriptor of standard error as it is outside of pytest's capturing."""
    manager = config.pluginmanager.getplugin("capturemanager")
    if manager is None:
        return os.dup(2)
    with manager.global_and_fixture_disabled():
        return os.dup(2)
