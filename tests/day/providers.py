"""Six providers on four channels, and what becomes of the calls that reach them. What they take they
tell of later, some of it twice, and in no good order; only FCM tells nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import orjson

from channels.testing import Arrived, Situation
from dsl.calendar import MINUTE, Instant
from tests.channels.fcm import test_fcm as fcm
from tests.channels.http.provider import Fate, Part, Provider, Received, Said, provider, said
from tests.channels.postmark.test_postmark import Postmark
from tests.channels.sendgrid.test_sendgrid import SendGrid
from tests.channels.twilio.test_twilio import ACCOUNT, Twilio
from tests.channels.vonage.test_vonage import Vonage
from tests.channels.whatsapp.test_whatsapp import ECHO, Meta
from tests.day.reports import BY, CALLBACK, LOGIN, SECRET, Form, Word, public_key

__all__ = ["CHANNELS", "Call", "Providers", "opened"]

CHANNELS: Final[Mapping[str, str]] = {
    "postmark": "email",
    "sendgrid": "email",
    "twilio": "sms",
    "vonage": "sms",
    "whatsapp": "whatsapp",
    "fcm": "push",
}
"""Which channel each carries."""

_USUAL: Final[Mapping[Fate, float]] = {
    Fate.ANSWERED: 0.90,
    Fate.THROTTLED: 0.03,
    Fate.CLOSED: 0.02,
    Fate.DROPPED: 0.01,
    Fate.BROKEN: 0.02,
    Fate.CUT: 0.015,
    Fate.SILENT: 0.005,
}
_TELLS_WITHIN = 90 * MINUTE
_OPENED = 0.4  # of what was taken
_TWICE = 0.2  # of what is told
_SECONDS = 2.0  # that a call may take


class Call(NamedTuple):
    """One message that was handed over. Several may have come in one call, and have one fate."""

    by: str
    delivery: str
    fate: Fate

    @property
    def channel(self) -> str:
        """What it carries."""
        return CHANNELS[self.by]


class _Told(NamedTuple):
    """What will be told ``at`` a time, of what happened before."""

    at: Instant
    by: str
    delivery: str
    word: Word
    occurred: Instant


class Providers:
    """All of them. ``calls`` are in the order in which they came. An ``outage`` makes all calls of a
    provider end alike for as long as it is set.
    """

    def __init__(self, now: Callable[[], Instant], random: Random) -> None:
        self.calls: list[Call] = []
        self.many = 0  # how often several came at once
        self.outage: dict[str, Fate] = {}
        self._due: list[_Told] = []
        self._now = now
        self._random = random

    def fate(self, by: str, messages: Sequence[Arrived]) -> Fate:
        """Of one call."""
        fate = self.outage.get(by)
        if fate is None:
            (fate,) = self._random.choices(list(_USUAL), list(_USUAL.values()))
        for message in messages:
            self.calls.append(Call(by, message.id, fate))
            if fate.is_taken and by in BY:
                self._will_tell(by, message.id, "delivered")
                if self._random.random() < _OPENED:
                    self._will_tell(by, message.id, "opened")
        self.many += len(messages) > 1
        return fate

    def next(self) -> Instant | None:
        """When there is something to tell."""
        return self._due[0].at if self._due else None

    def telling(self, now: Instant) -> list[tuple[str, Form]]:
        """What is told by now, and of which channel."""
        found = []
        while self._due and self._due[0].at <= now:
            told = heapq.heappop(self._due)
            form = BY[told.by](told.delivery, told.word, told.occurred, now)
            found.append((CHANNELS[told.by], form))
        return found

    def _will_tell(self, by: str, delivery: str, word: Word) -> None:
        now = self._now()
        for _ in range(1 + (self._random.random() < _TWICE)):
            at = now + self._random.randint(1, _TELLS_WITHIN)
            heapq.heappush(self._due, _Told(at, by, delivery, word, now))


class _Meta(Meta):
    """Of templates."""

    def read(self, received: Received) -> Arrived | None:
        if received.method == "GET":
            return None
        body = orjson.loads(received.body)
        return Arrived(body[ECHO], body["to"], {})

    def answer(self, received: Received, situation: Situation) -> Said:
        if received.method == "GET" or situation is not Situation.WELL:
            return super().answer(received, situation)
        return said(200, {"messages": [{"id": "wamid.1"}], "contacts": []})


def _parts() -> dict[str, Part]:
    return {
        "postmark": Postmark(),
        "sendgrid": SendGrid(),
        "twilio": Twilio(),
        "vonage": Vonage(),
        "whatsapp": _Meta(),
        "fcm": fcm.Google(),
    }


@asynccontextmanager
async def opened(
    folder: Path, now: Callable[[], Instant], random: Random
) -> AsyncIterator[tuple[Providers, Mapping[str, Any]]]:
    """Everybody on a port of their own; with what an operator sets for them."""
    providers = Providers(now, random)
    async with AsyncExitStack() as stack:
        played: dict[str, Provider] = {}
        for by, part in _parts().items():
            played[by] = await stack.enter_async_context(provider(part))
            played[by].fate = partial(providers.fate, by)
            played[by].looks_closely = False
        yield providers, _settings(folder, {by: one.address for by, one in played.items()})


def _settings(folder: Path, at: Mapping[str, str]) -> Mapping[str, Any]:
    fcm.of(folder, at["fcm"])  # writes the account's file
    usual = {"timeout_seconds": _SECONDS, "limits": {"account": "40 per second"}}
    return {
        "email": usual
        | {
            "adapter": "postmark",
            "server_token": "token",
            "from": "news@shop.example",
            "webhook_login": LOGIN,
            "address": at["postmark"],
            "otherwise": usual
            | {
                "adapter": "sendgrid",
                "api_key": "SG.key",
                "from": "news@shop.example",
                "verification_key": public_key(),
                "address": at["sendgrid"],
            },
        },
        "sms": usual
        | {
            "adapter": "twilio",
            "account": ACCOUNT,
            "password": "open-sesame",
            "sender": "+15550001111",
            "callback": CALLBACK,
            "address": at["twilio"],
            "otherwise": usual
            | {
                "adapter": "vonage",
                "api_key": "key",
                "api_secret": "secret",
                "sender": "+491511111111",
                "signature_secret": SECRET,
                "address": at["vonage"],
            },
        },
        "whatsapp": usual
        | {
            "adapter": "whatsapp",
            "phone_number_id": "106540352242922",
            "access_token": "EAA",
            "app_secret": SECRET,
            "verify_token": "word",
            "limits": {"people": "100000 per day"},
            "address": at["whatsapp"],
        },
        "push": usual
        | {
            "adapter": "fcm",
            "service_account_file": str(folder / "account.json"),
            "address": at["fcm"],
        },
    }
