"""Work that waits for a thread of its own."""

from __future__ import annotations

import threading

from tck.endpoint.backlog import Backlog


def test_everything_is_worked_off_in_order() -> None:
    done: list[int] = []
    backlog = Backlog(done.append)
    for n in range(100):
        backlog.add(n, 1)
    backlog.close()
    assert (done, backlog.dropped) == (list(range(100)), 0)


def test_what_finds_it_full_is_counted_and_dropped() -> None:
    done: list[int] = []
    begun, go = threading.Event(), threading.Event()

    def work(n: int) -> None:
        begun.set()
        go.wait(10)
        done.append(n)

    backlog = Backlog(work, most=2)
    backlog.add(0, 1)
    assert begun.wait(10)
    backlog.add(1, 1)
    backlog.add(2, 1)  # one is worked on, one waits
    go.set()
    backlog.close()
    assert (done, backlog.dropped) == ([0, 1], 1)


def test_bytes_count_too_but_one_item_always_has_room() -> None:
    begun, go = threading.Event(), threading.Event()
    backlog = Backlog[int](lambda _: (begun.set(), go.wait(10)), most_bytes=10)
    backlog.add(0, 1_000)
    assert begun.wait(10)
    backlog.add(1, 1)
    go.set()
    backlog.close()
    assert backlog.dropped == 1


def test_whoever_waits_for_room_gets_it() -> None:
    done: list[int] = []
    backlog = Backlog(done.append, most=1)
    for n in range(50):
        backlog.add(n, 1, wait=True)
    backlog.close()
    assert (done, backlog.dropped) == (list(range(50)), 0)


def test_a_failure_ends_the_work_and_is_kept() -> None:
    backlog = Backlog[int](lambda n: 1 // n)
    backlog.add(0, 1)
    backlog.add(1, 1)
    backlog.close()
    assert isinstance(backlog.failure, ZeroDivisionError)
    assert backlog.dropped == 2
