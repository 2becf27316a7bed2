"""Scenarios play with the production runner, and mean what the language reference says (3.7)."""

from __future__ import annotations

import pytest

from tests.engine.scenarios.acting import PINGS, acted, failures, script
from tests.engine.scene import journey

HELLO = "expect sent: hello"
NAMED = "expect sent: named"
START = "event: signed_up"


# ------------------------------------------------------------------------- messages and time


def test_what_is_sent_and_listed_is_as_expected() -> None:
    assert failures(START, HELLO, "pass: 1 hour", NAMED) == []


def test_only_pass_and_until_move_time() -> None:
    assert failures(START, HELLO, "event: viewed", "profile: {visits: 3}", "expect nothing") == []


def test_a_moment_runs_up_to_and_including_itself() -> None:
    before, then = "until: 2026-03-02 10:59:59", "until: 2026-03-02 11:00"

    assert failures(START, HELLO, before, "expect nothing", then, NAMED) == []


def test_what_is_sent_and_not_listed_fails_at_the_end() -> None:
    assert failures(START, "pass: 1 hour", HELLO) == [
        ("nothing else is sent", "named was sent on email (Monday 2 March 2026, 11:00).")
    ]


def test_what_is_not_listed_fails_before_time_goes_on() -> None:
    (played,) = acted(script(START, "pass: 1 hour", HELLO, "pass: 1 day", NAMED))

    assert [(each.line, each.held) for each in played.checks] == [(12, True), (12, False)]


def test_lines_that_stand_together_can_be_in_any_order() -> None:
    assert failures(START, "pass: 1 hour", NAMED, HELLO) == []


def test_a_message_is_listed_once() -> None:
    assert failures(START, HELLO, HELLO) == [
        (
            "hello is sent",
            "nothing was sent: the person is in the step pause until Monday 2 March 2026, 11:00",
        )
    ]


def test_nothing_means_nothing_since_the_last_expectation() -> None:
    assert failures(START, HELLO, "expect nothing") == []
    assert failures(START, "expect nothing") == [
        ("nothing is sent", "hello was sent on push (Monday 2 March 2026, 10:00)")
    ]


def test_after_a_failure_the_rest_is_not_played() -> None:
    (played,) = acted(script(START, "expect nothing", "pass: 1 hour", "expect nothing"))

    assert [each.line for each in played.checks] == [11]


def test_the_channel_and_the_text_are_compared() -> None:
    assert failures(START, "{expect sent: hello, on: push}") == []
    assert failures(START, "{expect sent: hello, on: email}") == [
        ("hello is sent on email", "it was sent on push")
    ]
    assert failures(START, "{expect sent: hello, text contains: GOOD  to see}") == []
    assert failures(START, "{expect sent: hello, text contains: [Good, goodbye]}") == [
        (
            "hello is sent, with “Good” in it, with “goodbye” in it",
            "the text does not contain “goodbye”: “Hello / Good to see you”",
        )
    ]


def test_why_a_channel_was_not_used() -> None:
    sent = "{expect sent: hello, on: email, because not push: unreachable}"

    assert failures(START, sent, given="channels: email") == []
    assert failures(START, sent.replace("unreachable", "quiet"), given="channels: email") == [
        (
            "hello is sent on email, and not on push (quiet)",
            "push was passed over for another reason: unreachable",
        )
    ]
    assert failures(START, "{expect sent: hello, because not email: rule}") == [
        ("hello is sent, and not on email (rule)", "email was not passed over")
    ]


# --------------------------------------------------------------------------------- the person


def test_channels_stand_in_for_addresses_and_rules() -> None:
    text = "{expect sent: hello, on: sms}"
    to_sms = journey("  - {id: hi, send: hello, to: sms}\n")

    assert failures(START, text, of=to_sms, given="channels: sms") == []
    nobody = failures(START, text, of=to_sms, given="channels: none")
    assert nobody[0][1].startswith("nothing was sent: not reachable [unreachable]")


def test_without_channels_the_rules_of_the_policy_count() -> None:
    to_sms = journey("  - {id: hi, send: hello, to first of: [sms, email]}\n")
    files = {
        "tests/other.yaml": "tests of: welcome\n"
        "given:\n"
        "  clock: 2026-03-02 10:00\n"
        "  history: [{event: consent_granted, with: {category: promotional}}]\n"
        "  profile: {email: a@example.com}\n"
        "scenarios:\n"
        "  - scenario: a telephone number is an address\n"
        "    script:\n"
        '      - {profile: {phone: "+49 30 901820"}}\n'
        "      - event: signed_up\n"
        "      - {expect sent: hello, on: sms}\n"
        "  - scenario: without one there is none\n"
        "    script: [{event: signed_up}, {expect sent: hello, on: email}]\n"
    }

    played = acted(script("expect nothing"), of=to_sms, files=files)
    assert [each.outcome for each in played] == ["passed", "passed", "passed"]


