"""Somebody who knows only the document asks everything that it allows, and much that it does not.

Whatever is asked, the answer is one that the document foretells, and never a failure of ours.
``make fuzz`` asks for longer (``WAYLINE_TEST_GUESTS`` says how many examples of each operation).
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from engine.api.v1 import OPERATIONS, document
from engine.api.v1.operation import Operation
from engine.store.memory import MemoryStore
from tests.engine.api.conftest import Host

from .conftest import Shop

EXAMPLES = int(os.environ.get("WAYLINE_TEST_GUESTS", "5"))
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]


KNOWN = {
    "person": "0",
    "journey": "delayed",
    "segment": "good",
    "delivery": "d",
    "run": "r",
    "webhook": "h",
}


class Asking(NamedTuple):
    """Where the shop is, and what it says of itself."""

    schema: Any
    address: str
    name: str


@pytest.fixture(scope="module")
def asking(host: Host) -> Asking:
    shop = Shop(MemoryStore(), write=(), read=(), per_second=0)
    shop.scene.person("0")
    shop.scene.event("signed_up", "0")
    shop.hooks.managing.make("h", "https://crm.example/", ["*"], "", shop.scene.now)
    host.apps[b"schemathesis"] = shop.app
    schema = schemathesis.openapi.from_dict(document(OPERATIONS))
    return Asking(schema, f"http://127.0.0.1:{host.port}", "schemathesis")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_every_answer_is_one_that_the_document_foretells(
    asking: Asking, operation: Operation
) -> None:
    asked = asking.schema[operation.path][operation.method]

    @given(asked.as_strategy(), st.booleans())
    @settings(
        max_examples=EXAMPLES,
        derandomize="WAYLINE_TEST_GUESTS" not in os.environ,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any, known: bool) -> None:
        if known:
            case.path_parameters.update({name: KNOWN[name] for name in operation.parameters})
        response = case.call(base_url=asking.address, headers={"x-api": asking.name})
        case.validate_response(response, checks=CHECKS)

    ask()
