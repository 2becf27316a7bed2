"""A small crowd, a small burst beyond what a daemon takes, and a bug in it. ``make load`` does the
same with a million people.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.load import Load, report, run

pytestmark = pytest.mark.slow


def test_a_burst_beyond_the_limit_is_put_off_and_nothing_accepted_is_lost(tmp_path: Path) -> None:
    """And timers go on meanwhile, and those whom the bug hits are set aside."""
    load = Load(people=400, per_second=50, minutes=0, events=3_000, backlog=500, readers=False)
    said: list[str] = []
    seen = run(load, f"sqlite:///{tmp_path / 'load.db'}", tmp_path, said.append)

    assert seen.wrong == []
    assert seen.burst is not None
    assert (seen.burst.accepted, seen.kept, seen.aside) == (3_000, 3_000, 2)
    assert seen.burst.put_off > 0
    assert min(seen.burst.waits) >= 1
    assert "lost: 0 of 3,000" in list(report(load, seen))