def test_nobody_is_held_out_unless_the_scenario_says_so() -> None:
    held = journey("  - {id: hi, send: hello, to: push}\n", head="holdout: 50%")
    played = acted(
        script(
            START,
            HELLO,
            given='profile: {user_id: "{{ who }}"}',
            name="in",
            examples="".join(f"- {{who: u{n}}}\n" for n in range(20)),
        ),
        script(START, "expect not started: holdout", given="in holdout: yes", name="out"),
        of=held,
    )

    assert {each.outcome for each in played} == {"passed"}
    assert len(played) == 21


def test_everybody_is_let_in_during_a_rollout() -> None:
    few = journey("  - {id: hi, send: hello, to: push}\n", head="rollout: 1%")

    assert failures(START, HELLO, of=few) == []


def test_a_draft_can_be_tried_before_it_is_live() -> None:
    assert failures(START, HELLO, of=PINGS.replace("status: live", "status: draft")) == []


def test_only_the_journey_under_test_runs() -> None:
    other = {
        "journeys/other.yaml": journey(
            "  - {id: hi, send: offer, to: push, with: {discount: 5}}\n", name="other"
        )
    }

    assert failures(START, HELLO, files=other) == []


def test_splits_are_drawn_unless_their_path_is_pretended() -> None:
    halves = journey("""
  - id: half
    split:
      greeting 50%:
        - {id: a, send: hello, to: push}
      name 50%:
        - {id: b, send: named, to: push}
""")
    played = acted(
        script(
            START,
            HELLO,
            given='profile: {user_id: "{{ who }}"}\npretend: {half: greeting}',
            examples="".join(f"- {{who: u{n}}}\n" for n in range(10)),
        ),
        script(START, NAMED, given="pretend: {half: name}", name="two"),
        of=halves,
    )

    assert {each.outcome for each in played} == {"passed"}
    assert failures(START, HELLO, of=halves) != failures(START, NAMED, of=halves)


# -------------------------------------------------------------------------------- the history


def test_what_happened_before_starts_nothing_and_is_remembered() -> None:
    known = journey("  - {id: hi, send: hello, to: push}\n", head="eligible if: did viewed")
    past = "history: [{event: signed_up}, {event: viewed, happened: 2 days ago}]"

    assert failures("pass: 1 day", "expect nothing", START, HELLO, of=known, given=past) == []
    assert failures(START, "expect not started: eligible if", of=known) == []


def test_messages_of_the_past_count_for_caps_and_rules() -> None:
    capped = journey(
        "  - {id: hi, send: hello, to first of: "
        "[push if not messaged on push in the last 2 days, email]}\n"
    )
    sent = "history: [{event: message_sent, happened: 1 day ago, with: {channel: push}}]"

    assert failures(START, "{expect sent: hello, on: email}", of=capped, given=sent) == []
    assert failures(START, "{expect sent: hello, on: push}", of=capped) == []
    other = "{event: message_sent, with: {channel: push}}"
    assert failures(other, START, "{expect sent: hello, on: email}", of=capped) == []


def test_segments_entered_and_left_before_are_part_of_the_past() -> None:
    rule = "entered segment staff in the last 3 days and not left segment staff since 2026-03-01"
    asks = journey("  - {id: hi, send: hello, to: push}\n", head=f"eligible if: {rule}")
    came = "{event: entered segment staff, happened: 2 days ago}"
    went = '{event: Left segment "staff", happened: 1 day ago}'

    assert failures(START, HELLO, of=asks, given=f"history: [{came}]") == []
    refused = "expect not started: eligible if"
    assert failures(START, refused, of=asks, given=f"history: [{came}, {went}]") == []
    assert failures(START, refused, of=asks) == []


def test_a_segment_is_entered_in_the_course_of_a_scenario() -> None:
    asks = journey(
        "  - {id: hi, send: hello, to: push}\n  - {id: pause, wait: 3 days}\n",
        head="exit if: entered segment staff since entry",
    )
    change = "profile: {email: ada@shop.example}"

    assert failures(START, HELLO, change, "expect left: exit if", of=asks) == []


def test_a_repeated_event_is_one_event() -> None:
    first = "{event: signed_up, id: e1}"

    assert failures(first, HELLO, first, "expect not started: trigger") == []
    assert failures(START, HELLO, START, "expect not started: already inside") == []


# ---------------------------------------------------------------------------- other outcomes


def test_what_people_do_with_a_message_is_told_as_a_provider_would() -> None:
    asks = journey("""
  - {id: hi, send: hello, to first of: [push, email]}
  - {id: pause, wait: 1 day}
  - if: hi was clicked
    then: [{stop: clicked}]
    else: [{stop: silent}]
""")
    day = "pass: 1 day"

    assert (
        failures(START, HELLO, "event: message_clicked", day, "expect left: clicked", of=asks) == []
    )
    assert failures(START, HELLO, day, "expect left: silent", of=asks) == []
    other = "{event: message_clicked, with: {channel: email}}"
    assert failures(START, HELLO, other, day, "expect left: silent", of=asks) == []


