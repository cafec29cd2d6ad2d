"""One process that feeds inputs to readers, and says of each what became of it.

It writes a line of JSON for each input (`Fate`). The parent kills it if a line takes too long, and
starts another one behind the input that did it.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path
from random import Random

from .mutate import mutated
from .reader import Broken, Reader, Refused, judge_refusal

MOST_SECONDS = 1.0  # of the processor, for one input
MOST_MIB = 200  # above what the process had before it
_ROOM = 1 << 30  # bytes that may be allocated before Python raises MemoryError


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one input: `outcome` is accepted, refused or failed; `why` it failed.

    `ms`: of processor time; `mib`: the most memory above what the process had before.
    """

    number: int
    reader: str
    outcome: str
    ms: float = 0.0
    mib: float = 0.0
    why: str = ""


def order(all_readers: Sequence[Reader]) -> list[int]:
    """Readers in turn, by index, each as often as its share: inputs go round this list."""
    rounds = max(reader.share for reader in all_readers)
    return [n for turn in range(rounds) for n, r in enumerate(all_readers) if turn < r.share]


def feed(reader: Reader, content: bytes, folder: Path, number: int = 0) -> Fate:
    """Let a reader read an input. What is too slow or too large is tried again: once is chance."""
    fate = _feed(reader, content, folder)
    if fate.outcome != "failed" and _excess(fate):
        fate = _feed(reader, content, folder)
        if why := _excess(fate):
            fate = replace(fate, outcome="failed", why=why)
    return replace(fate, number=number)


def _excess(fate: Fate) -> str:
    if fate.ms > MOST_SECONDS * 1000:
        return f"it took {fate.ms / 1000:.1f} s"
    return f"it took {fate.mib:.0f} MiB" if fate.mib > MOST_MIB else ""


def _feed(reader: Reader, content: bytes, folder: Path) -> Fate:
    (folder / reader.file).write_bytes(content)
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # forget the peak
    before, began = _mib("VmRSS"), time.process_time()
    outcome, why = _outcome(reader, folder)
    ms, peak = (time.process_time() - began) * 1000, _mib("VmHWM")
    return Fate(0, reader.name, outcome, ms, peak - before, why)


def _outcome(reader: Reader, folder: Path) -> tuple[str, str]:
    """Outcome, and why it failed."""
    try:
        reader.read(folder)
    except Refused as refused:
        try:
            judge_refusal(str(refused), reader.named)
        except Broken as broken:
            return "failed", str(broken)
        return "refused", ""
    except Broken as broken:
        return "failed", str(broken)
    except BaseException as error:  # noqa: BLE001 - these are what is looked for
        trace = "".join(traceback.format_tb(error.__traceback__)[-4:])
        return "failed", f"{error!r:.300}\n{trace}"
    return "accepted", ""


def _mib(name: str) -> float:
    """Memory of this process: VmRSS, VmSize, or VmHWM, the peak."""
    text = Path("/proc/self/status").read_text("ascii")
    return int(text.partition(f"{name}:")[2].split()[0]) / 1024


def places(folder: Path, source: str = "fuzz.readers") -> Iterator[tuple[Reader, Path]]:
    """Every reader of a module with a folder for its files, after it has read what is right."""
    (folder / "made").mkdir()
    for n, reader in enumerate(import_module(source).readers(folder / "made")):
        place = folder / str(n)
        place.mkdir()
        reader.prepare(place)
        for content in reader.seeds:
            if (fate := feed(reader, content, place)).outcome != "accepted":
                raise ValueError(f"{reader.name}: an input that should be right was {fate}")
        yield reader, place


def keep_input(keep: Path, seed: str, number: int, file: Path, content: bytes) -> None:
    """Keep an input that failed: its name says which reader it is for."""
    keep.mkdir(parents=True, exist_ok=True)
    (keep / f"{seed}-{number}-{file.name}").write_bytes(content)


def work(
    folder: Path, source: str, seed: str, numbers: Sequence[int], keep: Path, only: Sequence[str]
) -> None:
    """Feed the inputs of these numbers, and write their fates; keep those that fail.

    The first line says in which file each input of a round is, below `folder`.
    """
    report = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    chosen = [(r, place) for r, place in places(folder, source) if not only or r.name in only]
    limit = int(_mib("VmSize") * (1 << 20)) + _ROOM
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    turns = [chosen[n] for n in order([reader for reader, _ in chosen])]
    print(
        json.dumps([str(place / reader.file) for reader, place in turns]), file=report, flush=True
    )
    for number in numbers:
        reader, place = turns[number % len(turns)]
        content = mutated(reader.seeds, reader.form, Random(f"{seed} {number}"))
        fate = feed(reader, content, place, number)
        if fate.outcome == "failed":
            keep_input(keep, seed, number, place / reader.file, content)
        print(json.dumps(asdict(fate)), file=report, flush=True)


if __name__ == "__main__":
    where, module, start, first, last, step, kept, *names = sys.argv[1:]
    of_this = range(int(first), int(last), int(step))
    work(Path(where), module, start, of_this, Path(kept), names)
