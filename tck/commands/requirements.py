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
    from tck.prove.altered.alteration import Alteration

NAME = "requirements"
HELP = "The requirement catalogue: what it demands, why, and what judges it."
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
    listing = actions.add_parser("list", help="one line for each requirement")
    listing.add_argument("--area", help="only this area")
    listing.add_argument("--level", choices=("MUST", "SHOULD", "MAY"), help="only this level")
    explain = actions.add_parser("explain", help="everything about one requirement")
    explain.add_argument("id", metavar="ID")
    actions.add_parser(
        "coverage", help="how many requirements rules and checks judge, and which nothing judges"
    )


def run(options: argparse.Namespace) -> int:
    """Print; the exit code."""
    lines = {"list": _list, "explain": _explain, "coverage": _coverage}[options.action](options)
    for line in lines:
        print(line)
    return 0


def _list(options: argparse.Namespace) -> Iterator[str]:
    catalogue = requirements.load("both")
    areas = {requirement.area for requirement in catalogue.values()}
    if options.area is not None and options.area not in areas:
        raise UsageError(f"no area {options.area!r}; there are: {', '.join(sorted(areas))}")
    for requirement in catalogue.values():
        if options.area in (None, requirement.area) and options.level in (None, requirement.level):
            yield f"{requirement.id:<12} {requirement.level:<6} {requirement.text}"


def _explain(options: argparse.Namespace) -> Iterator[str]:
    from tck.apidocs import judging  # noqa: PLC0415  (slow: it loads every fault)

    catalogue = requirements.load("both")
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
    judged = judging.judged()[requirement.id]
    yield from _judging(judged)
    yield from _passing(judged)


def _judging(judged: Judged) -> Iterator[str]:
    yield "  judged by:"
    yield from (f"    rule {rule.name}: {rule.doc.splitlines()[0]}" for rule in judged.rules)
    yield from (f"    check {check.place}: {check.doc}" for check in judged.checks)
    if judged.faults:
        yield "  violated on purpose by (see with `deltacloud-tck serve --fault NAME`):"
        yield from (f"    {_written_in('faults', f)} {f.name}: {f.text}" for f in judged.faults)
    if judged.clients:
        yield "  violated on purpose by (see with `deltacloud-tck prove --client NAME`):"
        yield from (f"    client {client.name}: {client.text}" for client in judged.clients)
    if judged.requirement.side == "client":
        return
    if judged.variants:
        yield "  unusual and right (see with `deltacloud-tck serve --variant NAME`):"
        yield from (f"    {_written_in('variants', v)} {v.name}: {v.text}" for v in judged.variants)
    else:
        yield "  unusual and right: no variant cites it"


def _written_in(package: str, alteration: Alteration) -> str:
    """The file that a fault or a variant is written in."""
    return f"tck/prove/{package}/{alteration.area.replace(' ', '_')}.py"


def _passing(judged: Judged) -> Iterator[str]:
    """How to pass: what to run, and a right answer to the operation as an example."""
    if judged.requirement.side == "client":
        yield "  to pass: it must be examined at least once, and never violated (docs/clients.md)"
        return
    yield "  to pass: it must be examined at least once in a run, and never violated"
    if judged.checks:
        names = " or ".join(sorted({check.name.partition(".")[2] for check in judged.checks}))
        yield f'    to run only its checks: deltacloud-tck run --endpoint URL -k "{names}"'
    else:
        yield "    rules judge every exchange: deltacloud-tck run, or validate a recording"
    if operation := judged.requirement.operation:
        from tck.apidocs.examples import examples  # noqa: PLC0415  (slow: it starts a server)

        example = examples()[operation][0]
        yield f"  {operation} of the reference server passes:"
        yield from textwrap.indent(f"{example.sent}\n\n{example.received}", "    ").splitlines()


def _coverage(_options: argparse.Namespace) -> Iterator[str]:
    from tck.apidocs import judging  # noqa: PLC0415  (slow: it loads every fault)

    judged = judging.judged().values()
    yield f"{'':<8}{'total':>8}{'by rules':>10}{'by checks':>11}{'by none':>9}{'with faults':>13}"
    for level in ("MUST", "SHOULD", "MAY"):
        of = [j for j in judged if j.requirement.level == level]
        ruled, checked = sum(bool(j.rules) for j in of), sum(bool(j.checks) for j in of)
        none = sum(not (j.rules or j.checks) for j in of)
        faulted = sum(bool(j.faults or j.clients) for j in of)
        yield f"{level:<8}{len(of):>8}{ruled:>10}{checked:>11}{none:>9}{faulted:>13}"
    for title, missing in (
        ("judged by nothing", [j.requirement for j in judged if not (j.rules or j.checks)]),
        ("without a fault", [j.requirement for j in judged if not (j.faults or j.clients)]),
    ):
        yield f"\n{title}: {len(missing) or 'none'}"
        for requirement in missing:
            yield f"  {requirement.id:<12} {requirement.level:<6} {requirement.text}"
    yield from _declined()


def _declined() -> Iterator[str]:
    """Sources that deliberately lead to no requirement, each with the reason."""
    cited = {source for r in requirements.load("both").values() for source in r.sources}
    declined = requirements.not_requirements()
    yield f"\nsources: {len(cited)} cited by requirements, {len(declined)} not, because"
    for id_, why in declined.items():
        reason = f"{why['kind']}: {why['reason']}"
        yield from textwrap.wrap(
            reason, 88, initial_indent=f"  {id_:<12} ", subsequent_indent=" " * 15
        )
