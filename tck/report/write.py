"""Writing every file of a report."""

from __future__ import annotations

from pathlib import Path

from tck.report import html, json_report, junit
from tck.report.result import Result


def write(result: Result, folder: Path) -> list[Path]:
    """Write results.json, junit.xml and report.html; the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / "results.json", folder / "junit.xml", folder / "report.html"]
    for module, path in zip((json_report, junit, html), paths, strict=True):
        module.write(result, path)
    return paths
