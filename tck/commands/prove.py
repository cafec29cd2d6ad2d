"""`deltacloud-tck prove`: how many faults the kit finds, and whether it blames right servers."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tck.commands.exits import UsageError
from tck.endpoint import disk

if TYPE_CHECKING:
    from tck.prove.campaign import Proof
    from tck.prove.clients.campaign import ClientProof

NAME = "prove"
_SAMPLE = 100
HELP = "Judge reference servers that are wrong on purpose, and others that are unusual but right."
EXAMPLES = """\
examples:
  deltacloud-tck prove                                   everything, in two processes
  deltacloud-tck prove --fault href-relative             one fault, and what finds it
  deltacloud-tck prove --variant persona-ec2             one variant
  deltacloud-tck prove --client key-without-a-name       one client
  deltacloud-tck prove --precision                       what else is blamed for a fault
  deltacloud-tck prove -n 4 --report-dir reports/proof   proof.json and proof.html there

Exit codes: 0 at least 99 % of the faults found, none that makes a run much longer, no false
alarm and, in a whole proof, no rule or check that finds nothing; 1 otherwise, 2 usage. With
--precision 0, whatever the figures are.
`deltacloud-tck serve --list-faults` names all faults.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add = parser.add_argument
    add("--fault", nargs="+", metavar="NAME", help="only these faults")
    add("--variant", nargs="+", metavar="NAME", help="only these variants")
    add("--client", nargs="+", metavar="NAME", help="only these clients (docs/clients.md)")
    add(
        "--precision",
        action="store_true",
        help="judge faults to the end: which requirements are blamed for each, and as how many "
        "causes (with --fault, or for a sample)",
    )
    add(
        "--sample",
        type=int,
        metavar="N",
        help=f"with --precision: so many faults of all areas (default {_SAMPLE})",
    )
    add(
        "--report-dir",
        type=Path,
        metavar="DIR",
        help="default: reports/proof, with --precision reports/precision, otherwise with --fault "
        "or --variant reports/proof-selection",
    )
    add("--ship", action="store_true", help="write the figures into the kit, for its reports")
    add("-n", dest="processes", type=int, default=2, metavar="N", help="processes (default 2)")


def run(options: argparse.Namespace) -> int:
    """Run the proof, print the outcome, write the report; the exit code.

    Raises UsageError, Unwritable.
    """
    # the proof loads the server and all checks, which other commands need not do
    from tck.prove import campaign, report  # noqa: PLC0415
    from tck.prove.clients import campaign as of_clients  # noqa: PLC0415
    from tck.prove.faults import faults  # noqa: PLC0415
    from tck.prove.variants import variants  # noqa: PLC0415

    if not 1 <= options.processes <= 256:
        raise UsageError("-n must be a number from 1 to 256")
    if options.precision:
        return _precision(options)
    if options.sample is not None:
        raise UsageError("--sample goes with --precision")
    whole = options.fault is options.variant is options.client is None
    if options.ship and not whole:
        raise UsageError("--ship requires the whole proof: no --fault, --variant or --client")
    fault_names = list(faults()) if whole else _existing(options.fault, faults(), "fault")
    variant_names = list(variants()) if whole else _existing(options.variant, variants(), "variant")
    client_names = _existing(options.client, of_clients.clients(), "client")
    folder = options.report_dir or Path("reports", "proof" if whole else "proof-selection")
    disk.prepare(folder, report.NAMES)
    proof = campaign.prove(
        fault_names, variant_names, options.processes, _progress, retry_idle=whole
    )
    if whole or client_names:
        proof.clients = of_clients.prove(client_names or list(of_clients.clients()), _progress)
    _print(proof, only_problems=whole)
    if whole:
        for name in report.idle(proof):
            print(f"IDLE      {name} found no fault")
    report.write(proof, folder)
    if options.ship:
        print(f"figures in {report.ship(proof)}")
    print(f"report in {folder}")
    return 0 if report.holds(proof, whole=whole) else 1


def _precision(options: argparse.Namespace) -> int:
    from tck.prove import campaign, precision, report  # noqa: PLC0415
    from tck.prove.faults import faults  # noqa: PLC0415

    if (
        options.variant
        or options.client
        or options.ship
        or (options.fault and options.sample is not None)
    ):
        raise UsageError("--precision goes with --fault or --sample only")
    if options.sample is not None and options.sample < 1:
        raise UsageError("--sample must be at least 1")
    names = _existing(options.fault, faults(), "fault") or precision.sample(
        options.sample or _SAMPLE
    )
    folder = options.report_dir or Path("reports", "precision")
    disk.prepare(folder, report.NAMES)
    proof = campaign.precision(names, options.processes, _progress)
    _print_precision(proof)
    report.write(proof, folder)
    print(f"report in {folder}")
    return 0


