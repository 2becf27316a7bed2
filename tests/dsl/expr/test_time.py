"""Windows and lengths of time at their edges (language reference, section 2.7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from benchmarks.shop import BERLIN
from dsl.calendar import DAY, HOUR, MINUTE, SECOND
from tests.dsl.expr.asking import ask, at, event, somebody, value

NEW_YORK = ZoneInfo("America/New_York")
NOON = at("2026-03-11 12:00")


class TestInTheLast:
    """(now - D, now]: the event being processed counts; at the oldest one + D it no longer does."""

    @pytest.mark.parametrize(
        ("occurred", "counts"),
        [
            (NOON, True),
            (NOON + 1, False),
            (NOON - 24 * HOUR, False),
            (NOON - 24 * HOUR + 1, True),
        ],
    )
    def test_its_edges(self, occurred: int, counts: bool) -> None:
        who = somebody(event("purchase", occurred), now=NOON)

        assert ask("did purchase in the last 24 hours", who) is counts
        assert ask("purchases in the last 24 hours >= 1", who) is counts
        assert ask("did purchase where cart_id is missing in the last 24 hours", who) is counts
        assert ask("sum of purchase.total in the last 24 hours > 0", who) is False
        assert ask("last purchase.time in the last 24 hours is known", who) is counts
        assert ask("first purchase.time in the last 24 hours is known", who) is counts

    def test_a_day_keeps_the_clock_time_when_the_clocks_go_forward(self) -> None:
        """From 28 to 29 March 2026, noon to noon in Berlin are 23 hours."""
        now = at("2026-03-29 12:00")
        edge = at("2026-03-28 12:00")
        assert now - edge == 23 * HOUR

        assert ask(
            "did purchase in the last 1 day", somebody(event("purchase", edge), now=now)
        ) is (False)
        assert ask("did purchase in the last 1 day", somebody(event("purchase", edge + 1), now=now))
        assert ask("did purchase in the last 24 hours", somebody(event("purchase", edge), now=now))

    def test_a_day_keeps_the_clock_time_when_the_clocks_go_back(self) -> None:
        """From 24 to 25 October 2026, noon to noon in Berlin are 25 hours."""
        now = at("2026-10-25 12:00")
        edge = at("2026-10-24 12:00")
        assert now - edge == 25 * HOUR
        who = somebody(event("purchase", edge + MINUTE), now=now)

        assert ask("did purchase in the last 1 day", who) is True
        assert ask("did purchase in the last 24 hours", who) is False

    def test_a_month_ends_with_the_month(self) -> None:
        """One month before 31 March is 28 February."""
        now = at("2026-03-31 12:00")
        inside = somebody(event("purchase", at("2026-02-28 12:00") + 1), now=now)
        outside = somebody(event("purchase", at("2026-02-28 12:00")), now=now)

        assert ask("did purchase in the last 1 month", inside) is True
        assert ask("did purchase in the last 1 month", outside) is False

    def test_a_year_before_29_february(self) -> None:
        now = at("2028-02-29 12:00")
        inside = somebody(event("purchase", at("2027-02-28 12:00") + 1), now=now)

        assert ask("did purchase in the last 1 year", inside) is True

    def test_working_days_pass_over_weekends_and_holidays(self) -> None:
        """Two working days before Tuesday are Friday; with a holiday on Monday, Thursday."""
        now = at("2026-03-10 12:00")
        friday = somebody(event("purchase", at("2026-03-06 12:00")), now=now)
        holiday = replace(friday, holidays={date(2026, 3, 9)})

        assert ask("did purchase in the last 2 working days", friday) is False
        assert ask("did purchase in the last 2 working days", holiday) is True


class TestCalendarPeriods:
    @pytest.mark.parametrize(
        ("window", "first", "after"),
        [
            ("today", "2026-03-11 00:00", None),
            ("yesterday", "2026-03-10 00:00", "2026-03-11 00:00"),
            ("this week", "2026-03-09 00:00", None),
            ("this month", "2026-03-01 00:00", None),
            ("this year", "2026-01-01 00:00", None),
        ],
    )
    def test_their_edges(self, window: str, first: str, after: str | None) -> None:
        def counts(occurred: int) -> bool:
            who = somebody(event("purchase", occurred), now=NOON)
            return ask(f"did purchase {window}", who)

        begin, end = at(first), NOON + 1 if after is None else at(after)
        assert [counts(begin - 1), counts(begin), counts(end - 1), counts(end)] == [
            False,
            True,
            True,
            False,
        ]

    def test_today_is_the_recipients(self) -> None:
        """At 02:00 in Berlin it is still yesterday in New York."""
        now = at("2026-03-11 02:00")
        before_midnight = at("2026-03-10 23:00")
        berlin = somebody(event("purchase", before_midnight), now=now)
        new_york = replace(berlin, zone=NEW_YORK)

        assert ask("did purchase today", berlin) is False
        assert ask("did purchase today", new_york) is True
        assert ask("today is 2026-03-10", new_york) is True

    def test_a_day_of_23_hours(self) -> None:
        """At 00:30 on the day after, the spring day began 23.5 hours ago."""
        now = at("2026-03-30 00:30")
        who = somebody(event("purchase", now - 23 * HOUR - 30 * MINUTE), now=now)

        assert ask("did purchase yesterday", who) is True
        assert (
            ask("did purchase yesterday", somebody(event("purchase", now - DAY), now=now)) is False
        )


class TestOtherWindows:
    @pytest.mark.parametrize(
        ("window", "first", "after"),
        [
            ("since 2026-03-01", "2026-03-01 00:00", None),
            ("since 2026-03-01 08:30", "2026-03-01 08:30", None),
            ("between 2026-02-01 and 2026-03-01", "2026-02-01 00:00", "2026-03-01 00:00"),
            ("within 3 days after 2026-02-01", "2026-02-01 00:00", "2026-02-04 00:00"),
            ("before 2026-02-01", None, "2026-02-01 00:00"),
        ],
    )
    def test_their_edges(self, window: str, first: str | None, after: str | None) -> None:
        def counts(occurred: int) -> bool:
            return ask(f"did purchase {window}", somebody(event("purchase", occurred), now=NOON))

        end = NOON + 1 if after is None else at(after)
        assert [counts(end - 1), counts(end)] == [True, False]
        if first is not None:
            assert [counts(at(first) - 1), counts(at(first))] == [False, True]

    def test_a_literal_with_an_offset_is_the_same_everywhere(self) -> None:
        who = somebody(event("purchase", at("2026-03-01 10:00")), now=NOON)

        assert ask("did purchase since 2026-03-01 09:00Z", who) is True
        assert ask("did purchase since 2026-03-01 09:00:01Z", who) is False
        assert ask("did purchase since 2026-03-01 10:00+01:00", replace(who, zone=NEW_YORK))

    def test_ever_is_no_window(self) -> None:
        assert ask("did purchase ever", somebody(event("purchase", 0))) is True


class TestSinceEntry:
    """The triggering event itself is out; what happened after it is in, however it arrived."""

    trigger = event("purchase", NOON, 5, total=100)

    def entered(self, *others: object) -> bool:
        events = [self.trigger, *others]
        who = somebody(*events, now=NOON + HOUR)  # type: ignore[arg-type]  # events all of them
        who.trigger, who.entry = self.trigger, NOON
        return ask("did purchase since entry", who)

    def test_the_trigger_does_not_count(self) -> None:
        assert self.entered() is False

    def test_another_event_after_it_does(self) -> None:
        assert self.entered(event("purchase", NOON + SECOND, 9)) is True

    def test_an_event_before_it_does_not(self) -> None:
        assert self.entered(event("purchase", NOON - SECOND, 9)) is False

    def test_an_event_processed_before_the_trigger_counts_if_it_happened_after_it(self) -> None:
        assert self.entered(event("purchase", NOON + SECOND, 2)) is True

    def test_events_of_the_same_instant_go_by_their_arrival(self) -> None:
        assert self.entered(event("purchase", NOON, 6)) is True
        assert self.entered(event("purchase", NOON, 4)) is False

    def test_sums_and_counts_leave_it_out_too(self) -> None:
        later = event("purchase", NOON + SECOND, 6, total=30)
        who = somebody(self.trigger, later, now=NOON + HOUR)
        who.trigger, who.entry = self.trigger, NOON

        assert value("count of purchase since entry", who) == 1
        assert value("sum of purchase.total since entry", who) == 30
        assert value("first purchase.total since entry", who) == 30
        assert ask("did purchase exactly 1 time since entry", who) is True

    def test_without_a_triggering_event_everything_since_the_moment_counts(self) -> None:
        who = somebody(event("purchase", NOON, 3), now=NOON + HOUR)
        who.entry = NOON

        assert ask("did purchase since entry", who) is True

    def test_what_lies_in_the_future_has_not_happened(self) -> None:
        assert self.entered(event("purchase", NOON + 2 * HOUR, 9)) is False


class TestTimeSince:
    """Calendar units are added to the moment, not averaged."""

    def test_sixty_days_over_a_change_of_clocks(self) -> None:
        then = at("2026-03-01 12:00")
        rule = "time since last purchase.time >= 60 days"
        just = somebody(event("purchase", then), now=at("2026-04-30 12:00"))
        almost = replace(just, now=at("2026-04-30 12:00") - 1)

        assert ask(rule, just) is True
        assert ask(rule, almost) is False
        assert ask("time since last purchase.time >= 1440 hours", just) is False

    def test_a_month_from_the_31st(self) -> None:
        who = somebody(event("purchase", at("2026-01-31 12:00")), now=at("2026-02-28 12:00"))

        assert ask("time since last purchase.time >= 1 month", who) is True
        assert ask("time since last purchase.time is 1 month", who) is True
        assert ask("time since last purchase.time > 1 month", who) is False
        assert ask("1 month <= time since last purchase.time", who) is True

    def test_time_until(self) -> None:
        who = somebody(renewal_date="2026-03-20", now=NOON)

        assert ask("time until renewal_date <= 9 days", who) is True
        assert ask("time until renewal_date < 8 days", who) is False
        assert value("in_days(time until renewal_date)", who) == 8 + value("1 / 2", who)

    def test_between_adds_both_lengths_to_the_moment(self) -> None:
        """A month after 31 January is 28 February, which no average of months would say."""
        who = somebody(now=at("2026-02-28 12:00"), last_seen_at=at("2026-01-31 12:00"))

        assert ask("time since last_seen_at is between 1 month and 2 months", who) is True
        assert ask("time since last_seen_at is between 3 weeks and 1 month", who) is True
        assert ask("time since last_seen_at is between 29 days and 2 months", who) is False
        assert ask("not time since last_login is between 1 day and 3 days", who) is True

    def test_what_is_ahead_is_not_past(self) -> None:
        who = somebody(last_login=NOON + HOUR, now=NOON)

        assert ask("time since last_login >= 0 seconds", who) is False
        assert ask("time since last_login < 1 day", who) is True


class TestWithin:
    def test_the_next(self) -> None:
        """[now, now + D)."""

        def near(moment: int) -> bool:
            who = somebody(last_login=moment, now=NOON)
            return ask("last_login is within the next 2 hours", who)

        assert [near(NOON - 1), near(NOON), near(NOON + 2 * HOUR - 1), near(NOON + 2 * HOUR)] == [
            False,
            True,
            True,
            False,
        ]

    def test_the_last(self) -> None:
        """(now - D, now]."""

        def near(moment: int) -> bool:
            who = somebody(last_login=moment, now=NOON)
            return ask("last_login is within the last 1 day", who)

        assert [near(NOON - DAY), near(NOON - DAY + 1), near(NOON), near(NOON + 1)] == [
            False,
            True,
            True,
            False,
        ]


class TestFollowedBy:
    def test_later_and_in_time(self) -> None:
        rule = "did cart_updated followed by purchase within 1 hour"
        cart = event("cart_updated", NOON, 1)

        def followed(after: int) -> bool:
            return ask(rule, somebody(cart, event("purchase", NOON + after, 2)))

        assert [followed(0), followed(1), followed(HOUR), followed(HOUR + 1)] == [
            False,
            True,
            True,
            False,
        ]

    def test_one_that_nothing_followed_is_enough(self) -> None:
        carts = [event("cart_updated", NOON - 3 * DAY, 1), event("cart_updated", NOON, 3)]
        bought = event("purchase", NOON - 3 * DAY + HOUR, 2)
        who = somebody(*carts, bought, now=NOON + HOUR)

        assert ask("did cart_updated not followed by purchase within 1 day", who) is True
        assert ask("did cart_updated not followed by purchase", who) is True
        assert ask("did cart_updated in the last 4 days followed by purchase", who) is True
        assert ask("did cart_updated in the last 2 days followed by purchase", who) is False
        assert (
            ask("did cart_updated at least 2 times not followed by purchase within 1 day", who)
            is False
        )

    def test_only_what_is_asked_for_follows(self) -> None:
        who = somebody(event("cart_updated", NOON, 1), event("purchase", NOON + 1, 2, total=500))

        assert ask("did cart_updated followed by purchase where total > 4 EUR", who) is True
        assert ask("did cart_updated followed by purchase where total > 6 EUR", who) is False


class TestBirthdays:
    def test_age_turns_on_the_day(self) -> None:
        who = somebody(birthday="2008-03-11", now=at("2026-03-10 23:59"))

        assert value("age(birthday)", who) == 17
        assert value("age(birthday)", replace(who, now=at("2026-03-11 00:00"))) == 18

    def test_29_february_falls_on_the_28th(self) -> None:
        who = somebody(birthday="2008-02-29", now=at("2026-02-28 08:00"))

        assert value("age(birthday)", who) == 18
        assert ask("anniversary(birthday) is today", who) is True
        assert str(value("anniversary(birthday)", replace(who, now=at("2026-03-01 08:00")))) == (
            "2027-02-28"
        )
        assert str(value("anniversary(birthday)", replace(who, now=at("2027-03-01 08:00")))) == (
            "2028-02-29"
        )

    def test_nobody_is_of_age_before_birth(self) -> None:
        assert value("age(birthday)", somebody(birthday="2030-01-01", now=NOON)) is None


def test_the_first_and_the_last_go_by_time_then_by_arrival() -> None:
    who = somebody(
        event("purchase", NOON, 7, category="b"),
        event("purchase", NOON, 3, category="a"),
        event("purchase", NOON - DAY, 9, category="z"),
    )

    assert value("last purchase.category", who) == "b"
    assert value("first purchase.category", who) == "z"


def test_a_moment_beyond_the_calendar_is_missing() -> None:
    who = somebody(event("purchase", 10**20), last_seen_at=10**30, now=NOON)

    assert value("last_seen_at + 1 day", who) is None
    assert ask("date(last_seen_at) is today", who) is False
    assert ask("did purchase since last_seen_at - 1 month", who) is False
    assert ask("time since last_seen_at > 1 month", who) is False


def test_the_zone_of_the_tests_is_not_the_zone_of_the_machine() -> None:
    assert ask("hour(now) is 12", somebody(now=NOON, zone=BERLIN)) is True
    assert ask("hour(now) is 7", somebody(now=NOON, zone=NEW_YORK)) is True
