"""Requests that Schemathesis makes up from the project's own OpenAPI description.

It is no dependency: `make fuzz-server` installs it into an environment of its own.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import tck.schemas
from benchmarks.client import serving

TOOL = Path(sys.prefix) / "fuzz" / "bin" / "schemathesis"
DESCRIPTION = Path(tck.schemas.__file__).parent / "openapi.json"


def measure(examples: int) -> Iterator[str]:
    """At most so many for each operation and each of its parameters' ways to be wrong."""
    if not TOOL.exists():
        yield "no fuzz: `make fuzz-server` installs what it needs"
        return
    with tempfile.TemporaryFile("w+") as log, serving("--persona", "full", log=log) as (_, url):
        command = [str(TOOL), "run", str(DESCRIPTION), "--url", url, "--no-color"]
        command += ["--auth", "mockuser:mockpassword", "--checks", "not_a_server_error"]
        command += ["--phases", "coverage,fuzzing", "--max-examples", str(examples)]
        command += ["--warnings", "off", "--seed", "1"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        log.seek(0)
        unforeseen = log.read()
    cases = re.search(r"[\d,]+ generated.*", run.stdout)
    told = cases[0] if cases else f"no cases, exit code {run.returncode}"
    traces = unforeseen.count("Traceback")
    yield f"fuzz of the description: {told}; {traces} exceptions that nobody foresaw"
    if run.returncode or unforeseen:
        yield from (run.stdout + unforeseen).splitlines()[-60:]
