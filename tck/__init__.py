"""Deltacloud Technology Compatibility Kit."""

__version__ = "0.1.0"
