"""`python -m fuzz` (with tests/ among the paths of Python): see `make fuzz`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from .campaign import PROJECT, Campaign, causes, table
from .worker import feed, places


def main() -> int:
    """Feed inputs and print what became of them; 1 if a reader failed."""
    parser = argparse.ArgumentParser(
        prog="fuzz", description="almost right inputs for every reader"
    )
    add = parser.add_argument
    add("--inputs", type=int, default=100_000, metavar="N", help="how many (default 100000)")
    add("--seed", default="1", help="others than last time (default 1)")
    add("--only", nargs="+", default=[], metavar="READER", help="readers, as the table names them")
    add("--again", nargs="+", type=Path, default=[], metavar="FILE", help="inputs that were kept")
    options = parser.parse_args()
    if options.again:
        return _again(options.again)
    began = time.monotonic()
    campaign = Campaign(options.inputs, options.seed, PROJECT / "reports" / "fuzz", options.only)
    campaign.run()
    for line in table(campaign.tallies):
        print(line)
    for count, fate in causes(campaign.failures):
        print(
            f"FAILED {count} times, first {campaign.seed}-{fate.number}, {fate.reader}: {fate.why}"
        )
    minutes = (time.monotonic() - began) / 60
    print(
        f"{options.inputs} inputs in {minutes:.1f} minutes, {len(campaign.failures)} failed", end=""
    )
    print(f"; they are in {campaign.keep} (--again FILE)" if campaign.failures else "")
    return 1 if campaign.failures else 0


def _again(files: list[Path]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        known = list(places(Path(folder)))
        fates = [
            feed(reader, file.read_bytes(), place)
            for file in files
            for reader, place in known
            if file.name.endswith(f"-{reader.file}")
        ]
    for fate in fates:
        print(f"{fate.outcome} in {fate.ms:.0f} ms and {fate.mib:.0f} MiB: {fate.why}")
    return 1 if any(fate.outcome == "failed" for fate in fates) else 0


if __name__ == "__main__":
    sys.exit(main())
