"""Mutants of the kit: small changes to rules and checks, which the proof has to notice.

A mutant is killed if its judge blames the right server, no longer examines what it examined, no
longer finds a fault that it found, or fails. What survives is read: it becomes a fault or a test,
or differs in nothing that counts (the words of a finding, say). Each mutant is judged in a process
of its own, whose result is one line of JSON: `python -m benchmarks.kit_mutants PATH NODE EDIT`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

from benchmarks.importing import Importer, Mutant, mutants, mutated

TCK = Path(__file__).parent.parent / "tck"
MODULES = [*sorted((TCK / "rules").glob("*.py")), *sorted((TCK / "checks").glob("*.py"))]
_SECONDS = 120
_MOST_FAULTS = 25  # that a module's judges have to find again
_PERSONA = "full"


def _examine(path: Path, names: list[str] | None) -> dict[str, Any]:
    """What the judges of a module do: on the right server, and at faults.

    `names` of faults; None for all that any of these judges should find.
    """
    from tck.prove import campaign  # noqa: PLC0415 - the mutant is loaded here
    from tck.prove.faults import faults  # noqa: PLC0415

    own = {n: ids for n, ids in campaign.judges().items() if n.partition(".")[0] == path.stem}
    ids = {id_ for named in own.values() for id_ in named}
    campaign._start_worker(dict([campaign._trace(_PERSONA)]))
    right = campaign.try_variant(f"persona-{_PERSONA}")
    if names is None:
        there = faults().items()
        names = [n for n, f in there if f.persona == _PERSONA and not ids.isdisjoint(f.violates)]
    found: dict[str, bool] = {}
    for name in names:
        tied = campaign.try_fault(name).tied.values()
        found[name] = any(by.partition("[")[0] in own for judges in tied for by in judges)
    return {
        "alarms": sorted(right.alarms),
        "examined": sorted(id_ for id_ in ids if right.trial.examined[id_]),
        "found": found,
    }


def _apart(path: Path, mutant: Mutant | None, names: list[str] | None) -> dict[str, Any] | None:
    """`_examine` in a process of its own; None if that fails or takes too long."""
    task = json.dumps([str(path), mutant and [str(mutant[0]), *mutant[1:3]], names])
    command = [sys.executable, "-m", "benchmarks.kit_mutants", task]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True)
        return dict(json.loads(done.stdout.splitlines()[-1]))
    except (subprocess.SubprocessError, ValueError, IndexError):
        return None


def _why_killed(before: dict[str, Any], after: dict[str, Any] | None) -> str:
    """How a mutant was noticed; empty if it was not."""
    if after is None:
        return "failed"
    if after["alarms"]:
        return "blames the right server"
    if set(before["examined"]) - set(after["examined"]):
        return "examines less"
    return "finds less" if any(not after["found"][name] for name in after["found"]) else ""


def _found(base: dict[str, Any]) -> list[str]:
    return [name for name, by_own in base["found"].items() if by_own]


def measure(every: int, folder: Path, processes: int = 2) -> Iterator[str]:
    """Judge every so-many-th mutant of rules and checks; the survivors are listed in a file."""
    chosen = [mutant for path in MODULES for mutant in mutants(path)][::every]
    paths = sorted({mutant[0] for mutant in chosen})
    with ThreadPool(processes) as pool:
        found = pool.map(lambda path: _apart(path, None, None), paths)
        bases = {path: base for path, base in zip(paths, found, strict=True) if base}
        names = {path: _found(base)[:_MOST_FAULTS] for path, base in bases.items()}

        def judged(mutant: Mutant) -> str:
            path = mutant[0]
            return _why_killed(bases[path], _apart(path, mutant, names[path]))

        chosen = [mutant for mutant in chosen if mutant[0] in bases]
        outcomes = []
        for outcome in pool.imap(judged, chosen, chunksize=1):
            outcomes.append(outcome)
            print(f"{len(outcomes)} of {len(chosen)}", file=sys.stderr, flush=True)
    counts = Counter(outcomes)
    survived = counts.pop("", 0)
    told = ", ".join(f"{count} {why}" for why, count in counts.most_common())
    share = 1 - survived / max(len(chosen), 1)
    yield f"{len(chosen)} mutants of rules and checks: {share:.0%} killed ({told}), {survived} not"
    folder.mkdir(parents=True, exist_ok=True)
    left = [mutant[3] for mutant, why in zip(chosen, outcomes, strict=True) if not why]
    (folder / "kit-mutants.json").write_text(json.dumps(left, indent=1), "utf-8")
    yield f"survivors in {folder / 'kit-mutants.json'}"


if __name__ == "__main__":
    at, given, wanted = json.loads(sys.argv[1])
    if given:
        place = Path(given[0])
        sys.meta_path.insert(0, Importer(place, mutated(place, *given[1:])))
    print(json.dumps(_examine(Path(at), wanted)))
