"""Charts say what they were given: stacked, in order, to scale."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.report.charts import bars, days_chart, scale_top


@given(st.integers(0, 10**9))
def test_the_top_of_an_axis_is_round_and_close(most: int) -> None:
    top = scale_top(most)

    assert top >= most
    assert most <= 4 or top <= most * 1.5
    assert len(str(top).rstrip("0")) <= 2


@pytest.mark.parametrize(("most", "top"), [(0, 4), (4, 4), (5, 6), (10, 10), (11, 12), (99, 100)])
def test_small_tops_are_whole_numbers(most: int, top: int) -> None:
    assert scale_top(most) == top


def heights(svg: str) -> list[float]:
    """How high the bars are, in percent of the chart."""
    return [float(found) for found in re.findall(r"h[\d.]+v([\d.]+)h-", svg)]


def test_channels_of_a_day_lie_on_top_of_each_other() -> None:
    day = date(2011, 3, 1)

    chart = days_chart({day: {"email": 6, "push": 4}}, ["email", "push"], day, day)

    assert heights(chart.svg) == [60, 40]
    starts = re.findall(r"M0\.000 ([\d.]+)h", chart.svg)
    assert starts == ["40.00", "0.00"]
    assert [mark.text for mark in chart.counts] == ["10", "8", "5", "2", "0"]


def test_a_year_is_labelled_by_months_that_do_not_touch() -> None:
    start, end = date(2010, 12, 1), date(2011, 12, 9)

    chart = days_chart({}, [], start, end)

    assert [mark.text for mark in chart.months][:3] == ["Dec", "Jan", "Feb"]
    places = [mark.place for mark in chart.months]
    assert all(after - one > 4 for one, after in pairwise(places))
    assert places[-1] <= 98


def test_a_short_time_is_labelled_by_days() -> None:
    chart = days_chart({}, [], date(2011, 3, 1), date(2011, 3, 20))

    assert [mark.text for mark in chart.months] == ["1 Mar", "8 Mar", "15 Mar"]


@given(
    st.dictionaries(
        st.integers(0, 400).map(lambda day: date(2011, 1, 1) + timedelta(days=day)),
        st.dictionaries(st.sampled_from(["email", "push"]), st.integers(0, 500)),
    )
)
def test_no_bar_leaves_the_chart(days: dict[date, dict[str, int]]) -> None:
    chart = days_chart(days, ["email", "push"], date(2011, 1, 1), date(2012, 2, 5))

    bottoms = re.findall(r"M([\d.]+) ([\d.-]+)h([\d.]+)v([\d.]+)", chart.svg)
    for x, y, width, high in bottoms:
        assert 0 <= float(x) < float(x) + float(width) <= 100
        assert float(y) >= -0.01
        assert float(y) + float(high) <= 100.01
    messages = sum(1 for found in days.values() for count in found.values() if count)
    assert len(bottoms) == messages


def test_bars_are_in_order_and_the_longest_is_full() -> None:
    shown = bars(Counter({"consent": 30, "capped": 60, "quiet": 30, "none": 0}))

    assert [(bar.label, bar.number, bar.width) for bar in shown] == [
        ("capped", 60, 100),
        ("consent", 30, 50),
        ("quiet", 30, 50),
    ]
