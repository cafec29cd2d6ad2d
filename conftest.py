"""pytest in a checkout: says what to do where the kit's plugin is not installed."""

import pytest


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """The plugin comes with the installed package; without it no option of the kit is known."""
    if not pluginmanager.has_plugin("tck.plugin"):
        raise pytest.UsageError(
            "the kit is not installed in this environment: run `make venv`, then .venv/bin/pytest"
        )
