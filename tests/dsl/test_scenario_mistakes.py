"""What is wrong with a scenario is said before anything is played, with the place and a hint."""

from __future__ import annotations

import pytest

from dsl.diagnostics import Diagnostic
from tests.dsl.projects import compile_small
from tests.dsl.scripts import GIVEN, JOURNEY, PURCHASE, compiled, hints, told, wrong


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("event: purchased", "N04", 'There is no event called "purchased".'),
        ("{event: signed_up, with: {x: 1}}", "N02", 'signed_up has no property called "x".'),
        ("event: purchase", "T11", '"order_id" is required, but is missing.'),
        ("profile: {frist_name: Ada}", "N01", 'The person has no attribute called "frist_name".'),
        ("profile: {points: many}", "T11", '"points" should be a whole number, but is text.'),
        ("expect sent: helo", "N13", 'There is no message called "helo".'),
        ("expect sent: offer", "S30", 'The journey "first" does not send "offer".'),
        ("{expect sent: hello, on: fax}", "N09", 'There is no channel called "fax".'),
        ("{expect sent: hello, on: sms}", "M01", 'The message "hello" has no part for sms.'),
        (
            "{expect sent: hello, because not push: asleep}",
            "N30",
            '"asleep" is not a reason for passing over a channel.',
        ),
        ("{expect sent: hello, because not fax: rule}", "N09", 'There is no channel called "fax".'),
        ("expect left: gaol", "N30", '"gaol" is not a reason for leaving.'),
        ("expect not started: held out", "N30", '"held out" is not a reason for not starting.'),
        ("expect emitted: purchase", "S30", 'The journey "first" does not emit "purchase".'),
        ("expect called: crm", "N24", 'There is no web service called "crm".'),
        ("pass: a while", "S10", '"a while" is not a length of time.'),
        ("until: friday", "S10", '"friday" is not a date and time.'),
        ("until: 2026-02-30 10:00", "S10", '"2026-02-30 10:00" does not exist in the calendar.'),
        ("until: 2026-03-02 10:00 Atlantis", "S10", 'There is no time zone called "Atlantis".'),
        (
            "until: 2026-03-02 09:59",
            "S19",
            "The clock is already past this moment: time only goes forward.",
        ),
        (
            "{event: signed_up, happened: 2026-03-02 10:01}",
            "S19",
            "This lies after what the clock shows, so it has not happened yet.",
        ),
        ("pass: 900 years", "S19", "Scenarios take place between the years 1970 and 2200."),
        ("until: 2300-01-01", "S19", "Scenarios take place between the years 1970 and 2200."),
        ("{event: signed_up, happened: 900 years ago}", "S19", "That is too long ago."),
        ("{event: signed_up, happened: a while ago}", "S10", '"a while" is not a length of time.'),
        ("expects sent: hello", "S02", '"expects sent" is not a step of a script.'),
        ("expect", "S02", "Here should be a step of the script: a key and a value."),
        (
            "{pass: 1 day, until: 2026-03-09}",
            "S03",
            '"pass" and "until" are two steps of the script.',
        ),
        ('expect left: "{{ why }}"', "N31", 'No example gives "why" a value.'),
        ("start: first", "S30", 'The journey "first" is not started by a call.'),
    ],
)
def test_a_mistake_in_a_script_is_told_where_it_is(line: str, code: str, message: str) -> None:
    found = wrong(f"      - {line}\n")

    assert (code, 1, message) in found


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("event: purchas", 'Did you mean "purchase"?'),
        ("expect sent: helo", 'Did you mean "hello"?'),
        ("expect left: enogh", 'Did you mean "enough"?'),
        ("expect not started: eligble if", 'Did you mean "eligible if"?'),
        ("expect sent: offer", "It sends: hello"),
        ("expects sent: hello", 'Did you mean "expect sent"?'),
    ],
)
def test_what_was_probably_meant_is_proposed(line: str, hint: str) -> None:
    assert hint in hints(f"      - {line}\n")


def test_a_stop_of_the_author_is_a_way_of_leaving() -> None:
    assert wrong("      - expect left: enough\n") == []


def test_the_clock_is_needed_and_said_once() -> None:
    found = compiled(
        "  - scenario: one\n    script: [{expect nothing: }]\n"
        "  - scenario: two\n    script: [{expect nothing: }]\n",
        "tests of: first\nscenarios:\n",
    )

    assert [each[0] for each in told(found)] == ["S07"]


