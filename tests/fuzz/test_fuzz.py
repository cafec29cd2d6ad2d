"""A few thousand inputs, the same on every run; and that what a reader does wrong would be seen.

`make fuzz` feeds a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from .campaign import Campaign, table
from .mutate import mutated
from .reader import Broken, Reader, Refused, judge_refusal
from .worker import MOST_MIB, feed

INPUTS = 1500


def test_no_reader_fails(tmp_path: Path) -> None:
    campaign = Campaign(INPUTS, "suite", tmp_path)
    campaign.run()
    assert [f"{fate.reader}: {fate.why}" for fate in campaign.failures] == []
    counts = {name: tally.outcomes for name, tally in campaign.tallies.items()}
    assert sum(of.total() for of in counts.values()) == INPUTS
    assert len(counts) >= 17
    assert all(of["refused"] for of in counts.values()), "\n".join(table(campaign.tallies))
    assert sum(bool(of["accepted"]) for of in counts.values()) > len(counts) / 2


def test_the_same_seed_makes_the_same_inputs() -> None:
    seeds = [b'{"a": ["b", {"c": "<key id=\'k\'><name/></key>"}]}', b"<keys><key/></keys>"]
    for form in ("json", "lines", "xml", "yaml", "toml", "bytes"):
        once, again, other = (
            [mutated(seeds, form, Random(f"{seed} {n}")) for n in range(200)]  # type: ignore[arg-type]
            for seed in ("1", "1", "2")
        )
        assert once == again
        assert once != other
        assert len(set(once)) > 120


# ---------------------------------------------------------------- what would be a failure


def _refuses(message: str) -> Callable[[Path], None]:
    def read(_folder: Path) -> None:
        raise Refused(message)

    return read


def _fails(_folder: Path) -> None:
    raise KeyError("a")


def _leaves(_folder: Path) -> None:
    raise SystemExit(2)


def _takes_memory(_folder: Path) -> None:
    bytearray(MOST_MIB + 50 << 20)


@pytest.mark.parametrize(
    ("read", "why"),
    [
        (_refuses("a.json:3: it has no member id"), ""),
        (_refuses(""), "says nothing"),
        (_refuses("a.json: no\nmember"), "more than one line"),
        (_refuses("no member id"), "does not name the file"),
        (_refuses("a.json: \x1b[31m"), "cannot be printed"),
        (_refuses("a.json: " + "x" * 2000), "too long"),
        (_refuses("a.json: KeyError('id')"), "speaks Python"),
        (_refuses("a.json: 'int' object has no attribute 'get'"), "speaks Python"),
        (_fails, "KeyError"),
        (_leaves, "SystemExit"),
        (_takes_memory, "MiB"),
    ],
)
def test_what_a_reader_may_not_do_is_seen(
    read: Callable[[Path], None], why: str, tmp_path: Path
) -> None:
    fate = feed(Reader("r", "a.json", "json", [b"{}"], read, named="a.json"), b"{", tmp_path)
    assert fate.outcome == ("failed" if why else "refused")
    assert why in fate.why


def test_an_input_that_takes_long_is_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("fuzz.worker.MOST_SECONDS", 0.01)

    def read(_folder: Path) -> None:
        sum(range(2_000_000))

    fate = feed(Reader("r", "a", "bytes", [b""], read), b"", tmp_path)
    assert (fate.outcome, fate.why[:8]) == ("failed", "it took ")


def test_a_reader_that_hangs_or_ends_its_process_is_seen(tmp_path: Path) -> None:
    campaign = Campaign(12, "1", tmp_path, longest=2.0, source="fuzz.wrong_readers")
    campaign.run()
    assert campaign.tallies["right"].outcomes == {"accepted": 8}
    told = {(fate.reader, fate.why) for fate in campaign.failures}
    assert told == {
        ("(b)", "it ended the process (exit code 3)"),
        ("(c)", "no end after 2 s"),
    }
    kept = sorted(tmp_path.iterdir())
    assert len(kept) == len(campaign.failures) == 4
    assert all(path.name.endswith(("-b", "-c")) and path.read_bytes() != b"right" for path in kept)


def test_refusals_of_the_kit_are_judged_by_what_users_understand() -> None:
    judge_refusal("clouds.toml: [nightly] lacks user\n", "clouds.toml")
    with pytest.raises(Broken, match="speaks Python"):
        judge_refusal("clouds.toml: 'NoneType' object is not iterable", "clouds.toml")
