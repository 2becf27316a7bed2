"""STOP while nothing can be written: nobody is told that it was heard, so it is told again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest

from channels.twilio.receipts import TwilioReceiver, signature
from engine.access.links import Links
from engine.api import ApiSettings, create_app
from engine.clock import SystemClock
from engine.core.profile import Profile
from engine.metrics import Metrics
from engine.store import open_store
from engine.store.protocol import Changes, StoreUnavailableError
from engine.store.sql.store import SqlStore
from engine.store.testing.samples import commit, event

CALLBACK = "https://journeys.shop.example/v1/receipts/sms"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    found = open_store(f"sqlite:///{tmp_path / 'wayline.db'}")
    assert isinstance(found, SqlStore)
    commit(found, Changes(profiles=[Profile("ada", {}, {"sms": "+4915112345678"})]))
    yield found
    found.close()


def stop(store: SqlStore) -> httpx2.Response:
    """As Twilio tells it."""
    receivers = {"sms": [TwilioReceiver(CALLBACK, ("token",))]}
    settings = ApiSettings(Links(b"secret"), receivers=receivers)
    app = create_app(store, lambda: None, lambda: None, settings, Metrics(), SystemClock())
    told = {"MessageSid": "SM1", "SmsStatus": "received", "From": "+4915112345678", "Body": "STOP"}
    signed = signature("token", CALLBACK, list(told.items())).decode()
    headers = {
        "x-twilio-signature": signed,
        "content-type": "application/x-www-form-urlencoded",
    }

    async def send() -> httpx2.Response:
        door = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=door, base_url="https://x.example") as client:
            return await client.post("/v1/receipts/sms", content=urlencode(told), headers=headers)

    return asyncio.run(send())


def fill(store: SqlStore) -> None:
    """Until not even an event without properties has room."""
    with store._database.writing() as session:
        session.rows(f"pragma max_page_count = {session.one('pragma page_count') + 3}")

    def more() -> None:
        for number in range(10_000):
            store.append([event(f"e{number}", "bob")])

    with pytest.raises(StoreUnavailableError):
        more()


def test_a_stop_that_cannot_be_written_down_is_wanted_again(store: SqlStore) -> None:
    """The disk is full; and then there is room."""
    fill(store)
    place = ("sms", "+4915112345678")
    for _ in range(2):
        answer = stop(store)
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        assert "15112345678" not in answer.text
    assert store.numbers.said([place]) == {}
    assert store.consents("ada") == []

    with store._database.writing() as session:
        session.rows("pragma max_page_count = 1000000")
    assert stop(store).status_code == 200
    assert store.numbers.said([place])[place].is_stopped
    assert [each.word for each in store.consents("ada")] == ["withdrawn"]
    assert stop(store).status_code == 200
    assert len(store.consents("ada")) == 1