def _print_precision(proof: Proof) -> None:
    from tck.prove import precision  # noqa: PLC0415

    figures = precision.summary(proof.blames)
    by_name = {blame.name: blame for blame in proof.blames}
    for name in figures["worst"]:
        blame = by_name[name]
        print(f"{name}: {blame.fault.text} ({', '.join(blame.fault.violates)})")
        for number, cause in enumerate(blame.causes, 1):
            print(f"     {number:>3}. {', '.join(cause)}")
    print(
        f"{figures['faults']} faults, each judged by all checks, in {proof.seconds:.1f} s\n"
        f"requirements blamed for one: median {figures['median_requirements']:g}, "
        f"at most {precision.FEW} for {figures['few_requirements']:.1%}\n"
        f"one cause for {figures['one_cause']:.1%}\n"
        f"a requirement that the fault violates is shown first for {figures['tied_first']:.1%}"
    )


def _existing(names: list[str] | None, existing: Mapping[str, object], kind: str) -> list[str]:
    for name in names or ():
        if name not in existing:
            close = ", ".join(difflib.get_close_matches(name, existing))
            hint = f"; did you mean {close}?" if close else ""
            raise UsageError(f"no {kind} {name!r}{hint}")
    return list(names or ())


def _progress(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        print(f"\r{what}: {done} of {total} ", end=end, file=sys.stderr, flush=True)


def _print(proof: Proof, *, only_problems: bool) -> None:
    for outcome in proof.faults:
        if outcome.detected and only_problems:
            continue
        status = "found" if outcome.detected else "SURVIVES"
        print(f"{status:<9} {outcome.name}: {outcome.fault.text}")
        for id_, by in outcome.tied.items():
            print(f"          {id_}: {', '.join(by[:2]) or 'NOT FOUND'}")
        if outcome.trial.unfit:
            print(f"          no check could run: {outcome.trial.unfit}")
    for right in proof.variants:
        if only_problems and not right.alarms:
            continue
        print(f"{'BLAMED' if right.alarms else 'right':<9} {right.name}: {right.variant.text}")
        for id_, message in (right.alarms or right.warnings).items():
            print(f"          {id_}: {message}")
    if proof.slowest:
        print("longest runs, by all checks, at a server with a fault (at the unchanged one):")
    for timing in proof.slowest:
        trial, unchanged = timing.trial, timing.unchanged
        print(
            f"{'' if timing.within else 'TOO LONG':<9} {timing.name}: {trial.seconds:.1f} s "
            f"({unchanged.seconds:.1f}) and {trial.waited:.1f} s waited, "
            f"{trial.requests} requests ({unchanged.requests})"
        )
    if proof.clients:
        _print_clients(proof.clients, only_problems=only_problems)
    detected = sum(outcome.detected for outcome in proof.faults)
    alarms = sum(bool(right.alarms) for right in proof.variants)
    deprived, refusing = proof.count("without-"), proof.count("refuses-")
    special = f" ({deprived} deprived, {refusing} refusing)" if deprived or refusing else ""
    print(
        f"{detected} of {len(proof.faults)} faults found, {alarms} false alarms on "
        f"{len(proof.variants)} right servers{special}, in {proof.seconds:.1f} s"
    )


def _print_clients(proof: ClientProof, *, only_problems: bool) -> None:
    for outcome in proof.outcomes:
        client = outcome.client
        if only_problems and outcome.holds:
            continue
        good, bad = ("found", "SURVIVES") if client.violates else ("right", "BLAMED")
        print(f"{good if outcome.holds else bad:<9} {client.name}: {client.text}")
        for id_, by in outcome.tied.items():
            print(f"          {id_}: {', '.join(by[:2]) or 'NOT FOUND'}")
        for id_, message in outcome.alarms.items():
            print(f"          also {id_}: {message}")
    count = proof.summary
    print(
        f"{count['found']} of {count['broken']} broken clients found, "
        f"{count['blamed']} of {count['right']} right clients blamed"
    )
