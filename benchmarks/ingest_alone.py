"""Our API by itself on an SQLite file: the daemon as ``wayline serve`` composes it, without its
engine, which on SQLite lives in the same process and is another measurement.

    python -m benchmarks.ingest_alone STORE
"""

from __future__ import annotations

import asyncio
import gc
import sys
from contextlib import closing

from engine.clock import SystemClock
from engine.config import Listen, Settings
from engine.daemon import Daemon, Told
from engine.logs import open_log
from engine.store import open_store


def main() -> None:
    """Serves until it is stopped."""
    gc.set_threshold(50_000)  # as the command line does
    settings = Settings(store=sys.argv[1], roles=("api",), listen=Listen(port=0))
    told = Told(_listening, lambda: None, lambda _: None, open_log("text"))
    with closing(open_store(settings.store)) as store:

        async def live() -> None:
            await Daemon(store, settings, b"measured", SystemClock(), told).live()

        asyncio.run(live())


def _listening(address: str) -> None:
    print(f"listening on {address}", flush=True)


if __name__ == "__main__":
    main()
