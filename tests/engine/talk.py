"""A scene in which people write back: what they write comes in by the door of the API."""

from __future__ import annotations

import asyncio
from typing import Any

from channels.replies import Reply, Wish
from dsl.calendar import HOUR
from dsl.expr.context import Happened
from engine.api.front import Front
from engine.api.replies import Replies
from engine.core.standing import Standing
from engine.ingest import Intake
from engine.metrics import Metrics
from tests.engine.scene import SHOP, Scene, journey

__all__ = ["ADA", "BACK", "BOB", "BY_SMS", "OFFER", "STOPPED", "Talk", "files", "talk"]

ADA = "+4915112345678"
BOB = "+4915187654321"
BACK = "shop: you are subscribed again. To unsubscribe: STOP. For help: HELP"
BY_SMS = """
  - id: ask
    send: chat
    to: sms
"""
OFFER = journey(BY_SMS)
STOPPED = (
    "shop: you are unsubscribed and get no more promotional messages at this number. To undo: START"
)

_CHANNELS = """
  sms: {reachable when: phone is known}
  whatsapp:
    reachable when: phone is known
    free text window: 24 hours
"""
_MESSAGES = """
messages:
  chat:
    whatsapp: {text: {en: Do you like it?}}
    sms: {text: {en: Do you like it?}}
  news:
    whatsapp: {approved template: news_1, text: {en: Here is news}}
    sms: {text: {en: Here is news}}
"""


def files(policy: str = "") -> dict[str, str]:
    """The shop, with WhatsApp and messages for it; ``policy`` is added to the policy."""
    whole = SHOP["policy.yaml"].replace("\n  sms: {reachable when: phone is known}\n", _CHANNELS)
    return {"policy.yaml": whole + policy, "talk.yaml": _MESSAGES}


class Talk(Scene):
    """``policy`` is added to that of the shop."""

    def __init__(self, *journeys: str, policy: str = "", **more: Any) -> None:
        super().__init__(*journeys, files=files(policy), **more)
        self.replies = Replies(self.store, self._front, lambda: None, Metrics())
        self._said = 0

    def _front(self) -> Front:
        project = self.program.project
        policy = project.policy
        return Front(Intake(project.plan), "Shop", policy.languages, {}, self.program)

    def known(self, name: str = "ada", number: str = ADA, **attributes: Any) -> None:
        """Somebody with a telephone who has agreed to be written to everywhere."""
        self.change(name, {"phone": number, **attributes}, {"sms": number, "whatsapp": number})
        self.event("consent_granted", name, category="promotional")

    def says(
        self, text: str, number: str = ADA, channel: str = "sms", *, key: str = "", **more: Any
    ) -> None:
        """A message comes from a number, and everything that is due because of it is done."""
        self._said += 1
        self.hear(Reply(channel, number, key or f"in{self._said}", text, **more))

    def hear(self, *replies: Reply | Wish) -> None:
        """The provider tells of messages."""
        asyncio.run(self.replies.take(replies, self.now))
        self.settle()

    def written(self, person: str = "ada") -> list[Happened]:
        """What is known of what somebody wrote."""
        found = self.store.people([person], ["message_replied"])
        return found[person].history["message_replied"] if person in found else []

    def agrees(
        self, channel: str = "sms", person: str = "ada", category: str = "promotional"
    ) -> bool:
        """Whether consent stands."""
        view = self.store.people([person], ())[person]
        context = Standing(self.program, view.profile, {}, {}).context(self.now)
        return self.program.terms[category, channel].consented(view.profile, context)

    @property
    def answers(self) -> list[str]:
        """The texts that answered STOP, START and HELP."""
        return [each.parts["text"] for each in self.adapter.accepted if not each.journey]

    @property
    def texts(self) -> list[tuple[str, str]]:
        """What was handed over, by number and text."""
        return [(each.address, each.parts.get("text", "")) for each in self.adapter.accepted]


def talk(*journeys: str, policy: str = "") -> Talk:
    """An hour after Ada has become known, who has agreed; without journeys, what is on offer is sent."""
    made = Talk(*(journeys or (OFFER,)), policy=policy)
    made.known()
    made.after(HOUR)
    return made
