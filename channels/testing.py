"""The contract suite: what every adapter keeps, ours and yours.

Make a class whose name begins with ``Test`` from ``AdapterContract``, give it a ``rig``, and
pytest does the rest. A rig is an adapter together with its provider, or something that behaves
like it, on this machine. ``channels/README.md`` shows one.
"""

from __future__ import annotations

import asyncio
import unittest
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from channels.adapter import Adapter, SendsMany
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from dsl.calendar import Instant

__all__ = ["HOSTILE", "AdapterContract", "Arrived", "Rig", "Situation"]


class Situation(StrEnum):
    """How the provider is doing."""

    WELL = "well"
    RECIPIENT_REFUSED = "recipient refused"  # there is no such address
    BUSY = "busy"  # slow down
    DOWN = "down"  # nobody answers, nothing is taken
    ANSWER_LOST = "answer lost"  # it takes the message and is gone before it says so


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as the provider sees it, decoded. ``id`` is what it will echo to us."""

    id: str
    address: str
    texts: Mapping[str, str]


class Rig(Protocol):
    """An adapter and the provider behind it. ``channel`` and ``address`` are ones it takes;
    ``texts`` are parts that arrive as they are, but for outer spaces and line ends.
    """

    @property
    def adapter(self) -> Adapter: ...
    @property
    def channel(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def texts(self) -> Mapping[str, str]: ...

    async def arrange(self, situation: Situation) -> bool:
        """Puts the provider into ``situation``; False if it cannot be in it."""
        ...

    def arrived(self) -> Sequence[Arrived]:
        """All that the provider has got, in order."""
        ...


_NOON: Instant = 1_767_268_800_000_000  # 2026-01-01 12:00 UTC

HOSTILE: tuple[str, ...] = (
    "",
    " ",
    ".",
    "\r\n.\r\nQUIT\r\n",
    "\r\nBcc: everyone@example.com\r\n\r\nhello",
    "\x00\x1b[31m\x7f\x85\u2028",
    "\ud800 half a pair",
    "{{ 7 * 7 }} ${7*7} %s %n",
    '"quotes", \\backslashes\\ and <b>tags</b>&amp;',
    "../../etc/passwd",
    "x" * 5000,
    "ü" * 2500,
    "\u202eright to left\u202c, e\u0301, 👩‍👩‍👧‍👦",
    "=?utf-8?b?aGVsbG8=?=",
)
"""Texts that broke somebody once."""


class AdapterContract(ABC):
    """Each test is a sentence about adapters. What a provider cannot do is skipped, and said."""

    @abstractmethod
    def rig(self) -> AbstractAsyncContextManager[Rig]:
        """A fresh adapter before a provider that is well and has got nothing."""

    def test_a_message_arrives_once_with_its_id_its_address_and_its_texts(self) -> None:
        async def story() -> None:
            async with self.rig() as rig:
                outcome = await rig.adapter.send(_message(rig, "d1"))

                assert isinstance(outcome, Accepted)
                assert outcome.provider_id
                (arrived,) = rig.arrived()
                assert (arrived.id, arrived.address) == ("d1", rig.address)
                assert _without_ends(rig.texts) == _without_ends(arrived.texts)

        asyncio.run(story())

    def test_it_says_what_it_can_do(self) -> None:
        async def story() -> None:
            async with self.rig() as rig:
                can = rig.adapter.capabilities

                assert rig.channel in can.channels
                assert can.concurrency >= 1

        asyncio.run(story())

    def test_looking_whether_it_could_send_hands_nothing_over(self) -> None:
        async def story() -> None:
            async with self.rig() as rig:
                assert not await rig.adapter.probe(_NOON)
                assert rig.arrived() == []

        asyncio.run(story())

    def test_when_the_provider_is_down_it_says_what_stands_in_the_way(self) -> None:
        async def story() -> None:
            async with self.rig() as rig:
                await _arrange(rig, Situation.DOWN)

                assert (await rig.adapter.probe(_NOON)).endswith(".")

        asyncio.run(story())

    def test_many_at_a_time_arrive_once_each(self) -> None:
        async def story() -> None:
            async with self.rig() as rig:
                ids = [f"d{n}" for n in range(rig.adapter.capabilities.concurrency * 3)]
                sends = (rig.adapter.send(_message(rig, delivery)) for delivery in ids)
                outcomes = await asyncio.gather(*sends)

                assert all(isinstance(outcome, Accepted) for outcome in outcomes)
                assert sorted(ids) == sorted(arrived.id for arrived in rig.arrived())

        asyncio.run(story())

    def test_a_message_for_another_channel_is_a_loud_mistake(self) -> None:
        async def story() -> None:
            async with self.rig() as rig:
                await _raises(ValueError, rig, _message(rig, "d1", channel="pigeon"))

                assert not rig.arrived()

        asyncio.run(story())

    def test_hostile_texts_get_an_outcome_and_make_no_second_message(self) -> None:
        async def story() -> None:
            async with self.rig() as rig:
                taken = 0
                for number, text in enumerate(HOSTILE):
                    parts = dict.fromkeys(rig.texts, text)
                    outcome = await rig.adapter.send(_message(rig, f"d{number}", parts=parts))
                    assert isinstance(outcome, Accepted | Rejected), text
                    taken += isinstance(outcome, Accepted)

                assert taken == len(rig.arrived())
                assert all(arrived.address == rig.address for arrived in rig.arrived())

        asyncio.run(story())

    def test_hostile_ids_and_addresses_get_an_outcome_and_reach_nobody_else(self) -> None:
        async def story() -> None:
            async with self.rig() as rig:
                for text in HOSTILE:
                    address = f"{rig.address}{text}"
                    before = len(rig.arrived())
                    outcome = await rig.adapter.send(_message(rig, f"d{text}", address=address))
                    assert isinstance(outcome, Accepted | Rejected), text
                    got = rig.arrived()[before:]
                    assert len(got) == isinstance(outcome, Accepted), text
                    assert all(one.address.strip() == address.strip() for one in got), text

        asyncio.run(story())

    def test_an_address_that_does_not_exist_is_told_from_other_refusals(self) -> None:
        async def story() -> None:
            async with self.rig() as rig:
                await _arrange(rig, Situation.RECIPIENT_REFUSED)
                outcome = await rig.adapter.send(_message(rig, "d1"))

                assert isinstance(outcome, Rejected)
                assert outcome.failure is FailureClass.PERMANENT_RECIPIENT
                assert outcome.code
                assert outcome.reason
                await _goes_on(rig)

        asyncio.run(story())

    def test_a_busy_provider_is_asked_again_later(self) -> None:
        async def story() -> None:
            async with self.rig() as rig:
                await _arrange(rig, Situation.BUSY)
                outcome = await rig.adapter.send(_message(rig, "d1"))

                assert isinstance(outcome, RateLimited)
                assert outcome.after > 0
                await _goes_on(rig)

        asyncio.run(story())

    def test_a_provider_that_is_down_has_certainly_taken_nothing(self) -> None:
        async def story() -> None:
            async with self.rig() as rig:
                await _arrange(rig, Situation.DOWN)
                outcome = await rig.adapter.send(_message(rig, "d1"))

                assert isinstance(outcome, Rejected)
                assert outcome.failure is FailureClass.TRANSIENT
                assert outcome.reason
                await _goes_on(rig)

        asyncio.run(story())

    def test_a_lost_answer_is_unknown_and_not_a_refusal(self) -> None:
        async def story() -> None:
            async with self.rig() as rig:
                await _arrange(rig, Situation.ANSWER_LOST)
                outcome = await rig.adapter.send(_message(rig, "d1"))

                assert isinstance(outcome, Unknown)
                assert outcome.reason
                await rig.arrange(Situation.WELL)
                assert isinstance(await rig.adapter.send(_message(rig, "d2")), Accepted)

        asyncio.run(story())

    def test_of_many_in_one_call_each_has_its_outcome_in_their_order(self) -> None:
        """A bad address among them is nobody else's business."""

        async def story() -> None:
            async with self.rig() as rig:
                good = [_message(rig, f"d{number}") for number in range(5)]
                bad = _message(rig, "bad", address="")
                outcomes = await _send_many(rig, [*good[:2], bad, *good[2:]])

                kinds = [type(outcome) for outcome in outcomes]
                assert kinds == [Accepted, Accepted, Rejected, Accepted, Accepted, Accepted]
                assert [arrived.id for arrived in rig.arrived()] == [each.id for each in good]

        asyncio.run(story())

    def test_of_many_none_is_taken_by_a_provider_that_is_busy_or_down(self) -> None:
        async def story(situation: Situation, kind: type[Outcome]) -> None:
            async with self.rig() as rig:
                messages = [_message(rig, f"d{number}") for number in range(3)]
                await _arrange(rig, situation)
                outcomes = await _send_many(rig, messages)

                assert [type(outcome) for outcome in outcomes] == [kind] * 3
                await _goes_on(rig)

        asyncio.run(story(Situation.BUSY, RateLimited))
        asyncio.run(story(Situation.DOWN, Rejected))

    def test_of_many_whose_answer_is_lost_all_are_unknown(self) -> None:
        async def story() -> None:
            async with self.rig() as rig:
                messages = [_message(rig, f"d{number}") for number in range(3)]
                await _arrange(rig, Situation.ANSWER_LOST)
                outcomes = await _send_many(rig, messages)

                assert [type(outcome) for outcome in outcomes] == [Unknown] * 3

        asyncio.run(story())

    def test_a_send_can_be_given_up_at_any_point_and_the_next_one_works(self) -> None:
        async def story() -> None:
            async with self.rig() as rig:
                for steps in range(60):
                    sending = asyncio.create_task(rig.adapter.send(_message(rig, f"d{steps}")))
                    for _ in range(steps):
                        await asyncio.sleep(0)
                    sending.cancel()
                    await asyncio.gather(sending, return_exceptions=True)
                last = await rig.adapter.send(_message(rig, "last"))
                assert isinstance(last, Accepted), last

                ids = [arrived.id for arrived in rig.arrived()]
                assert ids.count("last") == 1
                assert len(ids) == len(set(ids))

        asyncio.run(story())

    def test_closing_twice_is_closing_once_and_nothing_is_sent_afterwards(self) -> None:
        async def story() -> None:
            async with self.rig() as rig:
                await rig.adapter.send(_message(rig, "d1"))
                await rig.adapter.close()
                await rig.adapter.close()

                await _raises(RuntimeError, rig, _message(rig, "d2"))
                assert [arrived.id for arrived in rig.arrived()] == ["d1"]

        asyncio.run(story())


