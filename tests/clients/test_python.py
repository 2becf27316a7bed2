"""The Python client: as the document says, typed, and at work against a real server."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
import uvicorn

from engine.api.v1 import OPERATIONS, document
from engine.core.keys import Key, hashed
from engine.store.memory import MemoryStore
from tests.engine.api.v1.conftest import Shop
from wayline_client import Client, Refused

HOME = Path(__file__).resolve().parents[2] / "clients" / "python"


@pytest.fixture(scope="module")
def shop() -> Shop:
    shop = Shop(MemoryStore(), write=["w"], read=["r"], per_second=0)
    for name in ("ada", "shop/bob", "eve"):
        shop.scene.person(name, first_name="A", tier="gold", visits=9)
        shop.scene.event("signed_up", name)
    everything = Key(hashed("all"), "k", "all", "server", ("admin",), "all", 0)
    shop.store.keys.turn(lambda _: [everything])
    return shop


@pytest.fixture(scope="module")
def address(shop: Shop) -> Iterator[str]:
    yield from _served(shop)


def test_it_is_what_the_document_says() -> None:
    """If this fails, say make docs."""
    spec = spec_from_file_location("generate", HOME / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = module_from_spec(spec)
    spec.loader.exec_module(generate)
    kept = {
        path.name: path.read_text(encoding="utf-8")
        for path in (HOME / "wayline_client").iterdir()
        if path.is_file()
    }

    assert generate.written(document(OPERATIONS)) == kept


def test_there_is_a_method_for_every_operation() -> None:
    missing = [each.name for each in OPERATIONS if not hasattr(Client, each.name)]

    assert missing == []


def test_people_and_reasons_are_read(address: str) -> None:
    client = Client(address, "r")

    assert client.get_person("shop/bob")["attributes"]["tier"] == "gold"
    assert client.answered["etag"].startswith('"')
    assert [each["id"] for each in client.all_people(limit=1)] == ["ada", "shop/bob", "eve"]
    assert [each["name"] for each in client.all_events("ada", limit=1)] == [
        "message_sent",
        "signed_up",
        "consent_granted",
    ]
    why = client.get_membership("good", "ada")
    assert why["member"]
    assert why["why"]["join"] == "all"
    assert list(client.all_members("good")) == ["ada", "shop/bob", "eve"]
    assert "entered welcome" in client.get_story("ada")["text"]


def test_things_are_done_once_however_often_they_are_said(address: str, shop: Shop) -> None:
    client = Client(address, "w")
    wanted = {"percent": 20}
    first = client.start_run("delayed", person="eve", inputs=wanted, idempotency_key="o-1")
    again = client.start_run("delayed", person="eve", inputs=wanted, idempotency_key="o-1")
    client.change_person("eve", attributes={"visits": 10})
    client.record_consent("eve", word="withdrawn", category="promotional", method="telephone")
    shop.scene.settle()

    reader = Client(address, "r")
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert reader.get_person("eve")["attributes"]["visits"] == 10
    assert reader.get_consents("eve")["words"][-1]["word"] == "withdrawn"
    assert len(list(reader.all_journey_runs("delayed"))) == 1


def test_its_readme_does_what_it_says(
    address: str, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.scene.event("purchase", "ada", total="10 EUR")
    text = (HOME / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    example = example.replace("http://127.0.0.1:8080", address)
    exec(example.replace("a key with the scopes read and write", "all"), {})
    shop.scene.settle()

    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "['email', 'push']"
    assert printed[1].endswith("{'total': 1000}")
    assert printed[2].startswith('True yes  tier is "gold"')
    assert printed[-1] == "404 Nobody of this id has ever been heard of."
    assert (
        shop.get("/v1/people/ada/deliveries", key="r")["items"][0]["parts"]["subject"] == "20 % off"
    )


def test_what_is_refused_says_why(address: str) -> None:
    with pytest.raises(Refused) as refused:
        Client(address, "r").get_person("nobody")

    assert refused.value.status == 404
    assert str(refused.value) == "Nobody of this id has ever been heard of."
    with pytest.raises(Refused, match="scope"):
        Client(address, "r").change_person("ada", attributes={"visits": 1})


def test_it_comes_back_when_it_is_told_to() -> None:
    """A key that may ask once a second asks again after as long as it is told."""
    shop = Shop(MemoryStore(), write=["w"], read=["r"], per_second=1)
    waited: list[float] = []
    for started in _served(shop):
        client = Client(started, "r", wait=waited.append, attempts=2)
        client.list_segments()
        client.list_segments()
        with pytest.raises(Refused, match="more than 1 times a second"):
            client.list_segments()

    assert waited == [1.0]


def _served(shop: Shop) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(shop.app, log_config=None, lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(
            target=lambda: asyncio.run(server.serve([listening])), daemon=True
        )
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)
