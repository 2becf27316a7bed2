"""Every store keeps what stores promise, and all of them the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from engine.store import testing
from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from engine.store.testing import (
    TestArrivals,
    TestAside,
    TestAudiences,
    TestBars,
    TestBatches,
    TestCalls,
    TestConsents,
    TestDeeds,
    TestDeliveries,
    TestDeployments,
    TestDue,
    TestErasing,
    TestGates,
    TestHooks,
    TestImports,
    TestKeys,
    TestLanes,
    TestLearnt,
    TestMerges,
    TestNumbers,
    TestOrigins,
    TestPages,
    TestPulse,
    TestRecords,
    TestRuns,
    TestStrays,
    TestSuppressed,
    agreement,
)

__all__ = [
    "TestArrivals",
    "TestAside",
    "TestAudiences",
    "TestBars",
    "TestBatches",
    "TestCalls",
    "TestConsents",
    "TestDeeds",
    "TestDeliveries",
    "TestDeployments",
    "TestDue",
    "TestErasing",
    "TestGates",
    "TestHooks",
    "TestImports",
    "TestKeys",
    "TestLanes",
    "TestLearnt",
    "TestMerges",
    "TestNumbers",
    "TestOrigins",
    "TestPages",
    "TestPulse",
    "TestRecords",
    "TestRuns",
    "TestStrays",
    "TestSuppressed",
]


@pytest.mark.parametrize(("another", "examples"), [("new_sqlite", 25), ("new_postgres", 12)])
def test_memory_and_databases_answer_alike(
    another: str, examples: int, request: pytest.FixtureRequest
) -> None:
    make: Callable[[], Store] = request.getfixturevalue(another)
    run_state_machine_as_test(
        agreement(MemoryStore, make),
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )


def test_no_part_of_the_suite_is_left_out() -> None:
    assert {name for name in testing.__all__ if name.startswith("Test")} == set(__all__)
