"""What a provider says of an approved wording counts at the next hand-over, for all who hand over."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from channels.receipts import Approval
from dsl.calendar import DAY, HOUR
from engine.core.effects import Delivery
from engine.dispatcher import Dispatcher
from engine.dispatcher.approvals import Approvals
from engine.dispatcher.looking import look
from engine.store.memory import MemoryStore
from engine.store.protocol import Changes, Store
from tests.engine.dispatcher.post import Post
from tests.engine.dispatcher.test_crowd import FILES, NOW, _delivery, _profile, stores
from tests.engine.scene import SHOP, Scene, journey, program_of

__all__ = ["stores"]

PAUSED = Approval("whatsapp", "hello", "en_US", NOW - HOUR, usable=False, why="paused: low quality")
BACK = PAUSED._replace(occurred=NOW - HOUR // 2, usable=True, why="")
MARKETING = Approval("whatsapp", "hello", "en_US", NOW - HOUR, category="marketing")
UTILITY = MARKETING._replace(category="utility")
TEMPLATE = {"template": "hello", "language": "en_US", "parameters": "[]"}


def queue(store: Store, category: str = "promotional", parts: dict[str, str] = TEMPLATE) -> None:
    with store.batch() as batch:
        batch.commit(Changes(profiles=[_profile(3)], deliveries=[_sent(category, parts)]))


def _sent(category: str, parts: dict[str, str]) -> Delivery:
    return _delivery(3, category, NOW)._replace(parts=parts)


def hand_over(store: Store) -> int:
    """How many the provider got."""
    post = Post("whatsapp")
    dispatcher = Dispatcher(store, program_of(FILES), {"whatsapp": post})
    asyncio.run(dispatcher.run_once(NOW))
    return len(post.calls)


def why(approvals: Sequence[Approval], category: str) -> str:
    """Why a message was not handed over; empty if it was."""
    store = MemoryStore()
    queue(store, category)
    for each in approvals:
        Approvals(store.gates).keep([each], NOW)
    looked = look(store, program_of(FILES), {"whatsapp"}, [_sent(category, TEMPLATE)], NOW)
    receipts = [each.receipt for each in looked.verdicts]
    assert len(looked.going) + len(receipts) == 1
    return "".join(each.reason for each in receipts if each is not None)


@pytest.mark.parametrize(
    ("approvals", "category", "reason"),
    [
        ([], "promotional", ""),
        ([PAUSED], "promotional", 'the approved template "hello" is paused: low quality'),
        ([PAUSED], "service", 'the approved template "hello" is paused: low quality'),
        ([PAUSED, BACK], "promotional", ""),
        ([BACK, PAUSED], "promotional", ""),  # an older word that came late
        ([PAUSED._replace(language="de")], "promotional", ""),
        ([PAUSED._replace(name="goodbye")], "promotional", ""),
        (
            [PAUSED._replace(occurred=0)],
            "promotional",
            'the approved template "hello" is paused: low quality',
        ),
        ([PAUSED._replace(occurred=NOW + DAY), BACK._replace(occurred=NOW)], "promotional", ""),
        ([MARKETING], "promotional", ""),
        (
            [MARKETING],
            "service",
            'the approved template "hello" is marketing now, and service needs none',
        ),
        ([MARKETING, UTILITY._replace(occurred=NOW)], "service", ""),
        (
            [UTILITY],
            "promotional",
            'the approved template "hello" is utility now, and promotional needs consent',
        ),
        ([UTILITY, PAUSED, BACK], "service", ""),
    ],
)
def test_a_message_goes_out_by_what_may_be_used_for_it(
    approvals: list[Approval], category: str, reason: str
) -> None:
    assert why(approvals, category) == (f"unreachable: {reason}" if reason else "")


def test_free_text_has_nothing_to_do_with_it() -> None:
    store = MemoryStore()
    Approvals(store.gates).keep([PAUSED], NOW)
    queue(store, parts={"text": "Hi"})

    assert hand_over(store) == 1


def test_all_who_share_a_store_know_it_and_it_is_not_forgotten(stores: list[Store]) -> None:
    Approvals(stores[0].gates).keep([PAUSED, MARKETING], NOW)
    stores[0].gates.prune(NOW + 1000 * DAY)
    queue(stores[-1])

    assert hand_over(stores[-1]) == 0
    (told,) = Approvals(stores[-1].gates).known(NOW)
    assert (told.name, told.language, told.why) == ("hello", "en_US", "paused: low quality")
    assert told.category == "marketing"


def test_the_message_goes_by_the_next_channel_and_the_story_says_why() -> None:
    files = {
        "policy.yaml": SHOP["policy.yaml"].replace(
            "  sms: {", "  whatsapp: {reachable when: yes}\n  sms: {"
        ),
        "messages.yaml": SHOP["messages.yaml"].replace(
            "    sms: {text: {en: Hello from the shop}}\n",
            "    sms: {text: {en: Hello from the shop}}\n"
            "    whatsapp: {approved template: hello, text: Hello}\n",
            1,
        ),
    }
    steps = "  - {id: greet, send: hello, to first of: [whatsapp, sms]}\n"
    scene = Scene(journey(steps, head="category: service"), files=files)
    Approvals(scene.store.gates).keep([PAUSED._replace(language="en")], scene.now)
    scene.person(phone="+49")
    scene.change("ada", addresses={"whatsapp": "+49"})
    scene.event("signed_up")

    assert scene.sent == ["2026-03-02 10:00 hello sms"]
    assert scene.story("ada", "stopped") == [
        'stopped unreachable: the approved template "hello" is paused: low quality whatsapp'
    ]
