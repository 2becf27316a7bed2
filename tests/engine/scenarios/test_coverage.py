"""What no scenario reaches is named, in words that are in the file."""

from __future__ import annotations

from dsl.compile.scenarios import unreached_messages
from dsl.render import render
from engine.scenarios.coverage import Coverage, cover, in_words
from engine.scenarios.play import play
from tests.engine.scenarios.acting import compiled, script
from tests.engine.scene import journey

ASKS = journey("""
  - {id: hi, send: hello, to: push}
  - id: answer
    wait for: viewed
    at most: 1 day
    then:
      - if: visits >= 3
        then:
          - {id: again, send: named, to: email}
          - {id: rest, wait: 1 day}
  - choose:
      - when: tier is "gold"
        do: [{stop: golden}]
      - otherwise: [{stop: plain}]
""")

START = "event: signed_up"
HELLO = "expect sent: hello"


def covered(*scenarios: str) -> Coverage:
    made = compiled(*scenarios, of=ASKS)
    assert made.project is not None
    (coverage,) = cover(made.project.machines.values(), play(made.project, made.scenarios))
    return coverage


def test_steps_branches_and_messages_nobody_gets_to() -> None:
    coverage = covered(script(START, HELLO, "pass: 1 day", "expect left: plain"))

    assert (coverage.messages.reached, coverage.messages.missing) == (1, ("named",))
    assert coverage.branches.missing == (
        "answer (Wait for viewed): viewed",
        'tier is "gold"?: yes',
    )
    assert (coverage.steps.all, coverage.steps.reached) == (8, 4)
    assert coverage.steps.missing == ()
    assert list(in_words(coverage)) == [
        "welcome: 1 scenario, 4 of 8 steps, 2 of 6 branches, 1 of 2 messages",
        "  no scenario takes answer (Wait for viewed): viewed",
        '  no scenario takes tier is "gold"?: yes',
        "  no scenario sends named",
    ]


def test_scenarios_add_up() -> None:
    gold = "profile: {tier: gold, visits: 3}"
    coverage = covered(
        script(START, HELLO, "pass: 1 day", "expect left: plain"),
        script(START, HELLO, "event: viewed", "expect left: plain", name="two"),
        script(
            START,
            HELLO,
            "event: viewed",
            "expect sent: named",
            "pass: 1 day",
            "expect left: golden",
            given=gold,
            name="three",
        ),
    )

    assert coverage.scenarios == 3
    assert coverage.steps.unreached == coverage.branches.unreached == 0
    assert coverage.messages.missing == ()


def test_where_people_stop_is_where_the_steps_end() -> None:
    coverage = covered(script(START, HELLO))

    assert coverage.steps.missing == ('tier is "gold"?',)
    assert coverage.branches.missing == (
        "answer (Wait for viewed): viewed",
        "answer (Wait for viewed): not in time",
    )


def test_a_journey_without_scenarios_is_said_to_have_none() -> None:
    made = compiled(script(START, HELLO), of=ASKS)
    assert made.project is not None
    (coverage,) = cover(made.project.machines.values(), [])

    assert list(in_words(coverage)) == ["welcome: no scenario"]
    assert coverage.messages.missing == ("hello", "named")


def test_messages_nobody_reaches_are_a_warning_about_the_journey() -> None:
    made = compiled(script(START, HELLO), of=ASKS)
    warnings = list(unreached_messages({"welcome": ("named",)}, made.heads))

    assert render(warnings, made.sources) == (
        "warning W150  journeys/welcome.yaml:1:1\n"
        "  This journey has no scenario that reaches every message. Missing: named.\n"
        "\n"
        "    1 | journey: welcome\n"
        "      | ^^^^^^^^^^^^^^^^\n"
    )
