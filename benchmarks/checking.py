"""How long somebody waits for ``wayline check`` of a project of thirteen journeys.

The whole process, from the shell and back. Warm is how it is every day: the parser's tables are read
that are shipped beside the grammar. Cold is without them, as after an update of the parser's library:
the parser is made from the grammar. Python has compiled its files in both; a run before the first one
sees to that.

    python -m benchmarks.checking [--runs 7]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

__all__ = ["LONGEST_COLD", "LONGEST_WARM", "Measured", "main", "run"]

LONGEST_COLD, LONGEST_WARM = 1.5, 0.6
RUNS = 7

_PROJECT = Path(__file__).resolve().parent.parent / "tests/projects/shop"
_WARM = "from engine.cli.main import main; main()"
_COLD = f"import lark; lark.__version__ += ', another'; {_WARM}"
_FOUND = (0, 1)  # exit codes of a check that came to its end


class Measured(NamedTuple):
    """Seconds, medians: for somebody who waits, and of the processor."""

    cold: float
    warm: float
    cold_cpu: float
    warm_cpu: float


def run(runs: int = RUNS) -> Measured:
    """Checks the project so often, cold and warm in turns."""
    _check(_WARM)
    cold, warm = zip(*((_check(_COLD), _check(_WARM)) for _ in range(runs)), strict=True)
    return Measured(
        statistics.median(one[0] for one in cold),
        statistics.median(one[0] for one in warm),
        statistics.median(one[1] for one in cold),
        statistics.median(one[1] for one in warm),
    )


def _check(code: str) -> tuple[float, float]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before, started = os.times(), time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", code, "check", str(_PROJECT)],
        check=False,
        capture_output=True,
        env=environment,
        cwd=_PROJECT.parents[2],
    )
    seconds, after = time.perf_counter() - started, os.times()
    if done.returncode not in _FOUND:
        raise SystemExit(done.stderr.decode())
    used = after.children_user + after.children_system
    return seconds, used - before.children_user - before.children_system


def main() -> None:
    """Measures once and prints it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checking", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    took = run(parser.parse_args().runs)
    print(f"cold {took.cold:6.2f} s  ({took.cold_cpu:.2f} s of CPU)")
    print(f"warm {took.warm:6.2f} s  ({took.warm_cpu:.2f} s of CPU)")


if __name__ == "__main__":
    main()
