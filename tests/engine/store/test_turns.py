"""Standing in line to write."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from engine.store.sql.turns import Line


def test_whoever_has_left_may_come_again_at_once() -> None:
    """Also while the one who is next has not noticed yet that the turn is theirs."""
    line = Line()
    inside = 0

    def write() -> None:
        nonlocal inside
        for _ in range(3000):
            line.enter()
            inside += 1
            assert inside == 1
            inside -= 1
            line.leave()

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(write) for _ in range(4)]:
            done.result()
