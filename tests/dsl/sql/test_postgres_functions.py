"""The functions in PostgreSQL say what Python's say, at their edges."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any
from unicodedata import category
from zoneinfo import ZoneInfo, available_timezones

import pytest
from sqlalchemy import URL, Connection, text

from dsl.calendar import DAY, HOUR, Duration
from dsl.expr import arithmetic, timing, wording
from dsl.expr.context import Context
from dsl.sql.numerals import length_text
from tests.dsl.sql.crowd import on_server
from tests.dsl.sql.shop import MOMENTS, ZONES
from tests.postgres import new_database


@pytest.fixture(scope="module")
def connection(postgres_server: URL) -> Iterator[Connection]:
    with new_database(postgres_server) as address:
        db = on_server(address)
        with db.connect() as connected:
            yield connected
        db.dispose()


def all_of(connection: Connection, call: str, rows: list[dict[str, Any]]) -> list[Any]:
    """What a call gives for every row of texts; it names them as columns."""
    names = list(rows[0])
    arrays = ", ".join(f"cast(:{name} as text[])" for name in names)
    query = f"select {call} from unnest({arrays}) with ordinality as t ({', '.join(names)}, n) order by n"
    return list(connection.scalars(text(query), {k: [str(row[k]) for row in rows] for k in names}))


def in_bulk(connection: Connection, call: str, values: list[str]) -> list[Any]:
    """The same for many texts at once: ``one`` is the text."""
    query = (
        f"select {call} from unnest(cast(:v as text[])) with ordinality as t (one, n) order by n"
    )
    return list(connection.scalars(text(query), {"v": values}))


def test_every_letter_is_folded_and_raised_alike(connection: Connection) -> None:
    letters = [chr(n) for n in range(1, 0x30000) if category(chr(n)) not in ("Cs", "Cn")]
    texts = [f"a{letter}B" for letter in letters]

    assert in_bulk(connection, "wayline.fold(one)", texts) == [wording.fold(t) for t in texts]
    assert in_bulk(connection, "wayline.upper(one)", texts) == [t.upper() for t in texts]


def test_outer_spaces_are_the_same_ones(connection: Connection) -> None:
    texts = [f"{chr(n)}x y{chr(n)}" for n in range(1, 0x3100)]

    trimmed = [t.strip() or None for t in texts]
    assert in_bulk(connection, "wayline.trim(one)", texts) == trimmed


@pytest.mark.parametrize(
    "texts", [["ΑΣ", "straße", "ǆ", "e\u0301", "ﬁn", "", " ", "A_b%c\\d", "ada LOVELACE ß", "x  y"]]
)
def test_words(connection: Connection, texts: list[str]) -> None:
    assert in_bulk(connection, "wayline.fold(one)", texts) == [wording.fold(t) for t in texts]
    titles = [wording.title(t) or None for t in texts]
    assert [t or None for t in in_bulk(connection, "wayline.title(one)", texts)] == titles
    for pattern in ("*", "?", "*\\*", "A_*", "a%*", "??", "*ß*", "x  y", "*_b%c*", ""):
        found = in_bulk(connection, f"wayline.matches('{pattern}', one)", texts)
        assert found == [int(wording.glob(wording.pieces(pattern), t)) for t in texts]


NUMBERS = [
    "0", "1", "-7", "0.5", "-1.25", "2.50", "0.000000000000000000000000000012345",
    "1234567890123456789012.123456", "9999999999999999999999999999", "-9999999999999999999999999999",
    "0.1234567890123456789012345678", "3", "12345678901234567890", "0.3333333333333333333333333335",
    "86400000000", "365.2425", "99999999999999999999999999.95", "5e-20",
]  # fmt: skip


@pytest.mark.parametrize("sign", ["+", "-", "*", "/"])
def test_numbers_have_28_digits(connection: Connection, sign: str) -> None:
    """Python's own decimals round to the even one of two that are as near."""
    doing = {
        "+": arithmetic.plus, "-": arithmetic.minus, "*": arithmetic.times, "/": arithmetic.over
    }[sign]  # fmt: skip
    pairs = [(Decimal(a), Decimal(b)) for a in NUMBERS for b in NUMBERS]
    call = "wayline.calculate(sign, a::numeric + 0.0, b::numeric + 0.0)"
    rows = [{"sign": sign, "a": str(a), "b": str(b)} for a, b in pairs]

    assert all_of(connection, call, rows) == [doing(a, b) for a, b in pairs]


def test_numbers_are_rounded_alike(connection: Connection) -> None:
    doing = {"round": arithmetic.half_up, "floor": arithmetic.floor, "ceil": arithmetic.ceil}
    for how, python in doing.items():
        cases = [(Decimal(a), digits) for a in NUMBERS for digits in (-3, -1, 0, 1, 2, 5)]
        rows = [{"how": how, "a": str(a), "d": d} for a, d in cases]
        call = "wayline.rounded(how, a::numeric + 0.0, d::numeric)"

        assert all_of(connection, call, rows) == [python(a, d) for a, d in cases]


def lengths() -> list[Duration]:
    random = Random(5)
    made = [Duration(1), Duration(-1), Duration(12), Duration(0, 1), Duration(0, 0, 3)]
    made += [Duration(0, 0, -2), Duration(1, -1, 2, HOUR), Duration(0, 30, 0, -HOUR), Duration()]
    made += [Duration(10**9), Duration(0, 10**9), Duration(0, 0, 10**9), Duration(micros=2**62)]
    for _ in range(12):
        made.append(
            Duration(
                random.randint(-30, 30),
                random.randint(-40, 40),
                random.choice((0, 0, 5, -7)),
                random.randint(-(10**12), 10**12),
            )
        )
    return made