def test_a_split_can_only_be_fixed_to_a_path_it_has() -> None:
    given = GIVEN.replace("scenarios:", "  pretend: {half: middle, whole: left}\nscenarios:")
    found = compiled("  - scenario: one\n    script: [{expect nothing: }]\n", given)

    assert [message for _, _, message in told(found)] == [
        'The split "half" has no path called "middle".',
        'The journey "first" has no split called "whole".',
    ]


def test_an_unknown_journey_is_told_once() -> None:
    given = GIVEN.replace("tests of: first", "tests of: frist")
    found = compiled("  - scenario: one\n    script:\n" + PURCHASE, given)

    (finding,) = [each for each in found.diagnostics if each.span.path == "tests.yaml"]
    assert (finding.code, finding.hint) == ("N11", 'Did you mean "first"?')
    assert found.scenarios == ()


def test_a_journey_with_mistakes_does_not_make_its_scenarios_wrong() -> None:
    scenarios = "  - scenario: one\n    script:\n      - expect sent: offer\n"
    found = compiled(scenarios, journey=JOURNEY.replace("wait: 1 hour", "wait: long"))

    assert told(found) == []
    assert found.scenarios == ()


def test_a_scenario_with_mistakes_is_left_out_and_stops_a_deploy() -> None:
    found = compiled(
        "  - scenario: one\n    script: [{event: purchas}]\n"
        "  - scenario: two\n    script: [{expect nothing: }]\n"
    )

    assert [each.name for each in found.scenarios] == ["two"]
    assert found.project is None


def test_a_segment_of_the_past_must_be_known() -> None:
    found = compiled(
        "  - scenario: one\n    given: {history: [{event: entered segment nobody}]}\n"
        "    script: [{expect nothing: }]\n"
    )

    assert told(found) == [("N10", 2, 'There is no segment called "nobody".')]


def test_two_scenarios_of_one_name_are_confusing() -> None:
    found = compiled("  - scenario: one\n    script: [{expect nothing: }]\n" * 2)

    assert told(found) == [("S14", 3, 'Two scenarios are called "one".')]


def test_a_name_that_no_line_uses_is_a_mistake() -> None:
    found = compiled(
        "  - scenario: one\n    script: [{expect nothing: }]\n    examples: [{chanels: push}]\n"
    )

    (finding,) = [each for each in found.diagnostics if each.span.path == "tests.yaml"]
    assert (finding.code, finding.hint) == ("N31", 'Did you mean "channels"?')


def test_what_an_example_puts_in_the_place_of_given_is_no_value() -> None:
    found = compiled(
        "  - scenario: one\n    given: {channels: '{{ channels }}'}\n    script:\n"
        "      - expect nothing\n    examples:\n      - {channels: email}\n",
    )
    told = [each.hint for each in found.diagnostics if each.code == "N31"]

    assert told == ['In an example, "channels" takes the place of what is given: leave this out.']


def test_unknown_names_inside_items_are_told() -> None:
    plan = (
        compile_small()
        .sources["plan.yaml"]
        .replace("  signed_up:\n", "  signed_up:\n  picked:\n    has: {items: [{sku: text}]}\n")
    )
    found = compiled(
        "  - scenario: one\n    script:\n      - {event: picked, with: {items: [{skew: a}]}}\n",
        plan=plan,
    )

    assert told(found) == [("N02", 3, 'There is no field called "skew" here.')]


@pytest.mark.parametrize(
    "text",
    [
        "tests of:\n",
        "tests of: [first]\nscenarios: {}\n",
        "tests of: first\nscenarios: []\n",
        "tests of: first\ngiven: nothing\nscenarios: [x, {scenario: y}]\n",
        (
            "tests of: first\ngiven: {history: {a: b}, pretend: [[x]], profile: [a]}\nscenarios:\n"
            "  - {scenario: [a], script: {b: c}, examples: d}\n"
        ),
        (
            "tests of: first\ngiven: {clock: 9999-12-31 23:59}\nscenarios:\n"
            "  - {scenario: a, script: [{pass: 900 years}, {until: 0000-00-00}]}\n"
        ),
        "tests of: first\ngiven: {clock: [2026-03-02]}\nscenarios: [{scenario: a, script: [a]}]\n",
        (
            'tests of: first\ngiven: {clock: "{{ }}"}\nscenarios:\n'
            '  - {scenario: a, script: ["{{ a }}"], examples: [a, {}, {a: }]}\n'
        ),
    ],
)
def test_no_file_of_scenarios_is_too_strange_to_be_answered(text: str) -> None:
    found = compile_small(journey=JOURNEY, tests=text)

    assert all(isinstance(each, Diagnostic) for each in found.diagnostics)
    assert found.scenarios == ()
