"""A cloud on a bad day: the verdict does not change, and the report says what was retried.

TCK_FLAKY sets how many whole runs are made (everyday tests make a small one).
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from .flaky import Weather, flaky
from .running import KIT, Start, run, served
from .test_run import OWN, everything

RUNS = int(os.environ.get("TCK_FLAKY", "0"))
FEW = ("-k", "keys or realms or (storage_volumes and not twice)")
CLOUD = """
[bad-day]
endpoint = "{url}"
user = {{ env = "DELTACLOUD_TCK_USER" }}
password = {{ env = "DELTACLOUD_TCK_PASSWORD" }}
settles = {settles}
transition = 60
retries = 6
exclusive = true
"""


@pytest.mark.parametrize("seed", range(RUNS or 1))
def test_a_bad_day_changes_no_verdict(seed: int, tmp_path: Path) -> None:
    weather = Weather(stale_for=2.0 if RUNS else 0.3, seed=seed, busy=0.02 if RUNS else 0.1)
    with served() as server, flaky(server.url, weather) as url:
        before = everything(server)
        clouds = tmp_path / "clouds.toml"
        clouds.write_text(CLOUD.format(url=url, settles=weather.stale_for + 0.5), "utf-8")
        command = (*KIT, "run", "--profile", "smoke", "--cloud", "bad-day", "--clouds", str(clouds))
        command += ("--report-dir", str(tmp_path / "report"), *(() if RUNS else FEW))
        ended = run(Start(command, OWN), longest=1800)
        assert everything(server) == before
    told = json.loads((tmp_path / "report" / "results.json").read_text("utf-8"))
    assert (ended.code, told["summary"]["verdict"]) == (0, "conformant"), ended.told[-4000:]
    assert min(weather.suffered[kind] for kind in ("busy", "lost", "cut", "stale")) > 0
    again = [line for line in told["run"]["retries"] if "was run again" not in line]
    print(dict(weather.suffered), len(again), told["run"]["retries"], told["summary"]["seconds"])
    hidden = sum(weather.suffered[kind] for kind in ("busy", "lost", "cut"))
    assert len(again) == hidden
