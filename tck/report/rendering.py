"""What renders every page of the kit: one Jinja environment for all, with the same strictness."""

from __future__ import annotations

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from tck.report.wording import visible


def environment(*packages: str, autoescape: bool = True) -> Environment:
    """An environment with the templates of some packages, the first that has one wins.

    `tck.report` is always among them: its style.css is that of every page. `autoescape` is off
    for Markdown only. A template that uses an undefined name raises.
    """
    made = Environment(
        loader=ChoiceLoader([PackageLoader(name) for name in (*packages, "tck.report")]),
        autoescape=autoescape,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters["visible"] = visible
    return made