@pytest.mark.parametrize("zone", ZONES)
def test_lengths_are_added_on_the_persons_calendar(connection: Connection, zone: str) -> None:
    random = Random(zone)
    moments = [
        *MOMENTS,
        *(random.choice(MOMENTS) + random.randint(-400, 400) * DAY for _ in range(9)),
    ]
    holidays = "2026-01-01 2026-04-03 2026-12-25"
    days = frozenset(timing.date_at_rest(day) for day in holidays.split())
    context = Context(0, ZoneInfo(zone), holidays=frozenset(d for d in days if d is not None))
    cases = [(moment, length) for moment in moments for length in lengths()]
    rows = [{"m": m, "l": length_text(d), "z": zone, "h": holidays} for m, d in cases]
    call = "wayline.later(m::bigint, l, z, h)"

    assert all_of(connection, call, rows) == [timing.later(m, d, context) for m, d in cases]


@pytest.mark.parametrize("zone", ZONES)
def test_every_hour_of_a_year_is_the_same_day_and_hour(connection: Connection, zone: str) -> None:
    start = MOMENTS[0] - 90 * DAY
    moments = [start + n * HOUR + 1 for n in range(0, 24 * 420, 11)]
    context = Context(0, ZoneInfo(zone))
    query = text(
        "select wayline.day(m, :z), wayline.hour(m, :z), wayline.period('week', m, :z),"
        " wayline.period('month', m, :z), wayline.day_start(wayline.day(m, :z), :z)"
        " from unnest(cast(:m as bigint[])) with ordinality as t (m, n) order by n"
    )
    found = connection.execute(query, {"m": moments, "z": zone}).all()
    expected = []
    for moment in moments:
        context.now = moment
        day = timing.day_of(moment, context)
        assert day is not None
        expected.append(
            (
                day.isoformat(),
                timing.local_hour(moment, context),
                timing.period_start("week", context),
                timing.period_start("month", context),
                timing.day_start(day, context),
            )
        )

    assert [tuple(row) for row in found] == expected


def test_local_times_that_do_not_exist_or_exist_twice(connection: Connection) -> None:
    cases = [
        (zone, f"{day} {clock}")
        for zone in ZONES
        for day in (
            "2026-03-29",
            "2026-10-25",
            "2026-11-01",
            "2026-03-08",
            "2026-10-04",
            "2026-04-05",
        )
        for clock in ("00:00", "00:30", "01:15", "01:45", "02:00", "02:30", "03:00")
    ]
    rows = [{"s": shown, "z": zone} for zone, shown in cases]
    expected = [
        timing.wall(datetime.fromisoformat(shown), Context(0, ZoneInfo(zone)))
        for zone, shown in cases
    ]

    assert all_of(connection, "wayline.wall(s, z)", rows) == expected


def test_both_know_the_same_time_zones(connection: Connection) -> None:
    """But for those whose clocks one of the two tables does not know to change yet."""
    known = set(connection.scalars(text("select name from pg_timezone_names")))
    zones = sorted(available_timezones() & known)
    pairs = [(zone, MOMENTS[0] + n * 61 * DAY) for zone in zones for n in range(-60, 0)]
    rows = [{"z": zone, "m": moment} for zone, moment in pairs]
    found = all_of(connection, "wayline.hour(m::bigint, z)", rows)
    differing = {
        zone
        for (zone, moment), hour in zip(pairs, found, strict=True)
        if hour != timing.local_hour(moment, Context(0, ZoneInfo(zone)))
    }

    assert len(zones) > 400
    assert len(differing) < 8
    assert not differing & set(ZONES)


@pytest.mark.parametrize(
    "day", ["2000-02-29", "1990-12-31", "2026-03-02", "2026-03-03", "0001-01-01"]
)
def test_birthdays(connection: Connection, day: str) -> None:
    born = timing.date_at_rest(day)
    assert born is not None
    contexts = [Context(moment, ZoneInfo(zone)) for zone in ZONES for moment in MOMENTS]
    rows = [{"d": day, "m": each.now, "z": each.zone.key} for each in contexts]
    ages = [timing.years(born, each) for each in contexts]
    again = [timing.anniversary(born, each) for each in contexts]

    assert all_of(connection, "wayline.age(d, m::bigint, z)", rows) == ages
    found = all_of(connection, "wayline.anniversary(d, m::bigint, z)", rows)
    assert found == [None if each is None else each.isoformat() for each in again]


@pytest.mark.parametrize(
    "raw", ["2026-02-29", "2024-02-29", "0000-01-01", "9999-12-31", "x", "2026-1-1", ""]
)
def test_dates_at_rest(connection: Connection, raw: str) -> None:
    read = timing.date_at_rest(raw)

    assert in_bulk(connection, "wayline.date(one)", [raw]) == [read and read.isoformat()]


@pytest.mark.parametrize("factor", ["2", "-1", "0.5", "1.25", "0"])
def test_lengths_of_time(connection: Connection, factor: str) -> None:
    rows = [{"l": length_text(length), "f": factor} for length in lengths()]
    repeated = [arithmetic.repeated(length, Decimal(factor)) for length in lengths()]

    days = [arithmetic.in_days(length) for length in lengths()]
    assert all_of(connection, "wayline.in_days(l)", rows) == days
    found = all_of(connection, "wayline.repeated(l, f::numeric)", rows)
    assert found == [None if each is None else length_text(each) for each in repeated]
