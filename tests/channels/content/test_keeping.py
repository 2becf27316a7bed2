"""What is kept of a person from the decision to the hand-over, and asked then."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from channels.content.keeping import keep, recall
from dsl.calendar import Instant
from dsl.expr.context import Context, NoFacts, Wording
from dsl.machine import Reads
from dsl.message import Kept
from dsl.source import Text
from tests.channels.content.samples import person


class Then(NoFacts):
    """Everything is true, but for what is asked of sms."""

    def reachable(self, channel: str, context: Context) -> bool:
        return channel != "sms"

    def window_open(self, channel: str, context: Context) -> bool:
        return channel != "sms"

    def subscribed(self, category: str, channel: str | None, context: Context) -> bool:
        return channel != "sms"

    def in_segment(self, segment: str, context: Context) -> bool:
        return True

    def in_journey(self, journey: str, context: Context) -> bool:
        return True

    def messaged(
        self,
        channel: str | None,
        category: str | None,
        journey: str | None,
        start: Instant | None,
        end: Instant | None,
        context: Context,
    ) -> bool:
        return channel != "sms" and start == 5


def asks(context: Context) -> list[bool]:
    facts = context.facts
    return [
        *(facts.reachable(channel, context) for channel in ("push", "sms")),
        *(facts.window_open(channel, context) for channel in ("push", "sms")),
        *(facts.subscribed("news", channel, context) for channel in (None, "push", "sms")),
        facts.in_segment("vip", context),
        facts.in_journey("welcome", context),
        facts.messaged("push", None, None, 5, None, context),
        facts.messaged("push", None, None, 6, None, context),
        facts.messaged("sms", "news", "welcome", 5, 7, context),
    ]


def saying(wording: Wording, context: Context) -> str:
    return f"{wording.text} {context.language}"


def test_every_fact_that_was_asked_is_remembered() -> None:
    now = person(facts=Then())
    kept = keep(now, Kept(Reads(), (lambda context: all(asks(context)),)))

    assert asks(recall(kept, {}, saying)) == asks(now)
    assert isinstance(now.facts, Then)


def test_what_was_not_asked_is_no() -> None:
    then = recall(keep(person(facts=Then()), Kept(Reads(), ())), {}, saying)

    assert not any(asks(then))
    assert then.facts.said(Wording("Hi", ""), then) == "Hi en"


def test_what_the_person_is_like_and_did_is_kept_as_far_as_it_is_read() -> None:
    trigger = person().trigger
    assert trigger is not None
    history = {"order": [trigger], "visit": [trigger]}
    now = person(history=history, holidays={date(2026, 12, 25)}, language="de")
    kept = keep(now, Kept(Reads(events=frozenset({"order", "refund"})), ()))
    then = recall(kept, {"a": 1}, saying)

    assert then.history == {"order": (trigger,), "refund": ()}
    assert (then.now, then.zone, then.language) == (now.now, now.zone, "de")
    assert (then.attributes, then.trigger) == (now.attributes, now.trigger)
    assert (then.variables, then.holidays) == ({"a": 1}, frozenset({date(2026, 12, 25)}))


def test_what_is_kept_is_plain_data_wherever_it_came_from() -> None:
    """A zone whose name was first read in a file remembers the place in that file."""
    zone = ZoneInfo.no_cache(Text.of("Europe/Berlin"))
    kept = keep(person(zone=zone), Kept(Reads(), ()))

    assert type(kept.zone) is str
