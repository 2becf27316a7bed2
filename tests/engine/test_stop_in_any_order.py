"""Whatever order messages and receipts come in, and however often: consent is as the last word has
it, and every STOP with which an episode begins is confirmed exactly once.
"""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from channels.replies import Reply
from dsl.calendar import MINUTE, SECOND
from engine.core.obeying import ANSWERS
from tests.engine.scene import journey
from tests.engine.talk import ADA, Talk

OFFER = journey("  - {id: ask, send: chat, to: sms}\n")
TEXTS = {"stop": "Please stop", "start": "START", "chat": "How are you?"}


class Said(NamedTuple):
    """A message as the provider tells it: what, when, and its name."""

    kind: str
    at: int
    key: str

    @property
    def order(self) -> tuple[int, bool]:
        """When it was said; of two at one instant, STOP counts."""
        return self.at, self.kind == "stop"


@st.composite
def conversations(draw: st.DrawFn) -> list[Said]:
    """Up to seven messages within minutes, told in any order, some of them more than once."""
    kinds = draw(st.lists(st.sampled_from(["stop", "stop", "start", "chat"]), max_size=7))
    times = draw(st.lists(st.integers(1, 200), min_size=len(kinds), max_size=len(kinds)))
    said = [Said(kind, at, f"m{n}") for n, (kind, at) in enumerate(zip(kinds, times, strict=True))]
    again = draw(st.lists(st.sampled_from(said), max_size=4)) if said else []
    return draw(st.permutations([*said, *again]))


def episodes(heard: list[Said]) -> int:
    """How often a STOP that is heard becomes the last word after something that was none."""
    count, words = 0, set[Said]()
    for each in heard:
        if each.kind == "chat" or each in words:
            continue
        before = max(words, key=lambda word: word.order, default=None)
        words.add(each)
        after = max(words, key=lambda word: word.order)
        begins = before is None or before.kind != "stop"
        count += begins and after == each and each.kind == "stop"
    return count


@settings(max_examples=25)
@given(heard=conversations(), others=st.lists(st.sampled_from(["offer", "receipt", "look"])))
def test_the_last_word_counts_and_every_episode_is_confirmed_once(
    heard: list[Said], others: list[str]
) -> None:
    talk = Talk(OFFER)
    talk.known()
    start = talk.now
    talk.after(4 * MINUTE)
    for each, other in zip(heard, [*others, *[""] * len(heard)], strict=False):
        if other == "offer":
            talk.event("signed_up")
        elif other == "receipt":
            for sent in talk.adapter.accepted:
                talk.receipt(sent.id, "delivered")
        elif other == "look":
            talk.after(1)
        talk.hear(Reply("sms", ADA, each.key, TEXTS[each.kind], occurred=start + each.at * SECOND))

    words = [each for each in heard if each.kind != "chat"]
    last = max(words, key=lambda word: word.order, default=None)
    assert talk.agrees() == (last is None or last.kind == "start")
    answers = [d for d in talk.store.deliveries_of("ada") if d.category == ANSWERS]
    assert sum(each.step == "stop" for each in answers) == episodes(heard)
    assert len({each.id for each in talk.adapter.messages}) == len(talk.adapter.messages)
    assert len(talk.written()) == len({each.key for each in heard})
