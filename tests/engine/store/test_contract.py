"""Every store keeps what stores promise, and all of them the same."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from engine.store.testing import (
    TestArrivals,
    TestBatches,
    TestCalls,
    TestDeliveries,
    TestDeployments,
    TestDue,
    TestErasing,
    TestLearnt,
    TestRecords,
    TestRuns,
    agreement,
)

__all__ = [
    "TestArrivals",
    "TestBatches",
    "TestCalls",
    "TestDeliveries",
    "TestDeployments",
    "TestDue",
    "TestErasing",
    "TestLearnt",
    "TestRecords",
    "TestRuns",
]


def test_memory_and_sqlite_answer_alike(new_sqlite: Callable[[], Store]) -> None:
    run_state_machine_as_test(
        agreement(MemoryStore, new_sqlite),
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
