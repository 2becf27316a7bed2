"""Scenarios are read: examples multiplied out, every time an instant."""

from __future__ import annotations

from dsl.calendar import DAY, HOUR, MINUTE
from dsl.compiler import compile_folder
from dsl.scenario import Becomes, Does, ExpectNothing, ExpectSent, Passes, Past
from tests.dsl.projects import SHOP
from tests.dsl.scripts import GIVEN, compiled, one, told


def test_the_shops_scenarios_have_no_mistakes() -> None:
    found = compile_folder(SHOP)

    assert [each for each in found.diagnostics if each.span.path.startswith("tests/")] == []
    assert {each.journey for each in found.scenarios} >= {"cart_abandonment", "replenishment"}


def test_a_script_moves_the_clock_and_times_are_instants() -> None:
    scenario = one(
        "  - scenario: one\n"
        "    script:\n"
        "      - event: purchase\n"
        "        happened: 3 days ago\n"
        "        with: {order_id: o1, total: 80.50 EUR}\n"
        "      - pass: 1 hour\n"
        "      - profile: {points: 3, tier: }\n"
        "      - until: 2026-03-04 08:00\n"
        "      - expect sent: hello\n"
        "        on: email\n"
        "        text contains: Welcome\n"
        "        because not push: rule\n"
        "      - expect nothing\n"
    )

    start = scenario.given.start
    event, hour, profile, until, sent, nothing = scenario.script
    assert event == Does(7, "purchase", start - 3 * DAY, {"order_id": "o1", "total": 8050})
    assert hour == Passes(10, start + HOUR)
    assert profile == Becomes(11, {"points": 3, "tier": None}, {})
    assert until == Passes(12, start + 46 * HOUR)
    assert sent == ExpectSent(13, "hello", "email", ("Welcome",), (("push", "rule"),))
    assert nothing == ExpectNothing(17)


def test_calendar_days_pass_on_the_clock_s_own_calendar() -> None:
    """The night of 29 March 2026 has 23 hours in Berlin."""
    script = "  - scenario: one\n    script:\n      - pass: {}\n"
    given = GIVEN.replace("2026-03-02 10:00", "2026-03-28 10:00")

    days, hours = (
        one(script.replace("{}", length), given).script[0] for length in ("1 day", "24 hours")
    )

    assert isinstance(days, Passes)
    assert isinstance(hours, Passes)
    assert hours.to - days.to == HOUR


def test_a_time_can_name_its_own_zone() -> None:
    scenario = one("  - scenario: one\n    script:\n      - until: 2026-03-02 10:30 UTC\n")

    assert scenario.script == (Passes(7, scenario.given.start + 90 * MINUTE),)


def test_what_is_given_is_shared_and_overridden() -> None:
    given = (
        "tests of: first\n"
        "given:\n"
        "  clock: 2026-03-02 10:00 Europe/Berlin\n"
        "  profile: {first_name: Ada, points: 1, user_id: ada}\n"
        "  channels: push\n"
        "  history: [{event: signed_up, happened: 2 days ago}]\n"
        "  in holdout: yes\n"
        "scenarios:\n"
    )
    found = compiled(
        "  - scenario: one\n"
        "    given:\n"
        "      profile: {points: 2, tier: gold}\n"
        "      history: [{event: refund, with: {order_id: o1}}]\n"
        "      not in holdout: yes\n"
        "    script: [{expect nothing: }]\n"
        "    examples:\n"
        "      - {points_: 1, profile: {points: 3}, channels: none}\n"
        "      - {points_: 2, history: none, clock: 2026-03-02 12:00}\n",
        given,
    )

    assert [each[0] for each in told(found)] == ["N31", "N31"]
    found = compiled(
        "  - scenario: one\n"
        "    given:\n"
        "      profile: {points: 2, tier: gold}\n"
        "      history: [{event: refund, with: {order_id: o1}}]\n"
        "      not in holdout: yes\n"
        "    script: [{expect nothing: }]\n"
        "    examples:\n"
        "      - {profile: {points: 3}, channels: none}\n"
        "      - {history: none, clock: 2026-03-02 12:00, in holdout: yes}\n",
        given,
    )
    assert [str(each.message) for each in found.diagnostics if each.stops] == []
    first, second = (each.given for each in found.scenarios)

    assert (first.person, first.attributes) == (
        "ada",
        {"first_name": "Ada", "points": 3, "tier": "gold"},
    )
    assert (first.reachable, dict(first.addresses)) == ((), {})
    assert first.history == (
        Past("signed_up", first.start - 2 * DAY, {}),
        Past("refund", first.start - MINUTE, {"order_id": "o1"}),
    )
    assert (first.held_out, second.held_out) == (False, True)
    assert (second.reachable, second.history) == (("push",), ())
    assert second.start - first.start == 2 * HOUR
    assert second.zone == "Europe/Berlin"


def test_without_channels_addresses_come_with_the_profile() -> None:
    given = GIVEN.replace("scenarios:", "  profile: {email: ada@example.com}\nscenarios:")
    scenario = one("  - scenario: one\n    script: [{expect nothing: }]\n", given)

    assert scenario.given.reachable is None
    assert scenario.given.addresses == {"email": "ada@example.com", "push": "push of u1"}


def test_examples_repeat_a_scenario_with_their_values() -> None:
    found = compiled(
        "  - scenario: dear and cheap\n"
        "    script:\n"
        "      - event: purchase\n"
        '        with: {order_id: "o{{ number }}", total: "{{ total }}"}\n'
        "    examples:\n"
        "      - {number: 1, total: 80 EUR}\n"
        "      - {number: 2, total: 9.99 EUR}\n"
    )

    assert told(found) == []
    assert [each.name for each in found.scenarios] == [
        "dear and cheap (1, 80 EUR)",
        "dear and cheap (2, 9.99 EUR)",
    ]
    steps = [each.script[0] for each in found.scenarios]
    assert [dict(each.properties) for each in steps if isinstance(each, Does)] == [
        {"order_id": "o1", "total": 8000},
        {"order_id": "o2", "total": 999},
    ]


def test_a_whole_value_can_be_a_list_or_a_map() -> None:
    found = compiled(
        "  - scenario: one\n"
        "    script:\n"
        '      - {event: purchase, with: "{{ order }}"}\n'
        "    examples:\n"
        "      - {order: {order_id: o1, total: 1 EUR}}\n"
    )

    (scenario,) = found.scenarios
    assert scenario.script == (
        Does(7, "purchase", scenario.given.start, {"order_id": "o1", "total": 100}),
    )


def test_what_is_pretended() -> None:
    said = "pretend: [{half: right}, best time is 18:00]\n"
    given = one(
        "  - scenario: one\n    script: [{expect nothing: }]\n",
        GIVEN.replace("scenarios:", f"  {said}scenarios:"),
    ).given
    beside = one(f"  - scenario: one\n    {said}    script: [{{expect nothing: }}]\n").given

    assert given.pretend.paths == beside.pretend.paths == {"half": "right"}
    assert str(given.pretend.best_time) == str(beside.pretend.best_time) == "18:00:00"


def test_journeys_know_where_they_begin() -> None:
    found = compiled("  - scenario: one\n    script: [{expect nothing: }]\n")

    head = found.heads["first"]
    assert (head.line, head.column, head.width) == (1, 1, len("journey: first"))
