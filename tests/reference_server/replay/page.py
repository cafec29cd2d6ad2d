"""docs/replay.md: the differences counted, and why they are there.

Written by `python -m tests.reference_server.replay.page` from the folder of the project.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from .classes import Classified, classify, table
from .replaying import Outcome, replay

FILE = Path(__file__).parents[3] / "docs" / "replay.md"

_HEAD = """\
# The original's traffic, replayed

`tests/recordings/apache-deltacloud-mock.jsonl` holds what Apache Deltacloud 1.1.3 with its mock
driver answered to {exchanges:,} requests. A test sends these requests in the same order to a
fresh reference server (driver mock) and compares status, header fields and documents. Ids
that the servers assign, dates, measurements, prose and order are normalized first. Where one
side refuses and the other does not, only the status is compared.

Every difference needs a row in `tests/reference_server/replay/differences.toml` with the reason
for it; a row without a difference fails the test as well. This page is generated from both:
`python -m tests.reference_server.replay.page`.

| Class | Differences | Exchanges | Meaning |
|---|---|---|---|
| the same | – | {same:,} | nothing differs |
| original | {original} | {original_exchanges} | a known defect of the original: B and N numbers |
| freedom | {freedom} | {freedom_exchanges} | both are right: a stance, or nothing demands either |
| ours | {ours} | {ours_exchanges} | the reference server is wrong |

An exchange may differ in several places and so stand in several lines.

## Why

| Why | Differences | Reason |
|---|---|---|
"""


def page(outcome: Outcome, classified: Classified) -> str:
    """The page as it should be."""
    kinds = defaultdict(list)
    for row, explained in classified.rows:
        kinds[row.kind] += explained
    kinds["ours"] += classified.unexplained
    counts = {
        **{kind: f"{len(kinds[kind]):,}" for kind in ("original", "freedom", "ours")},
        **{
            f"{kind}_exchanges": f"{len({d.exchange for d in kinds[kind]}):,}"
            for kind in ("original", "freedom", "ours")
        },
    }
    same = outcome.exchanges - len({d.exchange for d in outcome.differences})
    rows = sorted(
        (row.kind != "original", _order(row.why), row.reason, row.why, len(explained))
        for row, explained in classified.rows
    )
    lines = [f"| {_shown(why)} | {count:,} | {reason} |" for _, _, reason, why, count in rows]
    head = _HEAD.format(exchanges=outcome.exchanges, same=same, **counts)
    return head + "\n".join(lines) + "\n"


def _shown(why: str) -> str:
    return f"[{why}](stances.md)" if why.startswith("stance") else why


def _order(why: str) -> tuple[str, int]:
    digits = "".join(filter(str.isdigit, why))
    return why.rstrip("0123456789"), int(digits or 0)


if __name__ == "__main__":
    result = replay()
    FILE.write_text(page(result, classify(result.differences, table())), "utf-8")
