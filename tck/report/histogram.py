"""How long answers took, as a small picture (inline SVG) with the same in words."""

from __future__ import annotations

from markupsafe import Markup

from tck.report.traffic import OperationTraffic, Traffic, bound

_BAR, _GAP, _HEIGHT = 7, 1, 30


def span(traffic: Traffic) -> tuple[int, int]:
    """The first and last step of all operations, so that all pictures have one scale."""
    steps = [step for operation in traffic.values() for step in operation.times]
    return (min(steps), max(steps)) if steps else (0, 0)


def svg(operation: OperationTraffic, first: int, last: int) -> Markup:
    """The picture: one bar for each step, from the first step to the last."""
    most = max(operation.times.values(), default=1)
    width = (last - first + 1) * (_BAR + _GAP)
    bars = Markup("").join(
        Markup('<rect x="{}" y="{}" width="{}" height="{}"/>').format(
            (step - first) * (_BAR + _GAP), _HEIGHT - height, _BAR, height
        )
        for step, count in sorted(operation.times.items())
        for height in [max(2, round(count / most * (_HEIGHT - 2)))]
    )
    return Markup(
        '<svg class="times" role="img" aria-label="{}" width="{}" height="{}" '
        'viewBox="0 0 {} {}">{}<path d="M0 {}h{}"/></svg>'
    ).format(words(operation), width, _HEIGHT + 1, width, _HEIGHT + 1, bars, _HEIGHT + 0.5, width)


def words(operation: OperationTraffic) -> str:
    """The picture in words: `half within 3 ms, all within 16 ms`."""
    if not operation.times:
        return "no requests"
    return (
        f"half within {milliseconds(operation.quantile(0.5))}, "
        f"all within {milliseconds(bound(max(operation.times)))}"
    )


def milliseconds(ms: float) -> str:
    """A time in milliseconds with two or three significant digits: `3.2 ms`, `16 ms`, `1.5 s`."""
    if ms >= 1000:
        return f"{ms / 1000:.1f} s"
    return f"{ms:.0f} ms" if ms >= 10 else f"{ms:.1f} ms"
