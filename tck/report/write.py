"""Writing every file of a report."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from tck.endpoint import disk
from tck.endpoint.disk import PRIVATE, PUBLIC, Unwritable
from tck.endpoint.limits import ReportLimits
from tck.report import (
    BADGE,
    FILES,
    HAR,
    JUNIT,
    PAGE,
    RESULTS,
    SUMMARY,
    TRANSCRIPT,
    badge,
    har,
    html,
    json_report,
    junit,
    markdown,
)
from tck.report.result import Result

FORMS = {JUNIT: junit, PAGE: html, SUMMARY: markdown, BADGE: badge}


def write(result: Result, folder: Path, limits: ReportLimits | None = None) -> list[Path]:
    """Write results.json, and every other form from what is read back of it; return the paths.

    A transcript, if there is one, is in the folder already; it is also written as HAR, of which
    `limits` says how long it may be. Raises Unwritable once every file was tried; one that could
    not be written is not there, so that none of an earlier run can be taken for it.
    """
    disk.prepare(folder, FILES)
    content = json_report.content(result)
    read_back = json_report.from_json(json.loads(content))

    def write_one(name: str) -> None:
        if name == RESULTS:
            disk.write(folder / name, content)
        elif name == HAR:
            har.write(folder / TRANSCRIPT, folder / name, (limits or ReportLimits()).har)
        else:
            mode = PUBLIC if name == BADGE else PRIVATE
            disk.write(folder / name, FORMS[name].content(read_back), mode)

    failures = []
    written = [RESULTS, *FORMS, *([HAR] if result.transcript else [])]
    for name in written:
        try:
            write_one(name)
        except Unwritable as error:
            failures.append(str(error))
            with contextlib.suppress(OSError):
                (folder / name).unlink()
    if failures:
        raise Unwritable("; ".join(failures))
    return [
        folder / name
        for name in FILES
        if name in written or (name == TRANSCRIPT and result.transcript)
    ]
