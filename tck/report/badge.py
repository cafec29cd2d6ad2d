"""badge.svg: the levels or the verdict as a small picture for a web page."""

from __future__ import annotations

from lxml import etree

from tck.report.result import Result, Verdict
from tck.requirements.levels import CURRENT, Standing

_SVG = "http://www.w3.org/2000/svg"
_GREEN, _RED, _GREY = "#116329", "#a40e26", "#4b535c"  # white on each: contrast above 7:1
_HEIGHT, _SIZE, _LETTER, _EDGE = 22, 12, 7.2, 8


def text_and_colour(result: Result) -> tuple[str, str]:
    """The right half of the badge: certified levels, or else the verdict; and its colour."""
    certified = [level for level in result.levels if level.standing.certified]
    if full := [level for level in certified if level.name == "full"]:
        certified = full
    if certified:
        names = [
            f"{level.title} (part)" if level.standing is Standing.PARTIAL else level.title
            for level in certified
        ]
        return ", ".join(names), _GREEN
    if result.verdict is Verdict.NOT_CONFORMANT:
        return str(result.verdict), _RED
    return f"{result.verdict_words}{', uncertified' if result.obstacle else ''}", _GREY


def tree(result: Result) -> etree._Element:
    """The picture as SVG."""
    value, colour = text_and_colour(result)
    label = f"Deltacloud {CURRENT}"
    left, right = (round(len(part) * _LETTER + 2 * _EDGE) for part in (label, value))
    svg = etree.Element("svg", width=str(left + right), height=str(_HEIGHT), role="img", xmlns=_SVG)
    etree.SubElement(svg, "title").text = f"{label}: {value}"
    for x, width, fill in ((0, left, "#24292f"), (left, right, colour)):
        box = {"x": str(x), "width": str(width), "height": str(_HEIGHT), "fill": fill}
        etree.SubElement(svg, "rect", box)
    for x, width, part in ((0, left, label), (left, right, value)):
        place = {"x": str(x + _EDGE), "y": "15", "fill": "#fff", "font-size": str(_SIZE)}
        fit = {"textLength": str(width - 2 * _EDGE), "lengthAdjust": "spacingAndGlyphs"}
        text = etree.SubElement(svg, "text", place | fit | {"font-family": "Verdana, sans-serif"})
        text.text = part
    return svg


def content(result: Result) -> bytes:
    """What badge.svg holds."""
    return etree.tostring(tree(result), encoding="utf-8", pretty_print=True)
