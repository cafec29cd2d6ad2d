"""The project's OpenAPI description before tools of others.

Schemathesis makes requests up, with all its checks and phases, against persona full. openapi-core
judges the recordings and the exchanges of a run of the kit. They are no dependencies:
`make fuzz-server` installs them into an environment of their own.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import tck.schemas
from benchmarks.client import serving
from tck.schemas.operations import API

TOOL = Path(sys.prefix) / "fuzz" / "bin" / "schemathesis"
HOOKS, OPINION = (Path(__file__).with_name(f"{n}.py") for n in ("fuzz_hooks", "second_opinion"))
RECORDINGS = sorted(Path("tests/recordings").glob("apache-deltacloud-*.jsonl"))
# What 1.1.3 does wrong: no challenge on 401 with wrong credentials, labels of Ruby objects as
# realms (B4), an empty image_id (B15), names that are not escaped.
_KNOWN = re.compile(
    "401: Missing required header: WWW-Auth|#<Deltacloud::Realm|create.emptyimage|create.xmlchars"
)
DESCRIPTION = Path(tck.schemas.__file__).parent / "openapi.json"

# Why a request that the description admits may be refused with 400; besides those whose
# parameters name an object, which may not exist (stance 34).
_REFUSED = {
    "blobs.put": "a header names an upload",
    "blobs.segmented": "a header names an upload",
    "firewalls.rules": "the first port may be above the last, and sources may be missing",
}
_STATEFUL = ("destroy", "reboot", "start", "stop")  # of instances: 405 in some states (stance 13)


class FuzzError(Exception):
    """The server and the description do not agree; the message is the end of the report."""


def measure(examples: int) -> Iterator[str]:
    """At most so many for each operation and each of its parameters' ways to be wrong.

    FuzzError if anything fails.
    """
    if not TOOL.exists():
        yield "no fuzz: `make fuzz-server` installs what it needs"
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile("w+") as log,
        serving("--persona", "full", log=log) as (_, url),
    ):
        config = Path(folder) / "schemathesis.toml"
        config.write_text(_config(), "utf-8")
        command = [str(TOOL), "--config-file", str(config), "run", str(DESCRIPTION), "--url", url]
        # links lead on from JSON; the tool asks for XML by `format`
        command += ["--header", "Accept: application/json", "--max-redirects", "0"]
        command += ["--max-examples", str(examples), "--continue-on-failure", "--seed", "1"]
        command += ["--warnings", "off", "--no-color"]
        run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        log.seek(0)
        unforeseen = log.read()
    cases = re.search(r"[\d,]+ generated.*", run.stdout)
    told = cases[0] if cases else f"no cases, exit code {run.returncode}"
    if run.returncode or unforeseen:
        raise FuzzError("\n".join((run.stdout + run.stderr + unforeseen).splitlines()[-200:]))
    yield f"fuzz of the description: {told}, 0 failures, all checks and phases"
    with tempfile.TemporaryDirectory() as folder:
        kit = [sys.executable, "-m", "tck.cli", "run", "--persona", "full", "-n", "2"]
        subprocess.run([*kit, "--report-dir", folder], capture_output=True, check=True)
        yield from judge("a run of the kit", Path(folder) / "transcript.jsonl")
    yield from judge("the recordings", *RECORDINGS, known=_KNOWN)


def judge(title: str, *traffic: Path, known: re.Pattern[str] | None = None) -> Iterator[str]:
    """The opinion of openapi-core; FuzzError if an answer is not as described, or none was judged.

    What is `known` to be wrong is counted.
    """
    command = [str(TOOL.with_name("python")), str(OPINION), str(DESCRIPTION), *map(str, traffic)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    *wrong, last = run.stdout.splitlines()
    new = [line for line in wrong if not (known and known.search(line))]
    if new or last.startswith("0 "):
        raise FuzzError("\n".join([*new, last]))
    yield f"{title}: {last}{', all known' if wrong else ''}"


def _config() -> str:
    """What the description cannot know: credentials, the driver, which objects there are."""
    naming = [o.id for o in API.operations.values() if any(p.names for p in o.params)]
    acting = [f"instances.{name}" for name in _STATEFUL]
    check = "checks.positive_data_acceptance.expected-statuses"
    usual = ["2xx", "3xx", 401, 403, 404, 409]
    return f"""\
hooks = {json.dumps(str(HOOKS))}
parameters.X-Deltacloud-Driver = "full"
phases.stateful.max-steps = 12
auth.openapi.basic = {{ username = "mockuser", password = "mockpassword" }}

[[operations]]
include-method = "OPTIONS"
checks.use_after_free.enabled = false  # it tells of paths, not of objects

[[operations]]
include-operation-id = {json.dumps([*naming, *_REFUSED])}
{check} = {[*usual, 400]}

[[operations]]
include-operation-id = "api.switch"
{check} = {[*usual, 413]}  # whoever is not known sends no form in chunks

[[operations]]
include-operation-id = {json.dumps(acting)}
{check} = {[*usual, 405]}
"""