def _message(
    rig: Rig,
    delivery: str,
    *,
    channel: str | None = None,
    address: str | None = None,
    parts: Mapping[str, str] | None = None,
) -> Message:
    return Message(
        id=delivery,
        channel=rig.channel if channel is None else channel,
        address=rig.address if address is None else address,
        category="news",
        journey="welcome",
        message="hello",
        parts=rig.texts if parts is None else parts,
    )


async def _send_many(rig: Rig, messages: Sequence[Message]) -> Sequence[Outcome]:
    if not isinstance(rig.adapter, SendsMany):
        raise unittest.SkipTest("this adapter hands messages over one by one")
    return await rig.adapter.send_many(messages)


async def _arrange(rig: Rig, situation: Situation) -> None:
    if not await rig.arrange(situation):
        raise unittest.SkipTest(f"this provider is never in the situation: {situation}")


async def _goes_on(rig: Rig) -> None:
    """Nothing has arrived so far; when the provider is well again, the next message does."""
    assert not rig.arrived()
    await rig.arrange(Situation.WELL)
    assert isinstance(await rig.adapter.send(_message(rig, "after")), Accepted)
    assert [arrived.id for arrived in rig.arrived()] == ["after"]


async def _raises(kind: type[Exception], rig: Rig, message: Message) -> None:
    try:
        outcome = await rig.adapter.send(message)
    except kind:
        return
    raise AssertionError(f"expected {kind.__name__}, got {outcome}")


def _without_ends(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: "\n".join(text.strip().splitlines()) for name, text in texts.items()}
