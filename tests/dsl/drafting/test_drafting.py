"""A drafted tracking plan takes all the data it was drafted from, and says what it left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dsl.compiler import compile_project
from dsl.drafting import Drafter
from dsl.plan import TrackingPlan
from engine.ingest import Intake

_POLICY = """
policy: shop
time zone: UTC
languages: [en]
currency: EUR
channels: {email: }
categories: {service: {consent: not needed}}
"""
NOW = 1_800_000_000_000_000


def drafted(calls: Sequence[Mapping[str, Any]], currency: str = "") -> str:
    drafter = Drafter(currency)
    for call in calls:
        drafter.add(call)
    return drafter.draft("shop").text


def tracked(event: str, times: int = 1, **properties: Any) -> list[dict[str, Any]]:
    return [{"type": "track", "userId": "a", "event": event, "properties": properties}] * times


def known(**traits: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": "a", "traits": traits}


def plan_of(text: str) -> TrackingPlan:
    compiled = compile_project({"tracking_plan.yaml": text, "policy.yaml": _POLICY})
    ours = [str(each) for each in compiled.diagnostics if "tracking_plan.yaml" in str(each)]
    assert not ours, "\n".join([text, *ours])
    assert compiled.project is not None
    return compiled.project.plan


def test_an_example() -> None:
    order = {
        "orderId": "o-1",
        "total": 19.9,
        "currency": "EUR",
        "paid_at": "2026-03-01T09:00:00Z",
        "gift": True,
        "Not A Name": 1,
        "items": [{"sku": "A1", "price": 9.95, "count": 2}],
        "tags": ["new", "sale"],
        "note": "",
    }
    calls = [
        known(firstName="Ada", email="ada@example.com", tier="gold", birthday="1990-02-28"),
        *[known(tier=tier) for tier in ("gold", "silver") for _ in range(10)],
        *tracked("Order Completed", 12, **order),
        *tracked("App Opened"),
        *tracked("message_sent", x=1),
        {"type": "page", "userId": "a"},
    ]

    assert drafted(calls) == (
        """# Drafted from data: read it, and correct what it could not know.
# type, then flags.   required = always present.   personal = masked in logs and previews.
tracking plan: shop

profile:
  birthday:   date, personal
  email:      text, personal
  first_name: text, personal
  tier:       one of gold / silver  # those that were seen

events:
  app_opened:
    from: App Opened
  order_completed:
    from: Order Completed
    has:
      currency: text, required
      gift:     yes/no, required
      items:
        - count: whole number
          price: money EUR
          sku:   code
      orderId:  code, required
      paid_at:  date and time, required
      tags:     list of one of new / sale, required  # those that were seen
      total:    money EUR, required
      # left out: "Not A Name", because letters, digits and _ can be a name here
      # left out: "note", because it was always empty
"""
    )


def test_what_contradicts_itself_is_left_out_and_why_is_said() -> None:
    calls = [*tracked("seen", 3, size=42), *tracked("seen", size="large")]

    assert '# left out: "size", because it was of several sorts: a number (3), text (1)' in drafted(
        calls
    )


def test_amounts_in_several_currencies_stay_numbers() -> None:
    calls = [*tracked("sold", total=1, currency="EUR"), *tracked("sold", total=2, currency="gbp")]

    assert "total:    whole number  # amounts in several currencies: EUR, GBP" in drafted(calls)


def test_a_currency_can_be_given_for_amounts_that_say_none() -> None:
    calls = tracked("sold", total=1.5)

    assert "total: number  # an amount? for example: money EUR" in drafted(calls)
    assert "total: money JPY" in drafted(calls, "JPY")


def test_numbers_in_texts_are_codes_of_somebody() -> None:
    """The post code 01067 is no number."""
    assert "zip: code" in drafted(tracked("moved", zip="01067"))
    assert "house: text" in drafted(tracked("moved", house="7"))


def test_events_whose_names_are_alike_stay_apart() -> None:
    text = drafted([*tracked("Order Sent"), *tracked("order_sent"), *tracked("now"), *tracked("é")])
    plan = plan_of(text)

    sources = {each.source for each in plan.events.values()}
    assert sources >= {"Order Sent", "order_sent", "now", "é"}


def test_nothing_makes_an_empty_plan() -> None:
    plan = plan_of(drafted([]))

    assert plan.attributes == {}


_NAMES = st.sampled_from(
    [
        "total",
        "firstName",
        "first_name",
        "id",
        "size",
        "now",
        "yes",
        "a b",
        "tier",
        "x-y",
        "currency",
    ]
) | st.text(min_size=1, max_size=8)
_TEXTS = st.sampled_from(
    ["2026-03-01", "2026-03-01T09:00:00Z", "09:30", "EUR", "gold / silver", "#no", "yes", "12", ""]
) | st.text(max_size=6)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=6,
)
_PROPERTIES = st.dictionaries(_NAMES, _VALUES, max_size=4)
_EVENTS = st.sampled_from(["Order Completed", "order_completed", "entry", "%", ": x"]) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8
)
_CALLS = st.builds(
    lambda name, values: {"type": "track", "userId": "a", "event": name, "properties": values},
    _EVENTS,
    _PROPERTIES,
) | st.builds(
    lambda values: {"type": "identify", "userId": "a", "traits": values},
    st.dictionaries(
        _NAMES.filter(lambda name: name not in ("email", "phone")), _VALUES, max_size=4
    ),
)


@given(st.lists(_CALLS, max_size=4), st.integers(1, 12), st.sampled_from(["", "EUR"]))
def test_a_plan_takes_what_it_was_drafted_from(
    calls: list[dict[str, Any]], times: int, currency: str
) -> None:
    plan = plan_of(drafted(calls * times, currency))
    taken = Intake(plan).take(calls, NOW, lambda: "id")

    assert [each.error for each in taken.refused if "reserved" not in each.error] == []
