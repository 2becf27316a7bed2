"""What rules become in SQL, what stays live, and what indexes can do with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from benchmarks.shop import scope
from dsl.calendar import DAY, HOUR, from_datetime
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_rule
from dsl.expr.context import Happened
from dsl.machine import Segment
from dsl.source import Text
from dsl.sql import NOW, LiveOnly, Setting, sql_of
from dsl.sql import live_only as why_live
from dsl.sql.tables import plain_tables
from tests.dsl.sql.crowd import Somebody, crowd, gather
from tests.dsl.sql.setting import SETTING, compiled
from tests.dsl.sql.shop import SCOPE

MOMENT = from_datetime(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


def live_only(rule: str) -> str:
    found: list[Diagnostic] = []
    made = compile_rule(Text.of(rule), scope(), found)
    assert made is not None, found
    answer = sql_of(made, crowd(0).tables, SETTING())
    assert isinstance(answer, LiveOnly), rule
    assert answer == why_live(made, SETTING())
    return answer.reason


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("trigger.value > 50 EUR", "it asks about one journey"),
        ("did purchase since entry", "it asks about one journey"),
        ("did purchase where cart_id is trigger.cart_id", "it asks about one journey"),
        ("time since trigger.time > 1 day", "it asks about one journey"),
        ('reply.text is "stop"', "it asks about one journey"),
        ('event.in is "shop"', "it asks about one journey"),
        ("nudge was opened", "it asks about a step of one journey"),
        ("reply is known", "it asks about a step of one journey"),
        (
            "whatsapp window is open",
            "whether a window is open is known at the moment of sending only",
        ),
        ('format_money(price) is "€5"', "format_money writes in the language of each recipient"),
    ],
)
def test_what_only_a_journey_knows_is_asked_live(rule: str, reason: str) -> None:
    assert live_only(rule) == reason


def test_a_rule_nested_too_deeply_for_the_parser_is_asked_live() -> None:
    deep, flat = "points", "points"
    for _ in range(30):
        deep = f"(score + {deep})"
    for n in range(100):
        flat = f"{flat} or points is {n}" if n else "points is 100"

    assert crowd(0).in_sql(compiled(f"{deep} > 3")) == LiveOnly("it is nested too deeply")
    assert crowd(0).in_sql(compiled(flat)) == crowd(0).live(compiled(flat))


@pytest.mark.parametrize("word", ["trigger.total", "entry", "trigger"])
def test_a_segment_is_told_that_it_has_no_journey(word: str) -> None:
    found: list[Diagnostic] = []
    compile_rule(Text.of(f"did purchase since {word}"), SCOPE, found)

    (said,) = found
    assert said.code == "E143"
    name = word.partition(".")[0]
    assert said.message == f'A segment cannot use "{name}": it has no journey.'


def test_a_window_in_a_segment_is_told_that_it_has_no_journey() -> None:
    found: list[Diagnostic] = []
    compile_rule(Text.of("push window is open"), SCOPE, found)

    assert [(one.code, one.message) for one in found] == [
        ("E143", 'A segment cannot use "window": it has no journey.')
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "did purchase in the last 30 days",
        "did purchase in the last 3 months",
        "did purchase where total > 5 EUR in the last 7 days",
        "count of purchase in the last 24 hours >= 3",
        "did purchase today",
        "sum of purchase.total this year > 5 EUR",
        "did purchase in the last 5 days not followed by login within 2 days",
    ],
)
def test_a_window_is_looked_up_by_time(rule: str) -> None:
    people = crowd(0)
    where = sql_of(compiled(rule), people.tables, SETTING())
    assert not isinstance(where, LiveOnly)
    query = select(people.tables.people.c.person).where(where).params({NOW: people.now})
    written = query.compile(people.connection, compile_kwargs={"literal_binds": True})
    plan = people.connection.execute(text(f"explain query plan {written}"))

    steps = [row[-1] for row in plan if "by_time" in row[-1]]
    assert any("occurred>?" in step and "occurred<?" in step for step in steps), steps


def test_nothing_keeps_an_ordinary_segment_live() -> None:
    for rule in (
        "did purchase in the last 30 days",
        'tier is "gold" and in segment active',
        "messaged on push in the last 24 hours",
        "subscribed to promotional on email",
        "time since last purchase.time >= 60 days",
    ):
        assert why_live(compiled(rule), SETTING()) is None, rule


def test_a_condition_is_never_null() -> None:
    people = crowd(3)
    for rule in (
        "points > score",
        'country is not "DE"',
        "not points > 3",
        "last purchase.total > budget",
        "time since last purchase.time > refill",
        "tags has any of (country, city)",
        'if is_member then points > 3 else city starts with "a"',
        "did purchase since last login.time",
    ):
        where = sql_of(compiled(rule), people.tables, SETTING())
        assert not isinstance(where, LiveOnly)
        query = select(people.tables.people.c.person).where(where.is_(None))
        assert people.connection.scalars(query, {NOW: people.now}).all() == [], rule


def test_segments_are_looked_up_where_they_are_stored_if_that_is_wanted() -> None:
    people = crowd(5)
    stored = replace(SETTING(), membership="stored", segments={})

    for rule in ("in segment vip", "not in segment active or points > 3"):
        assert people.in_sql(compiled(rule), stored) == people.live(compiled(rule))


def test_segments_that_use_each_other_in_a_circle_are_not_for_sql() -> None:
    one = Segment("vip", "VIP", compiled("in segment active"))
    other = Segment("active", "Active", compiled("in segment vip"))
    setting = Setting(segments={"vip": one, "active": other})

    answer = crowd(0).in_sql(compiled("in segment vip"), setting)
    assert answer == LiveOnly("segment vip uses itself")


def test_names_a_project_does_not_have_are_nobody() -> None:
    people = crowd(0)
    for rule in (
        "in segment vip",
        "push is reachable",
        "subscribed to service",
        "subscribed to service on email",
    ):
        answers = people.in_sql(compiled(rule), Setting())
        assert answers == [False] * len(people.people), rule


def test_amounts_do_not_run_over() -> None:
    """Ten thousand amounts of the largest size are more than 64 bits hold."""
    events = [
        Happened("purchase", MOMENT - n, MOMENT, n, {"total": 10**15, "pieces": 2**63 - 1})
        for n in range(12_000)
    ]
    people = gather(MOMENT, [Somebody("UTC", {}, events)])

    for rule in (
        "sum of purchase.total / 12000000 is 10000000000.00 EUR",
        "average of purchase.total / 1000 is 10000000000.00 EUR",
        "sum of purchase.pieces > 110680464442257309683712",
        "average of purchase.pieces is 9223372036854775807",
        "(highest purchase.pieces) + 1 is 9223372036854775808",
        "(highest purchase.pieces) * (highest purchase.pieces) > 1000000000000000000000000000",
        "sum of purchase.pieces is not 110680464442257309683713",
    ):
        made = compiled(rule)
        assert people.live(made) == [True], rule
        assert people.in_sql(made) == [True], rule


def test_text_of_any_kind_is_a_value_and_never_sql() -> None:
    hostile = "x' or 1=1 --"
    people = gather(
        MOMENT, [Somebody("UTC", {"country": hostile}, []), Somebody("UTC", {"country": "x"}, [])]
    )

    assert people.in_sql(compiled(f'country is "{hostile}"')) == [True, False]
    assert people.in_sql(compiled(f'country contains "{hostile[2:]}"')) == [True, False]
    assert people.in_sql(compiled('country matches "X* or ?=1*"')) == [True, False]


def test_one_expression_is_asked_at_any_instant() -> None:
    who = Somebody("Europe/Berlin", {}, [Happened("login", MOMENT, MOMENT, 1, {})])
    people = gather(MOMENT, [who])
    where = sql_of(compiled("did login in the last 1 day"), people.tables)
    assert not isinstance(where, LiveOnly)
    query = select(people.tables.people.c.person).where(where)

    for later, there in ((-1, False), (0, True), (DAY - 1, True), (DAY, False), (25 * HOUR, False)):
        found = people.connection.scalars(query, {NOW: MOMENT + later}).all()
        assert (found == [0]) is there, later


def test_an_unknown_zone_is_utc() -> None:
    who = Somebody("UTC", {}, [Happened("login", MOMENT, MOMENT, 1, {})])
    people = gather(MOMENT, [who])
    people.connection.execute(text("update people set zone = 'Nowhere/Land'"))

    assert people.in_sql(compiled("did login today and hour(now) is 9")) == [True]


def test_what_postgresql_would_say_otherwise_is_asked_live_there() -> None:
    """A sigma at the end of a word is another letter than one in the middle."""
    rule = compiled('lower(country) is "de"')

    answer = sql_of(rule, plain_tables(), replace(SETTING(), database="postgresql"))
    assert answer == LiveOnly("lower writes some letters by their place in the word")
    assert not isinstance(sql_of(rule, plain_tables(), SETTING()), LiveOnly)
