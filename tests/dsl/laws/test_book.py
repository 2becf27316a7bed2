"""The data of the laws: every entry says where it is from, and nothing in it is nonsense."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from dsl.laws.book import book, laws_of
from dsl.laws.holidays import easter, holiday
from dsl.laws.reading import Country, Entry, countries

ENTRIES = [(country, entry) for country in countries().values() for entry in country.laws]


@pytest.mark.parametrize(("country", "entry"), ENTRIES, ids=lambda each: getattr(each, "id", ""))
def test_every_law_has_a_source_a_date_and_a_place(country: Country, entry: Entry) -> None:
    """A person can look it up: the name of a source, and the day on which it was so."""
    assert len(entry.source) > 20
    assert date(2026, 1, 1) <= entry.as_of <= date(2026, 12, 31)
    assert country.place(entry)
    start = f"{country.jurisdiction}.{entry.state}".strip(".").lower()
    assert entry.id.startswith(f"{start}.")
    assert set(entry.channels) <= {"sms", "whatsapp"}


@pytest.mark.parametrize(("country", "entry"), ENTRIES, ids=lambda each: getattr(each, "id", ""))
def test_what_a_law_says_in_words_is_what_its_hours_say(country: Country, entry: Entry) -> None:
    """The words are what people are told, the hours what is done."""
    said = {f"{int(h):d}:{m}" for h, m in re.findall(r"(\d+):(\d\d)", entry.says)}
    done = {
        f"{minute // 60:d}:{minute % 60:02d}"
        for hours in entry.allowed().values()
        for minute in hours
    }
    assert said == done
    if entry.limit is not None:
        assert f"at most {entry.limit} " in entry.says


def test_no_law_is_there_twice() -> None:
    """Decisions name laws by their ids."""
    names = [entry.id for _, entry in ENTRIES]

    assert len(set(names)) == len(names)


def test_the_states_that_limit_messages_are_those_of_the_list() -> None:
    """Three in 24 hours in four states; hours of their own in fourteen, and none looser."""
    limited = {law.state for law in book().entries if law.limit == 3}
    hours = {law.state for law in book().entries if law.quiet and law.country == "US"}

    assert limited == {"FL", "OK", "MD", "NJ"}
    assert hours == {
        "",
        *["FL", "OK", "MD", "NJ", "CT", "WA", "MS", "AL", "LA", "RI", "TX", "KY", "NV"],
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours": {"every day": "21:00 to 08:00"}},
        {"hours": {"every day": "8 to 21"}},
        {"hours": {"every day": "08:00 to 25:00"}},
        {"hours": {"Funday": "08:00 to 21:00"}},
        {"hours": {"Monday to Friday": "08:00 to 21:00", "Friday": "09:00 to 12:00"}},
        {"hours": {"every day": "08:00 to 21:00"}, "limit": 3},
        {"limit": 0},
        {},
        {"limit": 3, "source": ""},
        {"limit": 3, "as_of": "once"},
        {"limit": 3, "unknown": "key"},
    ],
)
def test_a_law_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    """Whoever edits a file hears of it from the first test, not from a person at night."""
    whole = {
        "id": "us.hours",
        "says": "something that is long enough",
        "channels": ["sms"],
        "source": "a book of laws",
        "as_of": "2026-11-22",
        "checked": "no",
    }

    with pytest.raises(ValidationError):
        Entry.model_validate(whole | wrong)


def test_the_version_is_the_day_and_the_content() -> None:
    """As decisions keep it."""
    assert re.fullmatch(r"2026-\d\d-\d\d/[0-9a-f]{8}", book().version)
    assert laws_of(["us"], "state").version == book().version
    assert {law.country for law in laws_of(["us"], "").entries} == {"US"}
    assert laws_of([], "").entries == ()


@pytest.mark.parametrize(
    ("words", "year", "day"),
    [
        ("07-04", 2026, "2026-07-04"),
        ("easter", 2026, "2026-04-05"),
        ("easter + 1", 2027, "2027-03-29"),
        ("easter - 2", 2024, "2024-03-29"),
        ("fourth Thursday of November", 2026, "2026-11-26"),
        ("last Monday of May", 2026, "2026-05-25"),
        ("last Monday of May", 2027, "2027-05-31"),
        ("first Monday of September", 2025, "2025-09-01"),
        ("last Sunday of December", 2028, "2028-12-31"),
    ],
)
def test_holidays_fall_on_their_days(words: str, year: int, day: str) -> None:
    """Fixed, by Easter, by the weekday."""
    assert holiday(words, year) == date.fromisoformat(day)


def test_easter_is_a_sunday_between_its_limits() -> None:
    """From 22 March to 25 April; the years at either end are known."""
    days = [easter(year) for year in range(1900, 2200)]

    assert all(day.weekday() == 6 for day in days)
    assert min(day.timetuple()[1:3] for day in days) >= (3, 22)
    assert max(day.timetuple()[1:3] for day in days) == (4, 25)
    assert easter(2038) == date(2038, 4, 25)


def test_the_table_of_numbers_names_real_places() -> None:
    """Codes that a number can begin with, zones that exist, states that have a name."""
    known = files("dsl.laws").joinpath("data", "numbers.tsv").read_text(encoding="utf-8")
    states = countries()["us"].states
    for code, area in book().areas.items():
        assert re.fullmatch(r"\+[1-9]\d{0,3}", code)
        assert not area.state or area.state in states
        assert all(ZoneInfo(zone) for zone in area.zones)

    assert "Source: " in known
    assert len({area.state for area in book().areas.values()} - {""}) == 56
    assert book().areas["+1212"] == ("US", "NY", ("America/New_York",))
    assert book().areas["+1850"] == ("US", "FL", ("America/Chicago", "America/New_York"))
    assert book().areas["+1416"].country == "CA"
