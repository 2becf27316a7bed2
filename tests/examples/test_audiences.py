"""The customers of Online Retail, computed here and once more with pandas: person by person the same."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest

from dsl.calendar import DAY, HOUR, Instant, from_datetime
from dsl.compiler import compile_folder
from dsl.render import render
from dsl.scoring import GRID
from engine.core.program import Program
from engine.deploy import program_without_texts
from engine.ingest import Intake
from engine.runner import Runner
from engine.store import open_store
from engine.store.protocol import Store

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
ORDERS = EXAMPLES / "online_retail" / "data" / "orders.jsonl.gz"
NOW: Instant = from_datetime(pd.Timestamp("2011-12-10T00:00:00Z").to_pydatetime())


@pytest.fixture(scope="module")
def program() -> Program:
    compiled = compile_folder(EXAMPLES / "audiences")
    assert compiled.project is not None, render(
        compiled.diagnostics, compiled.sources, colour=False
    )
    assert compiled.diagnostics == ()
    return program_without_texts(compiled.project)


def lines() -> Iterator[dict[str, Any]]:
    with gzip.open(ORDERS, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


@pytest.fixture(scope="module")
def store(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Everything, in no order and partly twice, in a file."""
    opened = open_store(f"sqlite:///{tmp_path_factory.mktemp('retail') / 'shop.db'}")
    calls = list(lines())
    for call in calls:
        call["properties"].pop("products", None)
    random = Random(8)
    calls += random.sample(calls, 500)
    random.shuffle(calls)
    intake, numbers = Intake(program.project.plan), count()
    taken = intake.take(calls, NOW, lambda: f"m{next(numbers)}")
    assert taken.refused == []
    for start in range(0, len(taken.arrivals), 2000):
        opened.append(taken.arrivals[start : start + 2000])
    for at in (NOW, NOW + HOUR):  # when everybody is known, they are compared
        runner = Runner(opened, program)
        while runner.run_once(at).people:
            pass
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """One row for each customer, as anybody would compute it."""
    raw = pd.DataFrame(
        {
            "customer": call["userId"],
            "event": call["event"],
            "at": pd.Timestamp(call["timestamp"]),
            "order": call["properties"]["order_id"],
            "total": round(call["properties"]["total"] * 100),
        }
        for call in lines()
    )
    orders = raw[raw.event == "Order Completed"]
    refunds = raw[raw.event == "Order Refunded"]
    made = pd.DataFrame(index=pd.Index(sorted(raw.customer.unique())))
    by = orders.groupby("customer")
    made["orders_count"] = by.size()
    made["lifetime_value"] = by.total.sum()
    made["average_order"] = by.total.mean()
    made["dearest_order"] = by.total.max()
    made["first_order_at"] = by["at"].min()
    made["last_order_at"] = by["at"].max()
    made["large_orders"] = orders[orders.total >= 50_000].groupby("customer").size()
    made["refunded"] = refunds.groupby("customer").total.sum()
    made["refunds"] = refunds.groupby("customer").size()
    none = ["orders_count", "lifetime_value", "large_orders", "refunded", "refunds"]
    made[none] = made[none].fillna(0).astype(int)
    for score, attribute in (
        ("rfm_recency", "last_order_at"),
        ("rfm_frequency", "orders_count"),
        ("rfm_monetary", "lifetime_value"),
    ):
        known = made[attribute].dropna()
        bounds = [known.quantile(part / 5, interpolation="lower") for part in (1, 2, 3, 4)]
        made[score] = sum((known > bound).astype(int) for bound in bounds) + 1
    return made


def micros(moment: object) -> Instant:
    assert isinstance(moment, pd.Timestamp)
    return from_datetime(moment.to_pydatetime())


def attributes_of(store: Store, names: list[str]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(names), 500):
        views = store.people(names[start : start + 500], ())
        found.update({name: view.profile.attributes for name, view in views.items()})
    return found


