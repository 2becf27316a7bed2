"""Whatever comes in, a value at rest comes out, or a sentence that says what is wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.calendar import HOUR, SECOND, from_datetime, to_datetime
from dsl.kinds import (
    Code,
    Date,
    Instant,
    Kind,
    Length,
    ListOf,
    Money,
    Number,
    OneOf,
    Record,
    Text,
    TimeOfDay,
    Whole,
    YesNo,
)
from dsl.plan import Field
from dsl.source import Text as Written
from dsl.values import Mismatch, at_rest, attributes_at_rest, properties_at_rest

BERLIN = ZoneInfo("Europe/Berlin")
EUR = Money("EUR")
TIER = OneOf(("bronze", "gold"))
LINE = Record((("name", Text()), ("price", EUR), ("quantity", Whole())))
NINE_IN_MARCH = from_datetime(datetime(2026, 3, 1, 9, tzinfo=UTC))


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (EUR, 139.12, 13912),
        (EUR, 80, 8000),
        (EUR, "80 EUR", 8000),
        (EUR, "EUR 80.50", 8050),
        (EUR, "139.12", 13912),
        (EUR, -5.25, -525),
        (EUR, 0.005, 1),
        (EUR, -0.005, -1),  # half away from zero: a refund mirrors its sale
        (EUR, 1.005, 101),  # by the digits written, not by the binary fraction
        (EUR, 0, 0),
        (Money("JPY"), 1499.5, 1500),
        (Money("KWD"), 1.2345, 1235),
        (Number(), 1.10, "1.1"),
        (Number(), "1.10", "1.1"),
        (Number(), "30", 30),
        (Number(), -0.0, 0),
        (Number(), 1e20, "100000000000000000000"),
        (Number(), 1e-300, 0),
        (Number(), Decimal("2.50"), "2.5"),
        (Whole(), "30", 30),
        (Whole(), 30.0, 30),
        (Whole(), -(2**63) + 1, -(2**63) + 1),
        (YesNo(), False, False),
        (YesNo(), "yes", True),
        (YesNo(), "No", False),
        (Text(), "yes", "yes"),
        (Code(), " A1 ", " A1 "),
        (TIER, "gold", "gold"),
        (Date(), "2026-03-01", "2026-03-01"),
        (TimeOfDay(), "09:00", "09:00"),
        (TimeOfDay(), "22:30:00", "22:30"),
        (Instant(), "2026-03-01T09:00:00Z", NINE_IN_MARCH),
        (Instant(), "2026-03-01T09:00:00.000Z", NINE_IN_MARCH),
        (Instant(), "2026-03-01 14:30+05:30", NINE_IN_MARCH),
        (Length(), "2 hours 30 minutes", [0, 0, 0, 9000 * SECOND]),
        (Length(), "1 month and 2 weeks", [1, 14, 0, 0]),
        (Length(), "3 Working  days", [0, 0, 3, 0]),
        (Length(), "1.5 hours", [0, 0, 0, 90 * 60 * SECOND]),
        (Length(), "P1Y2M3W4DT5H6M7.5S", [14, 25, 0, 5 * HOUR + 367_500_000]),
        (ListOf(Text()), ["a", None, "", "b"], ["a", "b"]),
        (LINE, {"name": "mug", "price": 9.5, "stranger": {"x": 1}}, {"name": "mug", "price": 950}),
        (ListOf(LINE), [{"quantity": 2}], [{"quantity": 2}]),
        (LINE, {}, {}),
    ],
)
def test_values_are_read(kind: Kind, raw: Any, expected: Any) -> None:
    value = at_rest(kind, raw)

    assert expected == value
    assert type(expected) is type(value)


@pytest.mark.parametrize("kind", [EUR, Number(), Text(), YesNo(), Instant(), ListOf(Text()), LINE])
@pytest.mark.parametrize("raw", [None, "", [], ()])
def test_nothing_is_missing_whatever_the_kind(kind: Kind, raw: Any) -> None:
    assert at_rest(kind, raw) is None


def test_a_list_of_nothing_is_missing() -> None:
    assert at_rest(ListOf(Text()), [None, ""]) is None


@pytest.mark.parametrize(
    ("kind", "raw", "words"),
    [
        (EUR, "80 USD", "should be an amount in EUR, but is in USD"),
        (EUR, "eighty", "should be an amount in EUR, but is text"),
        (EUR, "1,234.50", "should be an amount in EUR, but is text"),
        (EUR, True, "should be an amount in EUR, but is yes or no"),
        (EUR, 1e14, "should be an amount in EUR, but is too large"),
        (Number(), float("nan"), "should be a number, but is not a number"),
        (Number(), float("inf"), "should be a number, but is too large"),
        pytest.param(Number(), 10**5000, "should be a number, but is too large", id="5000 digits"),
        (Number(), "1_000", "should be a number, but is text"),
        (Number(), "NaN", "should be a number, but is text"),
        (Number(), "１２", "should be a number, but is text"),  # noqa: RUF001 - full width digits
        (Number(), "9" * 5000, "should be a number, but is text"),
        (Number(), True, "should be a number, but is yes or no"),
        (Whole(), 1.5, "should be a whole number, but is a number with a fraction"),
        (Whole(), 2**63, "should be a whole number, but is too large"),
        (Whole(), {}, "should be a whole number, but is a record"),
        (YesNo(), 1, "should be yes or no, but is a number"),
        (YesNo(), "maybe", "should be yes or no, but is text"),
        (Text(), 42, "should be text, but is a number"),
        (Text(), "\ud800", "should be text, but is text with characters that cannot be stored"),
        (Text(), "a\x00b", "should be text, but is text with characters that cannot be stored"),
        (TIER, "Gold", 'should be one of bronze / gold, but is "Gold"'),
        (TIER, "x" * 99, f'should be one of bronze / gold, but is "{"x" * 40}…"'),
        (TIER, "\ud800\n", 'should be one of bronze / gold, but is "??"'),
        (TIER, 3, "should be one of bronze / gold, but is a number"),
        (Date(), "2026-02-30", "should be a date (2026-03-01), but is text"),
        (Date(), "9999-01-01", "should be a date (2026-03-01), but is in the year 9999"),
        (Date(), "2026-03-01T00:00:00Z", "should be a date (2026-03-01), but is text"),
        (TimeOfDay(), "9", "should be a time of day (09:00), but is text"),
        (TimeOfDay(), "25:00", "should be a time of day (09:00), but is text"),
        (TimeOfDay(), "09:00:30", "should be a time of day (09:00), but is text"),
        (Length(), "1.5 days", "should be a length of time (2 days), but is text"),
        (Length(), "2 days and", "should be a length of time (2 days), but is text"),
        (Length(), "P", "should be a length of time (2 days), but is text"),
        (Length(), "999999999 years", "should be a length of time (2 days), but is text"),
        (Length(), 30, "should be a length of time (2 days), but is a number"),
        (ListOf(Text()), "a", "should be a list, but is text"),
        (LINE, [1], "should be a record, but is a list"),
    ],
)
def test_what_is_not_of_the_kind_is_said_in_words(kind: Kind, raw: Any, words: str) -> None:
    assert words == str(at_rest(kind, raw))


@pytest.mark.parametrize(
    ("raw", "got"),
    [
        ("2026-03-01T09:00:00", "a time without a zone"),
        ("9999-12-31T23:59:59Z", "in the year 9999"),
        ("0001-01-01T00:00:00+14:00", "in the year 1"),
        ("1899-12-31T00:00:00Z", "in the year 1899"),
        ("tomorrow", "text"),
        ("20260301", "text"),
        (1_772_355_600, "a number"),  # seconds or milliseconds? nobody knows
    ],
)
def test_a_moment_needs_a_zone_and_a_sensible_year(raw: Any, got: str) -> None:
    expected = Mismatch("a date and time with a zone (2026-03-01T09:00:00Z)", got)

    assert expected == at_rest(Instant(), raw)


@pytest.mark.parametrize(
    ("raw", "utc"),
    [
        ("2026-03-01 09:00", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 2, 28, 23, tzinfo=UTC)),
        ("2026-03-29 02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # does not exist: 03:30
        ("2026-10-25 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # exists twice: first
        ("2026-03-01T09:00:00Z", datetime(2026, 3, 1, 9, tzinfo=UTC)),  # its own zone wins
    ],
)
def test_a_local_time_is_read_in_the_zone_given(raw: str, utc: datetime) -> None:
    assert from_datetime(utc) == at_rest(Instant(), raw, zone=BERLIN)


def test_text_of_our_own_files_rests_as_plain_text() -> None:
    value = at_rest(ListOf(Text()), [Written.of("mug")])

    assert value == ["mug"]
    assert type(value[0]) is str


def test_a_mismatch_deep_inside_says_where() -> None:
    fields = {"items": Field("items", ListOf(LINE))}

    _, problems = properties_at_rest(fields, {"items": [{"price": 1}, {"price": "cheap"}]})

    assert [str(problem) for problem in problems] == [
        '"items", entry 2, "price" should be an amount in EUR, but is text'
    ]


def test_all_problems_are_found_and_the_rest_is_kept() -> None:
    fields = {
        "order_id": Field("order_id", Code(), required=True),
        "total": Field("total", Money("GBP"), required=True),
        "gift": Field("gift", YesNo()),
        "stars": Field("stars", Whole()),
    }

    values, problems = properties_at_rest(
        fields, {"total": "a lot", "gift": True, "stars": None, "unknown": 1}
    )

    assert values == {"gift": True}
    assert [problem.words for problem in problems] == [
        '"order_id" is required, but is missing',
        '"total" should be an amount in GBP, but is text',
    ]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"total": 5, "currency": "GBP"}, []),
        ({"total": 5, "currency": " gbp "}, []),
        ({"total": 5}, []),
        ({"total": 5, "currency": 7}, []),
        ({"currency": "USD"}, []),
        (
            {"total": 5, "currency": "USD"},
            ['"total" should be an amount in GBP, but is in USD'],
        ),
        (
            {"items": [{"price": 1}], "currency": "USD"},
            ['"items", entry 1, "price" should be an amount in GBP, but is in USD'],
        ),
        ({"items": [{"price": 1, "currency": "GBP"}], "currency": "USD"}, []),
        ({"total": "5 GBP", "currency": "USD"}, []),  # the amount itself says it
    ],
)
def test_the_currency_beside_an_amount_must_be_the_declared_one(
    raw: dict[str, Any], words: list[str]
) -> None:
    gbp = Money("GBP")
    items = ListOf(Record((("price", gbp),)))
    fields = {"total": Field("total", gbp), "items": Field("items", items)}

    _, problems = properties_at_rest(fields, raw)

    assert words == [problem.words for problem in problems]


def test_what_is_personal_is_not_repeated_in_a_problem() -> None:
    fields = {"tier": Field("tier", TIER, personal=True)}

    _, problems = properties_at_rest(fields, {"tier": "ada@example.com"})

    assert [problem.words for problem in problems] == [
        '"tier" should be one of bronze / gold, but is something else'
    ]


def test_attributes_not_mentioned_stay_and_null_removes_one() -> None:
    fields = {
        "country": Field("country", Text(), required=True),
        "nps": Field("nps", Whole()),
        "value": Field("value", EUR),
    }

    values, problems = attributes_at_rest(fields, {"nps": None, "value": 1, "currency": "USD"})

    assert (values, problems) == ({"nps": None, "value": 100}, [])


def test_a_required_attribute_cannot_be_removed() -> None:
    fields = {"country": Field("country", Text(), required=True)}

    values, problems = attributes_at_rest(fields, {"country": ""})

    assert values == {}
    assert [p.words for p in problems] == ['"country" is required, but is missing']


def test_a_kind_nested_without_end_is_refused() -> None:
    kind: Kind = Text()
    raw: Any = "x"
    for _ in range(40):
        kind, raw = ListOf(kind), [raw]

    found = at_rest(kind, raw)

    assert isinstance(found, Mismatch)
    assert found.inside == (1,) * 16
    assert str(found) == "should be at most 16 levels deep, but is deeper"


LEAVES = (
    EUR, Money("JPY"), Number(), Whole(), Text(), Code(), TIER, YesNo(), Date(), TimeOfDay(),
    Instant(), Length(),
)  # fmt: skip
kinds = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        inner.map(ListOf),
        st.lists(inner, max_size=3).map(
            lambda found: Record(
                tuple((name, kind) for name, kind in zip("abc", found, strict=False))
            )
        ),
    ),
    max_leaves=6,
)
texts = st.one_of(
    st.text(st.characters(codec=None), max_size=30),
    st.sampled_from(["80 EUR", "1e999999999", "9999-12-31", "yes", "-0", "2026-W01-1", "T1", ":"]),
    st.from_regex(r"[-+]?[0-9]{1,40}(\.[0-9]{1,40})?( EUR)?", fullmatch=True),
    st.datetimes().map(datetime.isoformat),
    st.datetimes().map(lambda moment: moment.isoformat() + "+23:59"),
)
jsons = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.integers(min_value=10**20, max_value=10**400),
        st.floats(),
        texts,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(kinds, jsons, st.sampled_from([None, BERLIN, ZoneInfo("Pacific/Kiritimati")]))
def test_nothing_that_comes_in_raises_and_what_gets_in_can_be_stored(
    kind: Kind, raw: Any, zone: ZoneInfo | None
) -> None:
    value = at_rest(kind, raw, zone=zone)

    if isinstance(value, Mismatch):
        str(value).encode()
    else:
        assert value == orjson.loads(orjson.dumps(value))
        assert value == json.loads(json.dumps(value))


@given(st.dictionaries(st.sampled_from(["a", "b", "currency"]), jsons))
def test_properties_never_raise(raw: dict[str, Any]) -> None:
    fields = {
        "a": Field("a", ListOf(Record((("a", EUR), ("b", Number())))), required=True),
        "b": Field("b", EUR),
    }

    values, problems = properties_at_rest(fields, raw)

    assert set(values) <= set(fields)
    assert all(problem.name in fields for problem in problems)


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_amounts_of_whole_cents_survive_a_float(cents: int) -> None:
    assert cents == at_rest(EUR, cents / 100)


@given(st.decimals(-(10**15), 10**15, places=12))
def test_numbers_keep_their_digits(number: Decimal) -> None:
    value = at_rest(Number(), f"{number:f}")

    assert not isinstance(value, Mismatch)
    assert number == Decimal(value)


@given(st.integers(-2_000_000_000 * SECOND, 250_000_000_000 * SECOND).map(to_datetime))
def test_moments_keep_their_microsecond(moment: datetime) -> None:
    assert from_datetime(moment) == at_rest(Instant(), moment.isoformat())
