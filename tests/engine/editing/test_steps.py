"""Steps that come, go, move, and are called otherwise. Language reference, 4.8."""

from __future__ import annotations

from dsl.calendar import DAY, HOUR
from tests.engine.editing.edits import NUDGES, edit, entered, where


def test_a_step_put_behind_them_is_met_and_one_put_before_them_is_not() -> None:
    scene = entered()
    scene.after(DAY + HOUR)
    edit(
        scene,
        "  - {id: early, send: named, to: push}\n"
        + NUDGES.replace("  - {id: quiet", "  - {id: late, send: named, to: push}\n  - {id: quiet"),
    )
    scene.person(first_name="Ada")
    scene.after(5 * DAY)

    assert scene.sent == ["2026-03-05 10:00 hello email", "2026-03-05 10:00 named push"]


def test_who_is_in_a_step_that_moved_is_where_it_is_now() -> None:
    """The nudge is the last step now: what stood behind it is before it, and is not met."""
    scene = entered()
    scene.after(DAY + HOUR)
    edit(
        scene,
        """
  - {id: hello, wait: 1 day}
  - {id: day_two, send: hello, to: email}
  - {id: nudge, wait: 2 days}
""",
    )
    assert where(scene) == "nudge"
    scene.after(5 * DAY)

    assert scene.sent == []
    assert where(scene) == "left end"


def test_a_message_that_has_gone_out_is_not_sent_again_where_its_step_comes_once_more() -> None:
    """They wait behind the send; the edit puts the wait before it."""
    steps = "  - {id: x, send: hello, to: email}\n  - {id: pause, wait: 2 days}\n"
    scene = entered(steps=steps)
    scene.after(DAY)
    edit(
        scene,
        """
  - {id: pause, wait: 2 days}
  - {id: x, send: hello, to: email}
  - {id: after_it, send: named, to: push}
""",
    )
    scene.person(first_name="Ada")
    scene.after(5 * DAY)

    assert scene.sent == ["2026-03-02 10:00 hello email", "2026-03-04 10:00 named push"]
    assert where(scene) == "left end"


def test_people_in_a_removed_step_continue_where_the_journey_says() -> None:
    scene = entered("ada", "bob")
    scene.after(DAY + HOUR)
    edit(
        scene,
        "  - {id: hello, wait: 1 day}\n  - {id: day_two, send: hello, to: email}\n",
        head="removed steps: {nudge: continue with day_two}",
    )

    assert scene.sent == ["2026-03-03 11:00 hello email"] * 2
    assert where(scene) == "left end"


def test_people_in_a_removed_step_leave_where_the_journey_says_so() -> None:
    scene = entered()
    scene.after(DAY + HOUR)
    edit(scene, "  - {id: hello, wait: 1 day}\n", head="removed steps: {nudge: leave}")

    assert where(scene) == "left removed"
    assert scene.story("ada", "left") == ["left removed"]


def test_a_guard_comes_before_the_step_they_continue_with() -> None:
    """They bought; the journey never noticed, because nothing asked for that then."""
    scene = entered()
    scene.event("purchase", total="5 EUR")
    scene.after(DAY + HOUR)
    edit(
        scene,
        "  - {id: day_two, send: hello, to: email}\n",
        head="goal: did buy since entry\nremoved steps:\n  nudge: continue with day_two\n"
        "  hello: continue with day_two",
    )

    assert scene.sent == []
    assert where(scene) == "left goal"


def test_people_continue_with_a_step_that_is_no_rest() -> None:
    """A split: it is drawn, and recorded."""
    scene = entered()
    edit(
        scene,
        """
  - id: half
    split:
      all 100%: [{id: x, send: hello, to: email}]
  - {id: quiet, wait: 10 days}
""",
        head="removed steps: {hello: continue with half}",
    )

    assert scene.sent == ["2026-03-02 10:00 hello email"]
    assert scene.runs()[0].steps["half"].path == "all"


def test_a_journey_that_is_gone_lets_everybody_leave_at_once() -> None:
    scene = entered()
    scene.edit()

    assert where(scene) == "left ended"


def test_an_ended_journey_lets_everybody_leave_at_once() -> None:
    scene = entered()
    edit(scene, NUDGES, head="status: ended")

    assert where(scene) == "left ended"


OPENED = """
  - {id: nudge, send: hello, to: email}
  - {id: pause, wait: 2 days}
  - if: nudge was opened
    then: [{id: opened_it, send: named, to: push}]
"""


def test_a_renamed_step_keeps_its_people_and_its_timer() -> None:
    scene = entered()
    scene.after(DAY + HOUR)
    due = scene.runs()[0].due
    edit(
        scene,
        NUDGES.replace("id: nudge", "id: first_nudge"),
        head="renamed steps: {nudge: first_nudge}",
    )

    assert where(scene) == "first_nudge"
    assert scene.runs()[0].due == due


def test_what_was_opened_under_the_old_name_was_opened_under_the_new_one() -> None:
    scene = entered(steps=OPENED)
    scene.person(first_name="Ada")
    scene.after(HOUR)
    scene.receipt(scene.store.deliveries_of("ada")[0].id, "opened")
    edit(scene, OPENED.replace("nudge", "opening"), head="renamed steps: {nudge: opening}")
    scene.after(2 * DAY)

    assert [line.split()[2] for line in scene.sent] == ["hello", "named"]


def test_what_is_opened_later_still_counts_and_after_a_second_new_name_too() -> None:
    """The provider tells of the delivery, which was made under the first name."""
    scene = entered(steps=OPENED)
    scene.person(first_name="Ada")
    edit(scene, OPENED.replace("nudge", "opening"), head="renamed steps: {nudge: opening}")
    edit(scene, OPENED.replace("nudge", "greeting"), head="renamed steps: {opening: greeting}")
    scene.after(HOUR)
    scene.receipt(scene.store.deliveries_of("ada")[0].id, "opened")
    scene.after(2 * DAY)

    assert scene.runs()[0].steps["greeting"].formerly == ("nudge", "opening")
    assert [line.split()[2] for line in scene.sent] == ["hello", "named"]


def test_a_renamed_step_has_gone_out_already() -> None:
    steps = "  - {id: x, send: hello, to: email}\n  - {id: pause, wait: 2 days}\n"
    scene = entered(steps=steps)
    edit(
        scene,
        "  - {id: pause, wait: 2 days}\n  - {id: greet, send: hello, to: email}\n",
        head="renamed steps: {x: greet}",
    )
    scene.after(3 * DAY)

    assert len(scene.sent) == 1


def test_an_escalation_ends_by_a_receipt_for_the_old_name() -> None:
    steps = """
  - id: ask
    send: hello
    to first of: [push, email]
    escalate after: 2 hours
    unless: opened
"""
    scene = entered(steps=steps)
    edit(scene, steps.replace("ask", "question"), head="renamed steps: {ask: question}")
    scene.after(HOUR)
    scene.receipt(scene.store.deliveries_of("ada")[0].id, "opened")
    scene.after(3 * HOUR)

    assert scene.sent == ["2026-03-02 10:00 hello push"]
