"""Which laws protect whom: by what they say about themselves, else by their number."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.calendar import HOUR, MINUTE, local
from dsl.compiler import compile_project
from dsl.machine import Policy
from engine.core.lawful import Bounds, Lawful, lawful_on
from engine.core.quiet import silent_until
from tests.engine.core.test_quiet import at
from tests.engine.scene import SHOP


def policy_of(more: str = "") -> Policy:
    """A shop that says nothing about laws, or ``more``."""
    files = {**SHOP, "policy.yaml": SHOP["policy.yaml"] + more}
    files["plan.yaml"] = files["plan.yaml"].replace("  tier:", "  state: text\n  tier:")
    project = compile_project(files).project
    assert project is not None
    return project.policy


def sms(more: str = "\nstate of residence: state") -> Lawful:
    laws = lawful_on(policy_of(more), "sms")
    assert laws is not None
    return laws


SMS = sms()


def names(bounds: Bounds) -> set[str]:
    """The ids of the laws that hold."""
    said = [silence.law for silence in bounds.silences] + [cap.place for cap in bounds.limits]
    return {each.rsplit(", ", 1)[-1].split(" ")[0] for each in said}


def until(bounds: Bounds, text: str, zone: str) -> str:
    """When it is quiet until, by the clock of ``zone``."""
    there = ZoneInfo(zone)
    end = silent_until(bounds.silences, at(text, there)).until
    return "never" if end is None else local(end, there).strftime("%a %d %H:%M:%S")


@pytest.mark.parametrize(
    ("number", "attributes", "laws"),
    [
        ("+12125550100", {}, {"us.hours"}),
        ("+1 (305) 555-0100", {}, {"us.hours", "us.fl.hours", "us.fl.limit"}),
        ("0013055550100", {}, {"us.hours", "us.fl.hours", "us.fl.limit"}),
        ("+13055550100", {"state": "NY"}, {"us.hours"}),
        ("+13055550100", {"state": "new  york"}, {"us.hours"}),
        ("+12125550100", {"state": "Florida"}, {"us.hours", "us.fl.hours", "us.fl.limit"}),
        ("+12125550100", {"state": "US-TX"}, {"us.hours", "us.tx.hours"}),
        ("+13055550100", {"state": "Bavaria"}, {"us.hours", "us.fl.hours", "us.fl.limit"}),
        (
            "+13055550100",
            {"state": "NY", "country": "DE"},
            {"us.hours", "us.fl.hours", "us.fl.limit"},
        ),
        ("+14165550100", {}, set()),
        ("+14165550100", {"country": "us", "state": "WA"}, {"us.hours", "us.wa.hours"}),
        ("+4930123456", {}, set()),
        ("+4930123456", {"country": "DE", "state": "WA"}, set()),
        ("+919812345678", {}, {"in.hours"}),
        ("+33639980001", {}, {"fr.hours"}),
        ("+4930123456", {"country": " us ", "state": "NY"}, {"us.hours"}),
        (" +1 305 555 0100", {}, {"us.hours", "us.fl.hours", "us.fl.limit"}),
        ("+(1)3055550100", {}, set()),
        ("+", {}, set()),
        ("+91", {}, set()),
        ("0639980001", {"country": "FR"}, {"fr.hours"}),
        ("+262692000000", {}, {"fr.hours"}),
        ("+33639980001", {"country": "IN"}, {"fr.hours", "in.hours"}),
        ("nonsense", {}, set()),
        ("", {}, set()),
        ("+4930123456", {"country": 49, "state": ["FL"], "time_zone": True}, set()),
    ],
)
def test_who_is_protected_by_what(number: str, attributes: dict[str, Any], laws: set[str]) -> None:
    """What people say goes before their number; a number of another country adds its own law."""
    assert names(SMS.bounds(number, attributes)) == laws


def test_a_number_of_no_place_is_protected_by_every_state_on_its_own_clocks() -> None:
    """+1 800: open when it is in Hawaii, until it is over in Rhode Island."""
    anywhere = SMS.bounds("+18005550100", {})

    assert {"us.fl.hours", "us.ri.hours", "us.ky.hours", "us.tx.hours"} <= names(anywhere)
    assert until(anywhere, "2026-11-23 09:00", "America/New_York") == "Mon 23 13:00:00"
    assert until(anywhere, "2026-11-23 17:59:59", "America/New_York") == "Mon 23 17:59:59"
    assert until(anywhere, "2026-11-27 18:00", "America/New_York") == "Sat 28 13:00:00"
    assert until(anywhere, "2026-11-28 17:00", "America/New_York") == "Mon 30 13:00:00"


FLORIDA = {"time_zone": "America/New_York", "state": "FL"}
NEW_YORK = {"time_zone": "America/New_York", "state": "NY"}


@pytest.mark.parametrize("day", ["2026-11-24", "2026-03-08", "2026-11-01"])
@pytest.mark.parametrize(
    ("attributes", "clock", "quiet"),
    [
        (NEW_YORK, "07:59:59", True),
        (NEW_YORK, "08:00:00", False),
        (NEW_YORK, "20:59:59", False),
        (NEW_YORK, "21:00:00", True),
        (FLORIDA, "19:59:59", False),
        (FLORIDA, "20:00:00", True),
    ],
)
def test_the_hours_hold_to_the_second(
    day: str, attributes: dict[str, str], clock: str, *, quiet: bool
) -> None:
    """On an ordinary day, and on those on which the clocks change."""
    bounds = SMS.bounds("+12125550100", attributes)
    now = at(f"{day} {clock}", ZoneInfo("America/New_York"))

    assert (silent_until(bounds.silences, now).until != now) is quiet


@pytest.mark.parametrize(
    ("state", "zone", "asked", "end"),
    [
        ("RI", "America/New_York", "2026-11-28 16:59:59", "Sat 28 16:59:59"),
        ("RI", "America/New_York", "2026-11-28 17:00", "Mon 30 09:00:00"),
        ("TX", "America/Chicago", "2026-11-22 11:59:59", "Sun 22 12:00:00"),
        ("TX", "America/Chicago", "2026-11-22 21:00", "Mon 23 09:00:00"),
        ("MS", "America/Chicago", "2026-11-22 12:00", "Mon 23 08:00:00"),
        ("LA", "America/Chicago", "2026-11-26 12:00", "Fri 27 08:00:00"),  # Thanksgiving
        ("AL", "America/Chicago", "2026-12-24 20:00", "Sat 26 08:00:00"),  # over Christmas
        ("KY", "America/New_York", "2026-11-24 09:59:59", "Tue 24 10:00:00"),
    ],
)
def test_days_of_the_week_and_holidays(state: str, zone: str, asked: str, end: str) -> None:
    """The state's own days, on the person's clock."""
    bounds = SMS.bounds("+12125550100", {"state": state, "time_zone": zone})

    assert until(bounds, asked, zone) == end


def test_in_a_state_with_two_clocks_both_count() -> None:
    """Kentucky without a time zone: ten in Louisville is nine in Paducah."""
    bounds = SMS.bounds("+12125550100", {"state": "KY"})

    assert until(bounds, "2026-11-24 10:30", "America/New_York") == "Tue 24 11:00:00"
    assert until(bounds, "2026-11-24 21:00", "America/New_York") == "Wed 25 11:00:00"


def test_in_france_nothing_goes_on_a_sunday_or_a_holiday() -> None:
    """Whit Monday 2026, and a day that only the company keeps free."""
    here = SMS.bounds("+33639980001", {})
    closed = sms("\nholidays: 2026-05-26").bounds("+33639980001", {})

    assert until(here, "2026-05-23 20:00", "Europe/Paris") == "Tue 26 08:00:00"
    assert until(closed, "2026-05-23 20:00", "Europe/Paris") == "Wed 27 08:00:00"


def test_somebody_with_a_number_from_elsewhere_is_protected_on_both_clocks() -> None:
    """A number of New York, a home in Germany: 8:00 in New York is 14:00 in Berlin."""
    both = SMS.bounds("+12125550100", {"country": "DE"})

    assert until(both, "2026-11-24 09:00", "Europe/Berlin") == "Tue 24 14:00:00"
    assert until(both, "2026-11-24 21:00", "Europe/Berlin") == "Wed 25 14:00:00"


def test_no_marketing_reaches_whatsapp_in_the_united_states() -> None:
    """Nor a toll-free number; Canada has the same +1 and is another country."""
    whatsapp = lawful_on(policy_of(), "whatsapp")
    assert whatsapp is not None

    assert "us.whatsapp" in whatsapp.bounds("+12125550100", {}).never
    assert "us.whatsapp" in whatsapp.bounds("+18005550100", {}).never
    assert whatsapp.bounds("+14165550100", {}).never == ""
    assert whatsapp.bounds("+4930123456", {}).never == ""


def test_a_company_chooses_the_laws_it_needs() -> None:
    """All there are, unless it says otherwise."""
    assert policy_of().laws.countries == ("fr", "in", "us")
    assert policy_of("\nlaws: all").laws.countries == ("fr", "in", "us")
    assert policy_of("\nlaws: in, us").laws.countries == ("in", "us")
    assert lawful_on(policy_of("\nlaws: none"), "sms") is None
    assert lawful_on(policy_of(), "email") is None


numbers = st.sampled_from(
    [
        *("+12125550100", "+13055550100", "+18005550100", "+12075550100", "+14015550100"),
        *("+919812345678", "+33639980001", "+19075550100", "+13345550100"),
    ]
)
states = st.sampled_from(["", "FL", "RI", "TX", "AL", "HI"])
moments = st.integers(at("2026-01-01 00:00"), at("2028-01-01 00:00"))
people = st.fixed_dictionaries(
    {},
    optional={
        "state": states,
        "country": st.sampled_from(["US", "DE", "IN"]),
        "time_zone": st.sampled_from(["America/Denver", "Asia/Kolkata", "Nowhere/At_All"]),
    },
)


@settings(max_examples=60)
@given(numbers, people, moments)
def test_the_instant_chosen_is_allowed_everywhere_and_none_before_it_is(
    number: str, attributes: dict[str, str], now: int
) -> None:
    """Judged anew, law by law and zone by zone, by what the wall clocks show. There is one for
    everybody but those whose number is of the other end of the world than their home.
    """
    bounds = SMS.bounds(number, attributes)
    end = silent_until(bounds.silences, now).until

    if end is None:
        assert len({law.split(".")[0] for law in names(bounds)} | {attributes.get("country")}) > 1
        assert all(_covered(bounds, now + hour * HOUR) for hour in range(14 * 24))
        return
    assert not _covered(bounds, end)
    if end > now:
        assert _covered(bounds, now)
        assert _covered(bounds, end - 1)
        steps = range(now, end, max(30 * MINUTE, (end - now) // 20))
        assert all(_covered(bounds, moment) for moment in steps)


def _covered(bounds: Bounds, moment: int) -> bool:
    """Whether any span covers what any clock shows: written anew, without the code in question."""
    for span, zones, _ in bounds.silences:
        for zone in zones:
            here = local(moment, zone)
            minute = here.hour * 60 + here.minute
            over = span.end <= span.start
            late = minute >= span.start and (over or minute < span.end)
            early = over and minute < span.end
            for covers, day in (
                (late, here.date()),
                (early, date.fromordinal(here.toordinal() - 1)),
            ):
                of_week = span.days is None or day.weekday() in span.days
                of_year = span.dates is None or day in span.dates
                if covers and of_week and of_year:
                    return True
    return False
