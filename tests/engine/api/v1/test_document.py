"""The OpenAPI document: valid by somebody else's judgement, and about what is really served."""

from __future__ import annotations

import json
import re

from click.testing import CliRunner
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Route

from engine.api.v1 import OPERATIONS, document
from engine.cli.main import wayline

from .conftest import Open, Shop


def test_the_document_is_valid_openapi() -> None:
    assert list(OpenAPIV31SpecValidator(document(OPERATIONS)).iter_errors()) == []


def test_every_operation_has_a_name_of_its_own_and_is_explained() -> None:
    told = document(OPERATIONS)
    operations = [each for methods in told["paths"].values() for each in methods.values()]
    names = [each["operationId"] for each in operations]

    assert len(set(names)) == len(names) == len(OPERATIONS)
    assert all(each["summary"] and each["description"] for each in operations)
    for name, schema in told["components"]["schemas"].items():
        assert schema.get("description"), name


def test_what_is_served_is_what_is_written_down(open_shop: Open) -> None:
    """Every route under /v1 is in the document, but those that speak the Segment spec, or other
    people's."""
    elsewhere = re.compile(
        r"/v1/(track|identify|alias|group|page|screen|batch|[tiagpsb]|receipts/.*|openapi.json"
        r"|journeys/\{journey\}/start|people/\{person:path\}.*|import.*)"
    )
    routes = {
        (method, route.path)
        for route in open_shop().app.routes
        if isinstance(route, Route) and route.path.startswith("/v1/")
        if not elsewhere.fullmatch(route.path)
        for method in route.methods or ()
        if method != "HEAD"
    }

    assert routes == {(each.method, each.path) for each in OPERATIONS}


def test_the_command_and_the_daemon_hand_out_the_same(shop: Shop) -> None:
    served = shop.ask("GET", "/v1/openapi.json")
    printed = CliRunner().invoke(wayline, ["openapi"])

    assert served.json() == json.loads(printed.output) == document(OPERATIONS)


def test_the_page_needs_nothing_from_elsewhere_and_names_everything(shop: Shop) -> None:
    page = shop.ask("GET", "/docs")

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not re.search(r"<script|<link|<img|https?://|@import|url\(", page.text)
    for each in OPERATIONS:
        assert f'id="{each.name}"' in page.text
    targets = set(re.findall(r'href="#([^"]+)"', page.text))
    assert targets <= set(re.findall(r'id="([^"]+)"', page.text))
    assert 'id="problem-404"' in page.text