def test_every_attribute_and_score_of_every_customer_is_what_pandas_says(
    store: Store, table: pd.DataFrame
) -> None:
    known = attributes_of(store, list(table.index))
    assert len(known) == 4_372
    whole = ("orders_count", "lifetime_value", "refunded", "large_orders")
    scores = ("rfm_recency", "rfm_frequency", "rfm_monetary")
    for name, row in table.iterrows():
        said = known[str(name)]
        assert {each: said[each] for each in whole} == {each: row[each] for each in whole}, name
        assert said["net_value"] == row.lifetime_value - row.refunded, name
        assert said["gives_back"] is bool(row.refunds >= 2), name
        if pd.isna(row.last_order_at):
            assert "last_order_at" not in said, name
            assert "average_order" not in said, name
        else:
            assert said["first_order_at"] == micros(row.first_order_at), name
            assert said["last_order_at"] == micros(row.last_order_at), name
            assert abs(said["average_order"] - row.average_order) <= 0.5, name
            assert said["dearest_order"] == row.dearest_order, name
        expected = {each: int(row[each]) for each in scores if not pd.isna(row[each])}
        assert {each: said[each] for each in scores if each in said} == expected, name


def test_every_segment_has_the_customers_that_pandas_puts_into_it(
    store: Store, table: pd.DataFrame, program: Program
) -> None:
    now = pd.Timestamp(NOW + HOUR, unit="us", tz="UTC")
    recent = {days: table.last_order_at > now - pd.Timedelta(days=days) for days in (30, 60, 180)}
    london = now.tz_convert("Europe/London").normalize() - pd.Timedelta(days=30)
    expected = {
        "big_spenders": (table.lifetime_value >= 200_000) & (table.orders_count >= 3),
        "mostly_returned": (table.refunded * 2 > table.lifetime_value) & (table.orders_count > 0),
        "at_christmas": recent[30] & (table.first_order_at < london),
        "worth_calling": table.orders_count < 0,  # nobody has sent a score
        "first_order": (table.orders_count == 1) & recent[60],
        "active": recent[60] & (table.orders_count > 1),
        "cooling": recent[180] & ~recent[60],
        "lapsed": (table.orders_count > 0) & ~recent[180],
    }
    for name, _, recency, frequency in GRID:
        some, others = ([int(each) for each in both.split(", ")] for both in (recency, frequency))
        expected[name] = table.rfm_recency.isin(some) & table.rfm_frequency.isin(others)
    segments = program.project.segments
    assert expected.keys() == segments.keys()
    for name, mask in expected.items():
        members = set(store.audience(segments[name].who, program, NOW + HOUR))
        assert members == set(table.index[mask]), name


def test_the_grid_and_the_stages_have_everybody_who_ordered_once(
    store: Store, table: pd.DataFrame, program: Program
) -> None:
    segments, ordered = program.project.segments, int((table.orders_count > 0).sum())
    grid = [name for name, *_ in GRID]
    for names in (grid, ["first_order", "active", "cooling", "lapsed"]):
        sizes = [store.audience_size(segments[each].who, program, NOW + HOUR) for each in names]
        assert sum(sizes) == ordered == 4_339


def test_earlier_weeks_are_what_the_orders_of_then_say(
    store: Store, table: pd.DataFrame, program: Program
) -> None:
    raw = pd.DataFrame(
        {"customer": call["userId"], "at": pd.Timestamp(call["timestamp"])}
        for call in lines()
        if call["event"] == "Order Completed"
    )
    then = NOW - 90 * DAY
    at = pd.Timestamp(then, unit="us", tz="UTC")
    since = raw[(raw["at"] > at - pd.Timedelta(days=30)) & (raw["at"] <= at)].customer.unique()
    first = raw.groupby("customer")["at"].min()
    before = at.tz_convert("Europe/London").normalize() - pd.Timedelta(days=30)
    expected = {each for each in since if first[each] < before}

    assert program.computing is not None
    assert store.memberships.then(program, "at_christmas", then) == expected
