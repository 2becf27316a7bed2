"""Values as they are written: what is expected decides, and else what they look like."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dsl import kinds
from dsl.calendar import DAY, Duration, from_datetime
from dsl.compile.values import compile_value
from dsl.compose import compose
from dsl.diagnostics import Diagnostic
from dsl.expr.context import Context
from dsl.expr.scope import Scope
from dsl.kinds import Kind
from dsl.plan import BUILT_IN_EVENTS, Field, TrackingPlan
from dsl.source import Source
from dsl.yaml import Map

PLAN = TrackingPlan("shop", {"points": Field("points", kinds.Whole())}, BUILT_IN_EVENTS)
NOON = from_datetime(datetime(2026, 3, 2, 12, tzinfo=UTC))


def value(written: str, expect: Kind | None = None) -> tuple[Kind | None, Any, list[str]]:
    """The kind, the value for somebody with 7 points, and the codes of what is wrong."""
    found: list[Diagnostic] = []
    node = compose(Source("file.yaml", f"a: {written}"), found)
    assert isinstance(node, Map)
    made = compile_value(node.entries[0].value, expect, Scope(PLAN), found)
    codes = [one.code for one in found]
    if made is None:
        return None, None, codes
    context = Context(now=NOON, zone=ZoneInfo("Europe/Berlin"), attributes={"points": 7})
    return made.kind, made.value(context), codes


@pytest.mark.parametrize(
    ("written", "kind", "worth"),
    [
        ("10", kinds.Whole(), 10),
        ("2026-03-02", kinds.Date(), date(2026, 3, 2)),
        ("09:30", kinds.TimeOfDay(), time(9, 30)),
        ("yes", kinds.YesNo(), True),
        ("50 EUR", kinds.Money("EUR"), 5000),
        ("2 days", kinds.Length(), Duration(days=2)),
        ("low score", kinds.Text(), "low score"),
        ("2 days later", kinds.Text(), "2 days later"),
        ("1.2.3", kinds.Text(), "1.2.3"),
        ("'10'", kinds.Text(), "10"),
        ("= points * 2", kinds.Whole(), 14),
        ('"= points * 2"', kinds.Whole(), 14),
    ],
)
def test_without_an_expectation_it_is_what_it_looks_like(
    written: str, kind: Kind, worth: object
) -> None:
    got, result, codes = value(written)

    assert codes == []
    assert type(got) in {type(kind), kinds.Number}  # a whole number is a number too
    assert result == worth


@pytest.mark.parametrize(
    ("written", "expect", "worth"),
    [
        ("10", kinds.Text(), "10"),
        ("yes", kinds.Code(), "yes"),
        ("gold", kinds.OneOf(("silver", "gold")), "gold"),
        ("'10'", kinds.Whole(), 10),
        ("1.5", kinds.Number(), 1.5),
        ("80 EUR", kinds.Money("EUR"), 8000),
        ("2026-03-02", kinds.Date(), date(2026, 3, 2)),
        ("no", kinds.YesNo(), False),
        ("1 day", kinds.Length(), Duration(days=1)),
        ("= points", kinds.Whole(), 7),
        ("= now + 24 hours", kinds.Instant(), NOON + DAY),
    ],
)
def test_an_expectation_decides_how_it_is_read(written: str, expect: Kind, worth: object) -> None:
    _, result, codes = value(written, expect)

    assert codes == []
    assert result == worth


@pytest.mark.parametrize(
    ("written", "expect", "code"),
    [
        ("ten", kinds.Whole(), "T11"),
        ("1.5", kinds.Whole(), "T11"),
        ("80 USD", kinds.Money("EUR"), "T11"),
        ("soon", kinds.Date(), "T11"),
        ("bronze", kinds.OneOf(("silver", "gold")), "T03"),
        ("[1, 2]", kinds.Whole(), "S08"),
        ("{a: b}", kinds.Text(), "S08"),
        ("'{{ poinst }}'", kinds.Text(), "N01"),
        ("'{{ points'", kinds.Text(), "M10"),
        ("'{{ points | upperr }}'", kinds.Text(), "M12"),
        ("'{{ points.real() }}'", kinds.Text(), "M11"),
        ("'{{ trigger.x }}'", kinds.Text(), "E143"),
        ("'{{ points }}'", kinds.Whole(), "T11"),
        ("'{{ points }}'", kinds.OneOf(("silver", "gold")), "T11"),
        ("'{{ points }}'", kinds.Date(), "T11"),
        ("= poinst", kinds.Whole(), "N01"),
        ("=", kinds.Whole(), "E06"),
    ],
)
def test_what_does_not_fit_is_told(written: str, expect: Kind, code: str) -> None:
    assert value(written, expect) == (None, None, [code])
