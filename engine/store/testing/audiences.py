"""Audiences: everybody of whom a rule is true, asked of a store at once."""

from __future__ import annotations

from functools import cache

import pytest

from channels.content.library import Library
from dsl.calendar import DAY, HOUR, Instant
from dsl.compiler import compile_project
from dsl.expr.context import Happened
from engine.core.profile import Contact, Profile
from engine.core.program import Program
from engine.core.signals import EventArrived
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import commit, event, run

__all__ = ["TestAudiences"]

NOW: Instant = 1_772_442_000_000_000  # 2026-03-02 10:00 in Berlin, 04:00 in New York

PLAN = """
tracking plan: shop
profile:
  tier: one of bronze / gold
  country: text
  time_zone: text
  spent: money EUR
events:
  order: {has: {total: money EUR}}
"""
POLICY = """
policy: shop
time zone: Europe/Berlin
languages: en
currency: EUR
channels:
  email:
  push: {reachable when: did order}
categories:
  news: {consent: required}
  alerts: {consent: not needed}
"""
SEGMENTS = """
segments:
  gold: {who: tier is "gold"}
  not_gold: {who: tier is not "gold"}
  german: {who: 'country is "de"'}
  buyers: {who: did order today}
  big: {who: sum of order.total in the last 30 days >= 20 EUR}
  mailed: {who: messaged on email about news by welcome in the last 2 days}
  unmailed: {who: not messaged}
  inside: {who: in journey welcome}
  mail: {who: email is reachable}
  push: {who: push is reachable}
  readers: {who: subscribed to news}
  mail_readers: {who: subscribed to news on email}
  alerted: {who: subscribed to alerts on push}
  both: {who: in segment gold and in segment german}
  new: {who: entered segment gold in the last 3 days}
  spoken: {who: format_money(spent) contains "€"}
"""
WELCOME = """
journey: welcome
category: news
trigger: {event: order}
steps:
  - stop: done
"""


@cache
def program() -> Program:
    """A shop with many segments."""
    texts = {"plan": PLAN, "policy": POLICY, "segments": SEGMENTS, "welcome": WELCOME}
    made = compile_project({f"{name}.yaml": text for name, text in texts.items()})
    assert made.project is not None, [str(each) for each in made.diagnostics]
    return Program.of(made.project, Library({}, ("en",), lambda _: "https://shop.example"))


def ask(store: Store, segment: str, now: Instant = NOW) -> list[str]:
    """Who is in a segment; and the size of the audience must say as many."""
    rule = program().project.segments[segment].who
    found = sorted(store.audience(rule, program(), now))
    assert store.audience_size(rule, program(), now) == len(found)
    return found


def put(store: Store, *profiles: Profile, **more: object) -> None:
    """Writes people as a batch does."""
    changes = Changes(profiles=list(profiles))
    for name, values in more.items():
        getattr(changes, name).extend(values)
    commit(store, changes, [profile.id for profile in profiles])


