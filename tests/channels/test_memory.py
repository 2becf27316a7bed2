"""The scripted adapter keeps the contract and does as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from channels.memory import MemoryAdapter
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from channels.testing import AdapterContract, Arrived, Situation

ANSWERS: Mapping[Situation, Outcome] = {
    Situation.RECIPIENT_REFUSED: Rejected(FailureClass.PERMANENT_RECIPIENT, "404", "unknown"),
    Situation.BUSY: RateLimited("account", 2.0),
    Situation.DOWN: Rejected(FailureClass.TRANSIENT, "503", "closed"),
    Situation.ANSWER_LOST: Unknown("no answer"),
}


def push(delivery: str) -> Message:
    return Message(delivery, "push", "token", "news", "j", "m", {"title": "Hi", "body": "there"})


class MemoryRig:
    channel = "push"
    address = "token"
    texts: Mapping[str, str] = {"title": "Hi", "body": "there\n👋"}

    def __init__(self) -> None:
        self.adapter = MemoryAdapter()

    async def arrange(self, situation: Situation) -> bool:
        if situation is not Situation.WELL:
            self.adapter.script(ANSWERS[situation])
        return True

    def arrived(self) -> list[Arrived]:
        return [Arrived(m.id, m.address, m.parts) for m in self.adapter.accepted]


class TestContract(AdapterContract):
    @asynccontextmanager
    async def rig(self) -> AsyncIterator[MemoryRig]:
        yield MemoryRig()


def test_a_script_is_answered_in_order_and_then_the_rule_decides() -> None:
    def only_ada(message: Message) -> Outcome:
        return Accepted("yes") if message.id == "ada" else Unknown("no")

    adapter = MemoryAdapter(answer=only_ada)
    adapter.script(RateLimited("day", 5.0), Accepted("first"))

    outcomes = [adapter.send_now(push(name)) for name in ("ada", "bob", "ada", "bob")]

    assert [RateLimited("day", 5.0), Accepted("first"), Accepted("yes"), Unknown("no")] == outcomes
    assert [message.id for message in adapter.messages] == ["ada", "bob", "ada", "bob"]
    assert [message.id for message in adapter.accepted] == ["bob", "ada"]


def test_it_carries_the_channels_it_is_made_for() -> None:
    adapter = MemoryAdapter(channels=["sms"], concurrency=3)

    assert adapter.capabilities.channels == frozenset({"sms"})
    assert adapter.capabilities.concurrency == 3
    with pytest.raises(ValueError, match="push"):
        asyncio.run(adapter.send(push("d1")))