def test_a_failed_delivery_goes_to_the_next_channel() -> None:
    again = "{expect sent: hello, on: email, because not push: failed}"

    assert failures(START, HELLO, "event: message_failed", again) == []


def test_an_event_that_the_journey_makes() -> None:
    emits = journey("  - {emit: finished, with: {outcome: good}}\n")
    said = "{expect emitted: finished, with: {outcome: GOOD}}"

    assert failures(START, "expect emitted: finished", "expect left: end", of=emits) == []
    assert failures(START, said.replace("GOOD", "good"), of=emits) == []
    assert failures(START, said, of=emits) == [
        ("the journey emits finished", "it did, with other properties")
    ]
    assert failures("event: finished", "expect emitted: finished", of=emits) == [
        ("the journey emits finished", "it did not: the journey was not started")
    ]


def test_how_people_leave() -> None:
    goal = PINGS.replace("steps:", "goal: did purchase since entry\nsteps:")
    buys = "{event: purchase, with: {total: 1 EUR}}"

    assert failures(START, HELLO, buys, "expect left: goal", of=goal) == []
    assert failures(START, HELLO, buys, "expect left: end", of=goal) == [
        (
            "the person has left: end",
            (
                "the person left: reached the goal [goal], did purchase since entry"
                " (Monday 2 March 2026, 10:00)"
            ),
        )
    ]
    assert failures(START, HELLO, "expect left: end") == [
        (
            "the person has left: end",
            "the person is in the step pause until Monday 2 March 2026, 11:00",
        )
    ]


def test_each_departure_is_listed_once() -> None:
    again = journey("  - {id: pause, wait: 1 day}\n", head="if already inside: restart")
    left = "expect left: restart"

    assert failures(START, START, left, START, left, of=again) == []
    assert failures(START, START, left, left, of=again) != []


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["event: viewed"], "trigger"),
        (["{event: signed_up, happened: 25 hours ago}"], "too old"),
        ([START, HELLO, START], "already inside"),
        (["{profile: {tier: gold}}", START], "exclude if"),
    ],
)
def test_why_nobody_got_in(lines: list[str], reason: str) -> None:
    strict = PINGS.replace("steps:", 'exclude if: tier is "gold"\nsteps:')

    assert failures(*lines, f"expect not started: {reason}", of=strict) == []
    assert failures(*lines, "expect not started: goal", of=strict) != []


def test_who_got_in_was_started() -> None:
    assert failures(START, HELLO, "expect not started: trigger") == [
        (
            "the person does not get in: trigger",
            "the person got in (Monday 2 March 2026, 10:00)",
        )
    ]


def test_a_call_starts_a_journey_with_its_inputs() -> None:
    called = journey(
        "  - {id: hi, send: offer, to: push, with: {discount: = trigger.percent}}\n",
        head="trigger: {api: yes, inputs: {percent: 'whole number, required'}}",
    )
    said = "{expect sent: offer, text contains: 15 % off}"

    assert failures("{start: welcome, with: {percent: 15}}", said, of=called) == []


def test_times_are_those_of_the_person() -> None:
    (played,) = acted(script(START, "expect nothing", given="profile: {time_zone: Asia/Tokyo}"))

    assert played.failures[0].but == "hello was sent on push (Monday 2 March 2026, 18:00)"


# ---------------------------------------------------------------------------------- replies

TEXTS = journey(
    """
  - {id: hi, send: hello, to: sms}
  - {id: pause, wait: 1 hour}
  - {id: again, send: hello, to: sms}
"""
)
BY_SMS = "channels: sms"


def wrote(text: str) -> str:
    return f"- event: message_replied\n  with: {{text: {text}}}"


@pytest.mark.parametrize(
    ("texts", "sent"),
    [([], True), (["Nice!"], True), (["STOP"], False), (["Please stop"], False)],
)
def test_stop_means_in_a_scenario_what_it_means_outside(texts: list[str], sent: bool) -> None:
    said = [line for text in texts for line in ("pass: 10 minutes", wrote(text))]
    then = HELLO if sent else "expect nothing"

    assert failures(START, HELLO, *said, "pass: 1 hour", then, of=TEXTS, given=BY_SMS) == []


def test_start_gives_back_what_stop_took_in_a_scenario() -> None:
    said = ("pass: 1 minute", wrote("STOP"), "pass: 1 minute", wrote("START"), "pass: 1 hour")

    assert failures(START, HELLO, *said, HELLO, of=TEXTS, given=BY_SMS) == []
