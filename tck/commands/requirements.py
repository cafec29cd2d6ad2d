"""`deltacloud-tck requirements`: list, explain, coverage."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tck import requirements
from tck.commands.exits import UsageError

if TYPE_CHECKING:
    from tck.apidocs.judging import Judged

NAME = "requirements"
HELP = "The requirement catalogue: what it demands, where from, and what judges it."
EXAMPLES = """\
examples:
  deltacloud-tck requirements list
  deltacloud-tck requirements list --area Instances --level MUST
  deltacloud-tck requirements explain DC-INS-024
  deltacloud-tck requirements coverage
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="one line a requirement")
    listing.add_argument("--area", help="only of this area")
    listing.add_argument("--level", choices=("MUST", "SHOULD", "MAY"), help="only of this level")
    explain = actions.add_parser("explain", help="everything about one requirement")
    explain.add_argument("id", metavar="ID")
    actions.add_parser(
        "coverage", help="which rules and checks judge what, and what nothing judges"
    )


def run(options: argparse.Namespace) -> int:
    """Print; the exit code."""
    lines = {"list": _list, "explain": _explain, "coverage": _coverage}[options.action](options)
    for line in lines:
        print(line)
    return 0


def _list(options: argparse.Namespace) -> Iterator[str]:
    catalogue = requirements.load()
    areas = {requirement.area for requirement in catalogue.values()}
    if options.area and options.area not in areas:
        raise UsageError(f"no area {options.area!r}; there are: {', '.join(sorted(areas))}")
    for requirement in catalogue.values():
        if options.area in (None, requirement.area) and options.level in (None, requirement.level):
            yield f"{requirement.id:<12} {requirement.level:<6} {requirement.text}"


def _explain(options: argparse.Namespace) -> Iterator[str]:
    from tck.apidocs import judging  # noqa: PLC0415  (it loads every fault)

    catalogue = requirements.load()
    requirement = catalogue.get(options.id.upper())
    if requirement is None:
        close = [id_ for id_ in catalogue if options.id.upper() in id_][:8]
        hint = f"; did you mean {', '.join(close)}?" if close else ""
        raise UsageError(f"there is no requirement {options.id}{hint}")
    yield f"{requirement.id} {requirement.level}  ({requirement.area})"
    yield from textwrap.wrap(requirement.text, 88, initial_indent="  ", subsequent_indent="  ")
    yield f"  applies: {judging.applicability(requirement)}"
    if requirement.note:
        yield from textwrap.wrap(
            f"note: {requirement.note}", 88, initial_indent="  ", subsequent_indent="    "
        )
    yield "  sources:"
    for id_ in requirement.sources:
        source = requirements.sources()[id_]
        yield from textwrap.wrap(
            f"{id_}: {source.text}", 88, initial_indent="    ", subsequent_indent="      "
        )
    found = judging.judged()[requirement.id]
    yield from _judging(found)
    yield from _passing(found)


def _judging(found: Judged) -> Iterator[str]:
    yield "  judged by:"
    yield from (f"    rule {rule.name}: {rule.doc.splitlines()[0]}" for rule in found.rules)
    yield from (f"    check {check.name}: {check.doc}" for check in found.checks)
    if found.faults:
        yield "  violated on purpose by (see with `deltacloud-tck serve --fault NAME`):"
        yield from (f"    {fault.name}: {fault.text}" for fault in found.faults)


def _passing(found: Judged) -> Iterator[str]:
    """How to pass: what to run, and what the operation looks like where it is right."""
    yield "  to pass: it is examined at least once in a run, and never violated"
    if found.checks:
        names = " or ".join(sorted({check.name.partition(".")[2] for check in found.checks}))
        yield f'    its checks alone: deltacloud-tck run --endpoint URL -k "{names}"'
    else:
        yield "    every exchange is judged: deltacloud-tck run, or validate with a recording"
    if operation := found.requirement.operation:
        from tck.apidocs.examples import examples  # noqa: PLC0415  (it starts a server)

        right = examples()[operation][0]
        yield f"  {operation} of the reference server, which passes:"
        yield from textwrap.indent(f"{right.sent}\n\n{right.received}", "    ").splitlines()


def _coverage(_options: argparse.Namespace) -> Iterator[str]:
    from tck.apidocs import judging  # noqa: PLC0415  (it loads every fault)

    known = judging.judged().values()
    yield f"{'':<8}{'in all':>8}{'by rules':>10}{'by checks':>11}{'by none':>9}{'with faults':>13}"
    for level in ("MUST", "SHOULD", "MAY"):
        of = [found for found in known if found.requirement.level == level]
        ruled, checked = sum(bool(f.rules) for f in of), sum(bool(f.checks) for f in of)
        none = sum(not (f.rules or f.checks) for f in of)
        faulted = sum(bool(f.faults) for f in of)
        yield f"{level:<8}{len(of):>8}{ruled:>10}{checked:>11}{none:>9}{faulted:>13}"
    for told, missing in (
        ("judged by nothing", [f.requirement for f in known if not (f.rules or f.checks)]),
        ("without a fault", [f.requirement for f in known if not f.faults]),
    ):
        yield f"\n{told}: {len(missing) or 'none'}"
        for requirement in missing:
            yield f"  {requirement.id:<12} {requirement.level:<6} {requirement.text}"
    yield from _left_out()


def _left_out() -> Iterator[str]:
    """Statements of the sources that no requirement takes up, each with the reason."""
    cited = {source for found in requirements.load().values() for source in found.sources}
    left_out = requirements.not_requirements()
    yield f"\nstatements of the sources: {len(cited)} taken up, {len(left_out)} not, because"
    for id_, why in left_out.items():
        told = f"{why['kind']}: {why['reason']}"
        yield from textwrap.wrap(
            told, 88, initial_indent=f"  {id_:<12} ", subsequent_indent=" " * 15
        )
