"""In a scenario nothing has been learnt, unless it says so."""

from __future__ import annotations

from tests.engine.scenarios.acting import acted, failures, script
from tests.engine.scene import journey

HELLO = "expect sent: hello"
NAMED = "expect sent: named"
START = "event: signed_up"


def test_the_path_of_a_split_that_learns_is_drawn_or_pretended_too() -> None:
    learns = journey("""
  - id: half
    split:
      greeting: [{id: a, send: hello, to: push}]
      name: [{id: b, send: named, to: push}]
    optimise for: did viewed within 1 day after half
""")

    played = acted(
        script(START, HELLO, given="pretend: {half: greeting}"),
        script(START, NAMED, given="pretend: {half: name}", name="two"),
        of=learns,
    )

    assert {each.outcome for each in played} == {"passed"}
    assert failures(START, HELLO, of=learns) != failures(START, NAMED, of=learns)


def test_the_best_time_is_now_or_what_was_pretended() -> None:
    """Nothing has been learnt in a scenario, but of what the person did before."""
    waits = journey(
        "  - {id: moment, wait until: best time on push within 10 hours}\n"
        "  - {id: hi, send: hello, to: push}\n"
    )
    nothing = "expect nothing"
    clicked = "history: [{event: message_clicked, happened: 6 days ago, with: {channel: push}}]"

    assert failures(START, HELLO, of=waits) == []
    assert (
        failures(
            START,
            "until: 2026-03-02 17:59",
            nothing,
            "until: 2026-03-02 18:00",
            HELLO,
            of=waits,
            given="pretend: best time is 18:00",
        )
        == []
    )
    assert failures(START, HELLO, of=waits, given="pretend: best time is 3:00") == []
    assert failures(START, HELLO, of=waits, given=clicked) == []
