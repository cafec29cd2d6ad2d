"""Writes docs/sources.md: every source, and the requirements that cite it.

python -m tck.requirements.sources_page
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from tck.requirements.catalogue import Source, load, not_requirements, sources

_HEAD = """\
# Sources

Every requirement cites numbered statements; this page lists them all, with the requirements
that cite each. Where none does, the last column says why, or is empty.

Generated from `tck/requirements/sources.toml` and `not_requirements.toml` by
`python -m tck.requirements.sources_page`; edit those files, not this page.
"""
# First letters of the numbers: (title, what these statements are). The glossary and reports use it.
GROUPS = {
    "A": (
        "Documentation of the API",
        "Statements of Apache Deltacloud's documentation, and whether 1.1.3 follows them.",
    ),
    "C": ("Clients", "What fifteen clients, written 2010 to 2015, break on."),
    "R": ("The official Ruby client", "What it reads and sends."),
    "T": ("Existing tests", "What Apache's own test suites assert of a server."),
    "P": ("Points easily got wrong", "Where implementers of servers and clients stumble."),
    "J": ("XML and JSON", "Where the two formats of 1.1.3 differ."),
    "M": ("State machine", "What holds for the state machines of all drivers."),
    "V": ("Values", "What values may be, as seen in all drivers."),
    "RFC|XML": ("Standards", "HTTP, URIs, JSON and XML themselves."),
    "B": (
        "Defects of Apache Deltacloud 1.1.3",
        "No requirement rests on a defect; notes and the list of known deviations name these.",
    ),
    "N": (
        "Further defects of Apache Deltacloud 1.1.3",
        "Defects that this kit was the first to write down; only known deviations name them.",
    ),
}


def page() -> str:
    """The page, in Markdown with tables."""
    return "\n".join([_HEAD, *(line for letters in GROUPS for line in _group(letters))])


def _group(letters: str) -> Iterator[str]:
    title, sentence = GROUPS[letters]
    yield from (f"## {title}", "", sentence, "")
    members = [s for s in sources().values() if re.fullmatch(rf"({letters})[\d-].*", s.id)]
    judged = any(s.verdict for s in members)
    for where, group in groupby(members, key=lambda s: s.where):
        if where:
            yield from (f"### {_text(where)}", "")
        yield "| # | Statement |" + (" 1.1.3 |" if judged else "") + " Requirements |"
        yield "|---|---|" + ("---|" if judged else "") + "---|"
        for source in group:
            cells = [source.id, _text(source.text)]
            cells += [_text(_behaviour(source))] if judged else []
            yield "| " + " | ".join([*cells, _text(_outcome(source))]) + " |"
        yield ""


def _behaviour(source: Source) -> str:
    return f"{source.verdict}; {source.remark}" if source.remark else source.verdict


def _outcome(source: Source) -> str:
    """The requirements that cite a source, or why none does."""
    reason = not_requirements().get(source.id)
    citing = [r.id for r in load("both").values() if source.id in r.sources]
    return f"none ({reason['kind']}): {reason['reason']}" if reason else ", ".join(citing)


def _text(value: str) -> str:
    """Text for a cell of a table: markup has effect only inside code spans."""
    spans = re.split(r"(`[^`]*`)", " ".join(value.split()).replace("|", "\\|"))
    return "".join(s if s.startswith("`") else re.sub(r"([*<])", r"\\\1", s) for s in spans)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description="Write the page of sources.")
    parser.add_argument("file", type=Path, nargs="?", default=Path("docs/sources.md"))
    parser.parse_args(arguments).file.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
