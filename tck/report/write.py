"""Writing every file of a report."""

from __future__ import annotations

import json
from pathlib import Path

from tck.endpoint.limits import ReportLimits
from tck.report import badge, har, html, json_report, junit, markdown
from tck.report.result import Result
from tck.report.transcript import NAME


def write(result: Result, folder: Path, limits: ReportLimits | None = None) -> list[Path]:
    """Write results.json, and every other form from what is read back of it; return the paths.

    A transcript, if there is one, is in the folder already; it is also written as HAR, of which
    `limits` says how long it may be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = json_report.text(result)
    read_back = json_report.from_json(json.loads(content))
    paths = [folder / "results.json"]
    paths[0].write_bytes(content.encode())
    for module, name in (
        (junit, "junit.xml"),
        (html, "report.html"),
        (markdown, "summary.md"),
        (badge, "badge.svg"),
    ):
        paths.append(folder / name)
        module.write(read_back, paths[-1])
    if result.transcript:
        paths += [folder / NAME, folder / "transcript.har"]
        most = (limits or ReportLimits()).har
        har.write(folder / NAME, folder / "transcript.har", most)
    return paths
