"""When to write to somebody: by what they did, and by what others did where that is too little."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dsl.calendar import HOUR, MINUTE, Instant, from_datetime, local
from dsl.expr.context import Happened
from engine.core.best_time import HOURS, best_time, counts_as_seen, hour_of_week, scores, seen_by

BERLIN = ZoneInfo("Europe/Berlin")
NOBODY = [0] * HOURS


def at(text: str, zone: ZoneInfo = BERLIN) -> Instant:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=zone))


def clock(instant: Instant, zone: ZoneInfo = BERLIN) -> str:
    return local(instant, zone).strftime("%a %H:%M")


def hours(**counts: int) -> list[int]:
    """``fri18=3``: three on Fridays between 18:00 and 19:00."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    made = NOBODY[:]
    for name, count in counts.items():
        made[days.index(name[:3]) * 24 + int(name[3:])] = count
    return made


def opened(when: str, name: str = "message_opened", **properties: str) -> Happened:
    return Happened(name, at(when), at(when), 1, {"channel": "email", **properties})


def found(
    score: list[float], start: str, hours: int, zone: ZoneInfo = BERLIN, quiet: tuple[int, ...] = ()
) -> str:
    begin = at(start, zone)

    def allowed(moment: Instant) -> Instant | None:
        while local(moment, zone).hour in quiet:
            moment += HOUR - moment % HOUR
        return moment

    return clock(best_time(score, begin, begin + hours * HOUR, zone, allowed), zone)


def test_with_no_data_at_all_it_is_now() -> None:
    """In quiet hours, too: the send knows what to do then."""
    assert found(scores(NOBODY, NOBODY, NOBODY), "2026-03-06 08:20", 10, quiet=(8,)) == "Fri 08:20"


def test_the_best_hour_begins_at_its_beginning_or_now() -> None:
    score = scores(hours(fri12=2, fri8=1), NOBODY, NOBODY)

    assert found(score, "2026-03-06 08:20", 10) == "Fri 12:00"
    assert found(score, "2026-03-06 12:20", 10) == "Fri 12:20"


def test_what_begins_at_the_end_is_too_late() -> None:
    """[arrival, arrival + D): ten hours from eight o'clock do not reach six in the evening."""
    score = scores(hours(fri18=9, fri10=1), NOBODY, NOBODY)

    assert found(score, "2026-03-06 08:00", 10) == "Fri 10:00"
    assert found(score, "2026-03-06 08:01", 10) == "Fri 18:00"


def test_of_hours_as_good_the_first_one_is_taken() -> None:
    assert (
        found(scores(hours(sat9=1, fri15=1), NOBODY, NOBODY), "2026-03-06 08:00", 48) == "Fri 15:00"
    )


def test_a_little_of_ones_own_does_not_outweigh_everybody_and_a_lot_does() -> None:
    everybody = hours(fri18=900, fri9=100)

    assert found(scores(hours(fri9=2), NOBODY, everybody), "2026-03-06 08:00", 12) == "Fri 18:00"
    assert found(scores(hours(fri9=6), NOBODY, everybody), "2026-03-06 08:00", 12) == "Fri 09:00"


def test_a_segment_with_a_lot_of_data_goes_before_everybody() -> None:
    everybody = hours(fri18=9_000)

    small, large = hours(fri11=3), hours(fri11=300)

    assert found(scores(NOBODY, small, everybody), "2026-03-06 08:00", 12) == "Fri 18:00"
    assert found(scores(NOBODY, large, everybody), "2026-03-06 08:00", 12) == "Fri 11:00"


def test_a_segment_alone_is_enough() -> None:
    assert found(scores(NOBODY, hours(fri11=1), NOBODY), "2026-03-06 08:00", 12) == "Fri 11:00"


def test_a_quiet_hour_is_left_out_while_another_is_left() -> None:
    score = scores(hours(fri22=9, fri14=1), NOBODY, NOBODY)

    assert found(score, "2026-03-06 13:00", 12, quiet=(21, 22, 23, 0)) == "Fri 14:00"
    assert found(score, "2026-03-06 22:10", 1, quiet=(21, 22, 23, 0)) == "Fri 22:10"


def test_an_hour_that_is_quiet_in_part_begins_when_it_is_not() -> None:
    start = at("2026-03-06 06:00")
    loud = at("2026-03-06 07:30")

    moment = best_time(
        scores(hours(fri7=5), NOBODY, NOBODY),
        start,
        start + 5 * HOUR,
        BERLIN,
        lambda moment: max(moment, loud),
    )

    assert clock(moment) == "Fri 07:30"


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-03-29 00:30", "Sun 03:00"),  # two o'clock does not come: the next best hour
        ("2026-10-25 00:30", "Sun 02:00"),  # it comes twice: the first one
    ],
)
def test_the_days_on_which_the_clocks_change(start: str, expected: str) -> None:
    score = scores(hours(sun2=5, sun3=3), NOBODY, NOBODY)

    assert found(score, start, 10) == expected


def test_a_clock_that_changes_by_half_an_hour_is_followed() -> None:
    """On Lord Howe Island, two o'clock is followed by half past two at the change."""
    howe = ZoneInfo("Australia/Lord_Howe")
    score = scores(hours(sun4=5), NOBODY, NOBODY)

    assert found(score, "2026-10-04 00:40", 10, howe) == "Sun 04:00"
    assert found(score, "2026-10-04 00:40", 2, howe) == "Sun 00:40"


def test_hours_are_those_of_the_wall_clock_where_the_person_is() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")

    assert hour_of_week(at("2026-03-02 00:05"), BERLIN) == 0
    assert hour_of_week(at("2026-03-08 23:59"), BERLIN) == HOURS - 1
    assert (
        found(scores(hours(mon9=1), NOBODY, NOBODY), "2026-03-02 08:00", 5, kathmandu)
        == "Mon 09:00"
    )


def test_only_what_somebody_looked_at_counts() -> None:
    """A machine that opens every message at once would make its hour the best one."""
    assert counts_as_seen(opened("2026-03-02 09:00"))
    assert counts_as_seen(opened("2026-03-02 09:00", by="human"))
    assert not counts_as_seen(opened("2026-03-02 09:00", by="machine"))
    assert counts_as_seen(opened("2026-03-02 09:00", by="unverified"))
    assert not counts_as_seen(opened("2026-03-02 09:00", "message_clicked", by="machine"))
    assert not counts_as_seen(opened("2026-03-02 09:00", "message_delivered"))


def test_own_counts_are_of_the_channel_that_is_asked_for() -> None:
    events = [
        opened("2026-03-02 09:00"),
        opened("2026-03-02 09:59", "message_clicked"),
        opened("2026-03-02 10:00", channel="push"),
        opened("2026-03-02 11:00", by="machine"),
    ]

    assert seen_by(events, "email", BERLIN) == hours(mon9=2)
    assert seen_by(events, None, BERLIN) == hours(mon9=2, mon10=1)


def test_a_year_of_hours_is_not_looked_through() -> None:
    """Two weeks have them all."""
    start = at("2026-03-02 09:30")
    asked = []

    def allowed(moment: Instant) -> Instant | None:
        asked.append(moment)
        return moment

    best_time(scores(hours(sun9=1), NOBODY, NOBODY), start, start + 9_000 * HOUR, BERLIN, allowed)

    assert len(asked) < 400
    assert asked[1] - asked[0] == 30 * MINUTE
