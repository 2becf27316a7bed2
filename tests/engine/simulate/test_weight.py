"""What a simulation brings along: it runs in several processes at once, and each pays for it."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"aiohttp", "prometheus_client", "psycopg", "pydantic", "sqlalchemy", "structlog"}


def test_a_simulation_loads_nothing_of_databases_networks_and_logs() -> None:
    code = "import engine.simulate.simulation, sys; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()

    assert "engine.simulate.simulation" in loaded
    assert HEAVY.isdisjoint(loaded)
