"""The contract that every adapter keeps, and what is particular to Kite."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from kite import SECRET, TOKEN, Kite

from channels.http.transport import Response
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from channels.receipts import Answered, Incoming, NotGenuine, Report
from channels.registry import open_adapter
from channels.testing import AdapterContract, Arrived, Rig, Situation
from wayline_kite.adapter import CODES, KiteAdapter, KiteDialect, KiteSettings
from wayline_kite.receipts import KiteReceiver, signature

NUMBER = "+4915112345678"
NOON = 1_767_268_800_000_000  # 2026-01-01 12:00 UTC


def of(address: str = "https://api.kite.example") -> KiteSettings:
    return KiteSettings.model_validate({"token": TOKEN, "sender": "Shop", "address": address})


class KiteRig:
    """The adapter, and Kite behind it."""

    channel, address, texts = "sms", NUMBER, {"text": "Grüße, Ada! 👋"}

    def __init__(self, adapter: KiteAdapter, kite: Kite) -> None:
        self.adapter = adapter
        self._kite = kite

    async def arrange(self, situation: Situation) -> bool:
        return await self._kite.arrange(situation)

    def arrived(self) -> list[Arrived]:
        return list(self._kite.arrived)


class TestContract(AdapterContract):
    """Everything in ``channels.testing``."""

    def rig(self) -> AbstractAsyncContextManager[Rig]:
        return rigged()


@asynccontextmanager
async def rigged() -> AsyncIterator[Rig]:
    kite = Kite()
    await kite.start()
    adapter = KiteAdapter(of(kite.address))
    try:
        yield KiteRig(adapter, kite)
    finally:
        await adapter.close()
        await kite.stop()
    assert kite.mistakes == []


def text(address: str = NUMBER, words: str = "Hello") -> Message:
    return Message("d1", "sms", address, "news", "welcome", "hello", {"text": words}, at=NOON)


def dialect() -> KiteDialect:
    return KiteDialect(of())


def test_it_is_found_by_its_name() -> None:
    adapter = open_adapter("kite", {"token": TOKEN, "sender": "Shop"})

    assert isinstance(adapter, KiteAdapter)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (422, "K201", Rejected(FailureClass.PERMANENT_RECIPIENT, "K201", "words")),
        (422, "K202", Rejected(FailureClass.TRANSIENT, "K202", "words", alone=True)),
        (403, "K203", Rejected(FailureClass.POLICY_BLOCKED, "K203", "words")),
        (402, "K301", Rejected(FailureClass.PERMANENT_CONFIG, "K301", "words")),
        (429, "K401", RateLimited("recipient", 30.0, "K401 words")),
        (503, "K500", Rejected(FailureClass.TRANSIENT, "K500", "words")),
        (500, "K501", Unknown("K501 words")),
        (502, "", Unknown("502 words")),
        (418, "K999", Rejected(FailureClass.PERMANENT_CONTENT, "K999", "words")),
    ],
)
def test_what_a_refusal_means(status: int, code: str, expected: Outcome) -> None:
    said = json.dumps({"error": {"code": code, "words": "words"}}).encode()

    assert dialect().outcome(text(), Response(status, said)) == expected


def test_every_code_that_kite_publishes_is_in_the_table() -> None:
    published = {
        *("K100", "K101", "K200", "K201", "K202", "K203", "K300", "K301", "K302"),
        *("K400", "K401", "K402", "K500", "K501"),
    }
    assert set(CODES) == published


def test_what_is_taken_has_kites_name() -> None:
    assert dialect().outcome(text(), Response(202, b'{"id": "kite-7"}')) == Accepted("kite-7")


@pytest.mark.parametrize("words", ["", "  ", "x" * 801])
def test_a_text_that_kite_would_not_take_is_not_sent(words: str) -> None:
    answer = dialect().request(text(words=words))

    assert isinstance(answer, Rejected)
    assert answer.failure is FailureClass.PERMANENT_CONTENT


# ------------------------------------------------------------------------------------ reports


def told(*events: Mapping[str, object], at: int = NOON, secret: str = SECRET) -> Incoming:
    body, made = json.dumps(events).encode(), str(at // 1_000_000)
    signed = signature(secret, made, body).decode()
    headers = {"x-kite-time": made, "x-kite-signature": signed}
    return Incoming("POST", "", headers, body)


def read(incoming: Incoming) -> Answered | NotGenuine:
    return KiteReceiver((SECRET, "the one before"), CODES).read(incoming, NOON)


def test_a_report_finds_its_message() -> None:
    delivered = {"event": "e1", "kind": "delivered", "ref": "d1", "at": "2026-01-01T11:59:00Z"}
    failed = {"event": "e2", "kind": "failed", "ref": "d2", "code": "K201", "words": "a\nlandline"}

    assert read(told(delivered, failed)) == Answered(
        [
            Report("d1", "delivered", "e1", NOON - 60_000_000),
            Report("d2", "failed", "e2", 0, "K201 a landline", FailureClass.PERMANENT_RECIPIENT),
        ]
    )


def test_the_secret_before_is_still_believed() -> None:
    assert read(told(secret="the one before")) == Answered([])


@pytest.mark.parametrize(
    "forged",
    [
        told(secret="a guess"),
        told(at=NOON - 301_000_000),
        told(at=NOON + 301_000_000),
        Incoming("POST", "", {}, b"[]"),
        Incoming("POST", "", {"x-kite-time": "soon", "x-kite-signature": "x"}, b"[]"),
    ],
)
def test_what_is_not_from_kite_is_not_believed(forged: Incoming) -> None:
    assert isinstance(read(forged), NotGenuine)


@pytest.mark.parametrize("event", [{}, {"kind": "seen", "ref": "d1"}, {"kind": "failed", "ref": 7}])
def test_what_is_about_nothing_of_ours_is_passed_over(event: dict[str, object]) -> None:
    assert read(told(event)) == Answered([])
