"""Our own turn, on SQLite or PostgreSQL: the runner on a store, as in ``benchmarks.steps``.

python -m benchmarks.peers.with_wayline USERS STORE
"""

from __future__ import annotations

import sys
from contextlib import closing

from benchmarks import steps
from benchmarks.floor import DAY, HOUR, START
from benchmarks.peers.turn import turn
from engine.runner import Runner
from engine.store import open_store


def main() -> None:
    """Everybody goes through it."""
    users, address = int(sys.argv[1]), sys.argv[2]
    program = steps.program()
    steps.prepare_store(address, program, users)
    arrivals = list(steps.events(users))
    with closing(open_store(address)) as store:
        runner = Runner(store, program)
        with turn():
            for place in range(0, users, steps.BATCH):
                store.append(arrivals[place : place + steps.BATCH])
            for now in (START + HOUR, START + 3 * HOUR, START + 2 * DAY):
                while runner.run_once(now, steps.BATCH).people:
                    pass


if __name__ == "__main__":
    main()
