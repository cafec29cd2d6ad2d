"""`python -m benchmarks`: figures of the reference server. Only the fuzz can fail, not by time."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from benchmarks import (
    fuzz,
    killing,
    kit_mutants,
    large,
    mutants,
    parallel,
    proxy,
    sizes,
    throughput,
)


def kills(rounds: int) -> Iterator[str]:
    """A server that is killed in the middle of writes, again and again over one file."""
    with tempfile.TemporaryDirectory() as place:
        wrong = killing.kill_and_look(Path(place) / "cloud.db", rounds)
    yield f"kill -9 in the middle of writes, {rounds} times: {len(wrong)} things lost or halved"
    yield from (f"  WRONG {words}" for words in wrong[:20])


def stored(seconds: float) -> Iterator[str]:
    """The parallel clients with everything on the disk."""
    with tempfile.TemporaryDirectory() as place:
        yield "with --storage:"
        yield from parallel.measure(seconds, 32, "--storage", str(Path(place) / "cloud.db"))


def main() -> None:
    """Take the options and print what the benchmarks say, as they say it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these (default: all)")
    parser.add_argument("--seconds", type=float, default=10, help="for the parallel clients")
    parser.add_argument("--kills", type=int, default=10, help="kills of a server with --storage")
    parser.add_argument("--gib", type=float, default=1, help="size of the large blob")
    parser.add_argument("--exchanges", type=int, default=10_000, help="compared through the proxy")
    parser.add_argument("--examples", type=int, default=6, help="for each operation of the fuzz")
    parser.add_argument("--every", type=int, default=40, help="of so many mutants one is judged")
    options = parser.parse_args()
    known: Mapping[str, Callable[[], Iterator[str]]] = {
        "start": sizes.measure_start,
        "throughput": partial(throughput.measure, min(options.seconds, 10)),
        "lists": sizes.measure_lists,
        "large": partial(large.measure, options.gib),
        "parallel": partial(parallel.measure, options.seconds),
        "stored": partial(stored, options.seconds),
        "proxy": partial(proxy.measure, options.exchanges, options.gib),
        "kills": partial(kills, options.kills),
        "fuzz": partial(fuzz.measure, options.examples),
        "mutants": partial(mutants.measure, options.every, Path("reports/mutants.json")),
        "kit-mutants": partial(kit_mutants.measure, options.every, Path("reports")),
    }
    unknown = set(options.names) - set(known)
    if unknown:
        parser.error(f"there are {', '.join(known)}; not {', '.join(sorted(unknown))}")
    for name, measure in known.items():
        if not options.names or name in options.names:
            try:
                for line in measure():
                    print(line, flush=True)
            except fuzz.FuzzError as error:
                sys.exit(str(error))


if __name__ == "__main__":
    main()
