"""A shop with a preference centre, and a link to it that Ada got."""

from __future__ import annotations

import pytest

from engine.core.program import Program
from tests.engine.api.conftest import Api, Start
from tests.engine.scene import SHOP, program_of

from .centre import POLICY, keep


@pytest.fixture(scope="package")
def program() -> Program:
    return program_of({**SHOP, "policy.yaml": POLICY})


@pytest.fixture
def api(start: Start, program: Program) -> Api:
    return start(program=program)


@pytest.fixture
def token(api: Api) -> str:
    """Of an e-mail that Ada got."""
    keep(api)
    return api.links.token("d1")
