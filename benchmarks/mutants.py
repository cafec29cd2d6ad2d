"""Mutants: small changes to the reference server that nobody thought of, each judged by the kit.

Faults are written by people who know what checks look for. A mutant is made by a machine: a
comparison turned round, a text that is another, a statement or an argument left out. Most that
survive differ in nothing that a client could see; the others show what the kit overlooks.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import select
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.importing import ROOT, Importer, Mutant, mutants, mutated
from tck.checks.support import running
from tck.checks.support.cases import cases

SERVER = ROOT / "tck" / "reference_server"
# What no client of the mock cloud in memory sees over WSGI.
_OUTSIDE = ("pages", "http1", "ec2", "libvirt", "swift", "provider.py", "content_file.py")
_OUTSIDE += ("disk.py", "serving.py", "embedded.py", "forwarding.py", "record_json.py")
_OUTSIDE += ("__init__.py",)
_SECONDS = 60


def _examine(order: Sequence[str], mutant: Mutant | None) -> Any:
    """Judge the server, or a mutant of it, in a process that has not loaded it yet."""
    if mutant is not None:
        sys.meta_path.insert(0, Importer(mutant[0], mutated(*mutant)))
    from tck.prove import trial  # noqa: PLC0415 - the server is loaded here
    from tck.prove.altered.alteration import Alteration  # noqa: PLC0415
    from tck.reference_server.app import create_app  # noqa: PLC0415

    class Plain(Alteration):
        def app(self, **options: Any) -> Any:
            return create_app(self.persona, **options)

    rank = {name: n for n, name in enumerate(order)}
    known = sorted(cases(), key=lambda case: rank.get(case.name, len(rank)))
    return trial.judge(
        Plain("mutant", (), "full"),
        known,
        lambda book: bool(book.findings or book.kit_errors),
        traced=mutant is None,
    )


def _outcome(order: Sequence[str], examined: Sequence[str], mutant: Mutant) -> str:
    """What became of a mutant: found, unexamined, broken or survived."""
    try:
        seen = _examine(order, mutant)
    except BaseException:  # noqa: BLE001 - a server that ends its own process is no server
        return "broken"
    if seen.found_by or seen.kit_errors:
        return "found"
    if seen.unfit:
        return "broken"
    return "survived" if all(seen.examined[id_] for id_ in examined) else "unexamined"


def _apart(call: Callable[[], Any]) -> Any:
    """The result of a call in a process of its own, which loads a server of its own.

    None if it takes too long: a mutant may go round in circles.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        with os.fdopen(writing, "w") as out:
            json.dump(call(), out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        ready, _, _ = select.select([told], [], [], _SECONDS)
        result = json.loads(told.read() or "null") if ready else None
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return result


def _baseline() -> tuple[list[str], list[str]]:
    """Cases, those that see most in least time first, and what is examined of a right server."""
    right = _examine((), None)
    assert right.traces and not right.found_by, right.found_by  # noqa: PT018
    left, known, order = dict(right.traces), set[str](), list[str]()
    while left:
        gain = {
            name: len((trace.examined | trace.operations) - known) / (trace.requests + 1)
            for name, trace in left.items()
        }
        order.append(best := max(gain, key=gain.__getitem__))
        known |= left[best].examined | left.pop(best).operations
    return order, sorted(right.examined)


def _run(task: tuple[Callable[[Mutant], str], Mutant]) -> str:
    judged, mutant = task
    return _apart(partial(judged, mutant)) or "broken"


def measure(every: int, report: Path) -> Iterator[str]:
    """Judge every so-many-th mutant; the survivors are listed in a file."""
    running.configure_hypothesis(8, 8, 1, shrink=False)
    paths = [p for p in sorted(SERVER.rglob("*.py")) if not set(_OUTSIDE) & {p.name, *p.parts}]
    chosen = [mutant for path in paths for mutant in mutants(path)][::every]
    order, examined = _apart(_baseline)
    judged = partial(_outcome, order, examined)
    outcomes: list[str] = []
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for outcome in pool.imap(_run, [(judged, m[:3]) for m in chosen], chunksize=1):
            outcomes.append(outcome)
            if sys.stderr.isatty() or len(outcomes) % 500 == 0:
                end = "" if sys.stderr.isatty() else "\n"
                print(f"\r{len(outcomes)} of {len(chosen)}", end=end, file=sys.stderr, flush=True)
    counts = Counter(outcomes)
    told = ", ".join(f"{counts[name]} {name}" for name in ("found", "unexamined", "broken"))
    yield f"{len(chosen)} mutants of the reference server: {told}, {counts['survived']} survived"
    report.parent.mkdir(parents=True, exist_ok=True)
    pairs = zip(chosen, outcomes, strict=True)
    report.write_text(json.dumps([m[3] for m, o in pairs if o == "survived"], indent=1), "utf-8")
    yield f"survivors in {report}"
