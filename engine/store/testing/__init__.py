"""The suite that every store passes.

A test module imports the classes and gives a ``store`` fixture that makes an empty one:

    from engine.store.testing import *

    @pytest.fixture
    def store() -> Iterator[Store]: ...

``agreement`` makes a state machine for Hypothesis that compares a store with another one, step by
step.
"""

from __future__ import annotations

from engine.store.testing.agreement import agreement
from engine.store.testing.arrivals import TestArrivals
from engine.store.testing.aside import TestAside
from engine.store.testing.audiences import TestAudiences
from engine.store.testing.bars import TestBars
from engine.store.testing.batches import TestBatches
from engine.store.testing.calls import TestCalls
from engine.store.testing.consents import TestConsents
from engine.store.testing.deeds import TestDeeds
from engine.store.testing.deliveries import TestDeliveries
from engine.store.testing.deployments import TestDeployments
from engine.store.testing.due import TestDue
from engine.store.testing.erasing import TestErasing
from engine.store.testing.gates import TestGates
from engine.store.testing.hooks import TestHooks
from engine.store.testing.imports import TestImports
from engine.store.testing.keys import TestKeys
from engine.store.testing.lanes import TestLanes
from engine.store.testing.learnt import TestLearnt
from engine.store.testing.merges import TestMerges
from engine.store.testing.numbers import TestNumbers
from engine.store.testing.origins import TestOrigins
from engine.store.testing.pages import TestPages
from engine.store.testing.pulse import TestPulse
from engine.store.testing.records import TestRecords
from engine.store.testing.runs import TestRuns
from engine.store.testing.strays import TestStrays
from engine.store.testing.suppressed import TestSuppressed

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
    "agreement",
]
