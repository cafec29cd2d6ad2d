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
from functools import partial
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

from benchmarks.importing import Importer, Mutant, mutants, mutated

TCK = Path(__file__).parent.parent / "tck"
MODULES = [*sorted((TCK / "rules").glob("*.py")), *sorted((TCK / "checks").glob("*.py"))]
_SECONDS = 120
_MOST_FAULTS = 25  # that a module's judges have to find again
_PERSONA = "full"


def _examine(names: list[str] | None) -> dict[str, Any]:
    """What the kit does on the right server, and who finds which of the faults (None: all)."""
    from tck.prove import campaign  # noqa: PLC0415 - the mutant is loaded here
    from tck.prove.faults import faults  # noqa: PLC0415

    campaign._start_worker(dict([campaign._trace(_PERSONA)]))
    right = campaign.try_variant(f"persona-{_PERSONA}")
    if names is None:
        names = [name for name, fault in faults().items() if fault.persona == _PERSONA]
    found = {name: campaign.try_fault(name).tied.values() for name in names}
    return {
        "alarms": sorted(right.alarms),
        "examined": sorted(right.trial.examined),
        "judges": {name: list(ids) for name, ids in campaign.judges().items()},
        "found": {
            name: sorted({by.partition("[")[0] for judges in tied for by in judges})
            for name, tied in found.items()
        },
    }


def _apart(mutant: Mutant | None, names: list[str] | None) -> dict[str, Any] | None:
    """`_examine` in a process of its own; None if that fails or takes too long."""
    task = json.dumps([mutant and [str(mutant[0]), *mutant[1:3]], names])
    command = [sys.executable, "-m", "benchmarks.kit_mutants", task]
    try:
        seconds = _SECONDS if names is not None else None
        done = subprocess.run(command, capture_output=True, timeout=seconds, check=True)
        return dict(json.loads(done.stdout.splitlines()[-1]))
    except (subprocess.SubprocessError, ValueError, IndexError):
        return None


def _outcome(before: dict[str, Any], mutant: Mutant) -> str:
    """How a mutant was noticed; empty if it was not."""
    own = {name for name in before["judges"] if name.partition(".")[0] == mutant[0].stem}
    names = [name for name, judges in before["found"].items() if not own.isdisjoint(judges)]
    after = _apart(mutant, names[:_MOST_FAULTS])
    if after is None:
        return "failed"
    if after["alarms"]:
        return "blame the right server"
    ids = {id_ for name in own for id_ in before["judges"][name]} & set(before["examined"])
    if not ids <= set(after["examined"]):
        return "examine less"
    return "find less" if any(own.isdisjoint(by) for by in after["found"].values()) else ""


def measure(every: int, folder: Path, processes: int = 2) -> Iterator[str]:
    """Judge every so-many-th mutant of rules and checks; the survivors are listed in a file."""
    chosen = [mutant for path in MODULES for mutant in mutants(path)][::every]
    before = _apart(None, None)
    if before is None:
        sys.exit("the kit without a change cannot be examined")
    outcomes = []
    with ThreadPool(processes) as pool:
        for outcome in pool.imap(partial(_outcome, before), chosen, chunksize=1):
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
    given, wanted = json.loads(sys.argv[1])
    if given:
        place = Path(given[0])
        sys.meta_path.insert(0, Importer(place, mutated(place, *given[1:])))
    print(json.dumps(_examine(wanted)))