class TestAudiences:
    """Whatever a store knows of people can be asked of all of them at once."""

    def test_attributes(self, store: Store) -> None:
        put(
            store,
            Profile("ada", {"tier": "gold", "country": " DE "}),
            Profile("bob", {"tier": "bronze", "country": "de"}),
            Profile("cid"),
        )

        assert ask(store, "gold") == ["ada"]
        assert ask(store, "not_gold") == ["bob", "cid"]
        assert ask(store, "german") == ["ada", "bob"]
        assert ask(store, "both") == ["ada"]

    def test_somebody_of_whom_no_profile_was_written_is_in_no_audience(self, store: Store) -> None:
        store.append([event("e1", "dan")])

        assert ask(store, "not_gold") == []

    def test_events_on_the_day_of_each_person(self, store: Store) -> None:
        """Five hours ago it was today in Berlin, and yesterday in New York."""
        store.append(
            [
                event(name, name, NOW, occurred=NOW - 5 * HOUR, properties={"total": 2000})
                for name in ("ada", "bob", "cid", "dan")
            ]
        )
        put(
            store,
            Profile("ada"),
            Profile("bob", {"time_zone": "America/New_York"}),
            Profile("cid", {"country": "JP"}),
            Profile("dan", {"time_zone": "Nowhere/Land", "country": ["JP"]}),
        )

        assert ask(store, "buyers") == ["ada", "cid", "dan"]
        assert ask(store, "big") == ["ada", "bob", "cid", "dan"]
        assert ask(store, "big", NOW + 40 * DAY) == []

    def test_messages_open_and_sent(self, store: Store) -> None:
        def contact(sent: Instant | None, category: str = "news") -> tuple[Contact, ...]:
            return (Contact("d", NOW - 9 * DAY, sent, "email", category, "welcome"),)

        put(
            store,
            Profile("ada", contacts=contact(None)),
            Profile("bob", contacts=contact(NOW - DAY)),
            Profile("cid", contacts=contact(NOW - 2 * DAY)),
            Profile("dan", contacts=contact(NOW, "alerts")),
            Profile("eve"),
        )

        assert ask(store, "mailed") == ["ada", "bob"]
        assert ask(store, "unmailed") == ["eve"]

    def test_journeys_that_people_are_in(self, store: Store) -> None:
        put(
            store,
            *(Profile(name) for name in ("ada", "bob", "cid", "dan", "eve")),
            runs=[
                run("r1", "ada"),
                run("r2", "bob", arm="holdout"),
                run("r3", "cid", status="watched"),
                run("r4", "dan", status="closed"),
                run("r5", "eve", journey="other"),
            ],
        )

        assert ask(store, "inside") == ["ada"]

    def test_reach(self, store: Store) -> None:
        put(
            store,
            Profile("ada", addresses={"email": "ada@shop.example", "push": "t1"}),
            Profile(
                "bob",
                addresses={"email": "bob@shop.example", "push": "t2"},
                suppressed=frozenset({"bob@shop.example"}),
            ),
            Profile(
                "dan",
                addresses={"email": "dan@shop.example", "push": "t3"},
                suppressed=frozenset({"email dan@shop.example"}),
            ),
            Profile("cid", addresses={"email": ""}),
        )
        store.append([event("e1", "bob", NOW)])

        assert ask(store, "mail") == ["ada"]
        assert ask(store, "push") == ["bob"]

    def test_consent_and_withdrawal(self, store: Store) -> None:
        put(
            store,
            Profile("ada", consents={"news/*": 5}),
            Profile("bob", consents={"news/*": 5, "news/email": -6, "alerts/push": -1}),
            Profile("cid", consents={"news/push": 5}),
            Profile("dan"),
        )

        assert ask(store, "readers") == ["ada", "bob", "cid"]
        assert ask(store, "mail_readers") == ["ada"]
        assert ask(store, "alerted") == ["ada", "cid", "dan"]

    def test_who_came_into_a_segment(self, store: Store) -> None:
        name = "segment gold entered"
        put(
            store,
            Profile("ada"),
            Profile("bob"),
            events=[
                EventArrived("m1", "ada", Happened(name, NOW - DAY, NOW - DAY, 1, {})),
                EventArrived("m2", "bob", Happened(name, NOW - 9 * DAY, NOW, 2, {})),
            ],
        )

        assert ask(store, "new") == ["ada"]

    @pytest.mark.parametrize("people", [0, 1, 1203])
    def test_what_no_database_can_say_is_asked_of_one_after_the_other(
        self, store: Store, people: int
    ) -> None:
        put(store, *(Profile(f"p{n}", {"spent": 5 if n % 2 else None}) for n in range(people)))

        assert len(ask(store, "spoken")) == people // 2

    def test_any_name_is_a_name(self, store: Store) -> None:
        odd = ["", "'; drop table people", "ä\U0001f600", "a/b"]
        put(store, *(Profile(name, {"tier": "gold"}) for name in odd))

        assert ask(store, "gold") == sorted(odd)
