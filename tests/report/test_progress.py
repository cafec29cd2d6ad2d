"""What a run tells of itself while it takes long, on a terminal and elsewhere."""

from __future__ import annotations

from tck.report.progress import Progress


class Told:
    """A run that is looked at each second; `lines`: when something was written, and what."""

    def __init__(self, *, terminal: bool = False, name: str = "", columns: int = 80) -> None:
        self.now = 0.0
        self.lines: list[tuple[float, str]] = []
        self.progress = Progress(
            lambda text: self.lines.append((self.now, text)),
            lambda: self.now,
            terminal=terminal,
            columns=columns,
            name=name,
        )
        self.progress.total = 9

    def after(self, seconds: int) -> list[tuple[float, str]]:
        for _ in range(seconds):
            self.now += 1.0
            self.progress.tick()
        return self.lines


def test_a_run_is_told_every_half_minute() -> None:
    told = Told()
    told.progress.start("keys.test_create")
    assert told.after(60) == [
        (30.0, "0 of 9 checks, 30 s: keys.test_create\n"),
        (60.0, "0 of 9 checks, 60 s: keys.test_create\n"),
    ]


def test_a_wait_is_told_every_quarter_of_a_minute_from_its_beginning() -> None:
    told = Told()
    told.after(10)
    told.progress.start("a.b")
    told.progress.wait("waiting for it")
    when = [second for second, _ in told.after(35)]
    assert when == [25.0, 40.0]
    assert told.lines[-1][1] == "0 of 9 checks, 40 s: a.b: waiting for it\n"


def test_outside_of_checks_only_waits_are_told() -> None:
    told = Told()
    told.progress.total = 0
    assert told.after(100) == []
    told.progress.wait("waiting for it")
    assert told.after(15) == [(115.0, "waiting for it\n")]
    told.progress.wait("")
    told.after(100)
    assert len(told.lines) == 1


def test_a_short_run_tells_nothing() -> None:
    for terminal in (False, True):
        told = Told(terminal=terminal)
        for _ in range(20):
            told.progress.start("a.b")
            told.after(1)
            told.progress.finish()
        assert told.lines == []


def test_a_worker_tells_its_waits_only() -> None:
    told = Told(name="gw1")
    told.progress.start("a.b")
    assert told.after(100) == []
    told.progress.wait("waiting for it")
    assert told.after(15) == [(115.0, "[gw1] a.b: waiting for it\n")]


def test_on_a_terminal_one_line_is_rewritten_and_erased() -> None:
    told = Told(terminal=True, columns=30)
    told.progress.start("keys.test_create")
    told.after(4)
    assert [second for second, _ in told.lines] == [2.0, 3.0, 4.0]
    shown = told.lines[-1][1]
    assert "\n" not in shown
    assert "0 of 9 checks, 4 s: keys.test"[:29] in shown
    assert "keys.test_create" not in shown, "a line that wraps cannot be rewritten"
    told.progress.wait("waiting")
    assert "5 s: waiting" in told.after(1)[-1][1], "what is waited for, in place of the check"
    written = len(told.lines)
    told.progress.finish()
    told.progress.finish()
    assert len(told.lines) == written + 1, "it is erased once"


def test_what_an_endpoint_says_does_not_steer_the_terminal() -> None:
    told = Told()
    told.progress.start("a.b")
    told.progress.wait("waiting for i\x1b[2J\n")
    [(_, line)] = told.after(15)
    assert "\x1b" not in line
    assert line.count("\n") == 1
