"""Writing every file of a report."""

from __future__ import annotations

import json
from pathlib import Path

from tck.report import badge, har, html, json_report, junit, markdown
from tck.report.result import Result
from tck.report.transcript import NAME


def write(result: Result, folder: Path) -> list[Path]:
    """Write results.json, and from what it says every other form; the paths.

    The transcript, where there is one, lies in the folder already; it gets its HAR.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = json_report.text(result)
    told = json_report.from_json(json.loads(content))
    paths = [folder / "results.json"]
    paths[0].write_bytes(content.encode())
    for module, name in (
        (junit, "junit.xml"),
        (html, "report.html"),
        (markdown, "summary.md"),
        (badge, "badge.svg"),
    ):
        paths.append(folder / name)
        module.write(told, paths[-1])
    if result.transcript:
        paths += [folder / NAME, folder / "transcript.har"]
        har.write(folder / NAME, folder / "transcript.har")
    return paths
