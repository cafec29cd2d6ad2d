"""`deltacloud-tck prove`: how many faults the kit finds, and whether it blames right servers."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tck.commands.exits import UsageError

if TYPE_CHECKING:
    from tck.prove.campaign import Proof

NAME = "prove"
HELP = "Judge reference servers that are wrong on purpose, and others that are unusual but right."
EXAMPLES = """\
examples:
  deltacloud-tck prove                                   everything, in two processes
  deltacloud-tck prove --fault href-relative             one fault, and what finds it
  deltacloud-tck prove --variant persona-ec2             one variant
  deltacloud-tck prove -n 4 --report-dir reports/proof   proof.json and proof.html there

Exit codes: 0 at least 99 % of the faults found, no false alarm and, in a whole proof, no rule
or check that finds nothing; 1 otherwise, 2 usage.
`deltacloud-tck serve --list-faults` names all faults.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add = parser.add_argument
    add("--fault", nargs="+", metavar="NAME", help="only these faults")
    add("--variant", nargs="+", metavar="NAME", help="only these variants")
    add("--report-dir", type=Path, default=Path("reports/proof"), metavar="DIR")
    add("--ship", action="store_true", help="keep the figures in the kit, for its reports")
    add("-n", dest="processes", type=int, default=2, metavar="N", help="processes (default 2)")


def run(options: argparse.Namespace) -> int:
    """Prove, write the report, print the outcome; the exit code."""
    # The proof needs the server as well as the checks: not to be loaded by other commands.
    from tck.prove import campaign, report  # noqa: PLC0415
    from tck.prove.faults import faults  # noqa: PLC0415
    from tck.prove.variants import variants  # noqa: PLC0415

    if options.processes < 1:
        raise UsageError("-n must be at least 1")
    everything = options.fault is None and options.variant is None
    if options.ship and not everything:
        raise UsageError("--ship wants the whole proof: no --fault, no --variant")
    wrong = _names(options.fault, faults(), "fault", everything=everything)
    right = _names(options.variant, variants(), "variant", everything=everything)
    proof = campaign.prove(wrong, right, options.processes, _progress, hearing=everything)
    report.write(proof, options.report_dir)
    _print(proof, few=not everything)
    if everything:
        for name in report.idle(proof):
            print(f"IDLE      {name} found no fault")
    if options.ship:
        print(f"figures in {report.ship(proof)}")
    print(f"report in {options.report_dir}")
    return 0 if report.holds(proof, whole=everything) else 1


def _names(
    given: list[str] | None, known: Mapping[str, object], what: str, *, everything: bool
) -> list[str]:
    for name in given or ():
        if name not in known:
            close = ", ".join(difflib.get_close_matches(name, known))
            raise UsageError(f"no {what} {name!r}" + (f"; did you mean {close}?" if close else ""))
    return list(known) if everything else list(given or ())


def _progress(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        print(f"\r{what}: {done} of {total} ", end=end, file=sys.stderr, flush=True)


def _print(proof: Proof, *, few: bool) -> None:
    for fault in proof.faults:
        if few or not fault.detected:
            print(f"{'found' if fault.detected else 'SURVIVES':<9} {fault.name}")
            for id_, by in fault.tied.items():
                print(f"          {id_}: {', '.join(by[:2]) or 'NOT FOUND'}")
            if fault.trial.unfit:
                print(f"          nothing could begin: {fault.trial.unfit}")
    for variant in proof.variants:
        if few or variant.alarms:
            print(f"{'BLAMED' if variant.alarms else 'right':<9} {variant.name}")
            for id_, told in (variant.alarms or variant.warnings).items():
                print(f"          {id_}: {told}")
    found, alarms = (
        sum(f.detected for f in proof.faults),
        sum(bool(v.alarms) for v in proof.variants),
    )
    print(
        f"{found} of {len(proof.faults)} faults found, {alarms} false alarms on "
        f"{len(proof.variants)} right servers, in {proof.seconds:.1f} s"
    )
