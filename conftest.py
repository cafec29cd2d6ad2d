"""Lets `pytest` in a checkout find the kit's plugin even where it is not installed."""

pytest_plugins = ["tck.plugin"]
