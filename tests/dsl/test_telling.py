"""Values as others are told them, and as the same values come back through the door."""

from __future__ import annotations

from typing import Any

import pytest

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
from dsl.telling import told
from dsl.values import at_rest

CASES: list[tuple[Kind, Any, Any]] = [
    (Text(), "low score", "low score"),
    (Code(), "A-1", "A-1"),
    (OneOf(("free", "pro")), "pro", "pro"),
    (Whole(), 3, 3),
    (YesNo(), True, True),
    (YesNo(), False, False),
    (Number(), 3, 3),
    (Number(), "2.5", 2.5),
    (Number(), "0.1", 0.1),
    (Number(), "-0.000000000000000000000000001", -1e-27),
    (Number(), "1234567890.123456789012345678", "1234567890.123456789012345678"),
    (Number(), "9999999999999999999999999999", "9999999999999999999999999999"),
    (Money("EUR"), 13912, 139.12),
    (Money("EUR"), 8000, 80),
    (Money("JPY"), 8000, 8000),
    (Money("KWD"), 1, 0.001),
    (Money("EUR"), 999_999_999_999_999, 9_999_999_999_999.99),
    (Date(), "2026-03-01", "2026-03-01"),
    (TimeOfDay(), "09:00", "09:00"),
    (Instant(), 1_772_355_600_000_000, "2026-03-01T09:00:00Z"),
    (Instant(), 1_772_355_600_250_000, "2026-03-01T09:00:00.250000Z"),
    (Length(), [0, 0, 0, 0], "PT0S"),
    (Length(), [1, 2, 0, 0], "P1M2D"),
    (Length(), [0, 0, 0, 90_500_000], "PT90.5S"),
    (Length(), [0, 0, 0, 100_000_000], "PT100S"),
    (ListOf(Text()), ["a", "b"], ["a", "b"]),
    (
        ListOf(Record((("price", Money("EUR")), ("sku", Code())))),
        [{"price": 1250, "sku": "A"}, {"sku": "B"}],
        [{"price": 12.5, "sku": "A"}, {"sku": "B"}],
    ),
    (Text(), None, None),
]


@pytest.mark.parametrize(("kind", "rest", "json"), CASES)
def test_a_value_is_told_in_plain_json(kind: Kind, rest: Any, json: Any) -> None:
    said = told(rest, kind)

    assert said == json
    assert type(said) is type(json)


@pytest.mark.parametrize(("kind", "rest", "json"), CASES)
def test_what_is_told_comes_back_as_the_same(kind: Kind, rest: Any, json: Any) -> None:
    assert at_rest(kind, json) == rest


def test_working_days_are_told_as_days() -> None:
    assert told([0, 0, 3, 0], Length()) == "P3D"


def test_what_a_record_does_not_declare_is_left_as_it_is() -> None:
    assert told({"price": 5, "note": "x"}, Record((("price", Money("EUR")),))) == {
        "price": 0.05,
        "note": "x",
    }
