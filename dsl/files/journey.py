"""The key table of a journey's head (language reference, section 3.3)."""

from __future__ import annotations

from dsl.files.shape import AnyNode, Commas, Listed, Named, Texts, Words, Written, key

__all__ = ["EventStart", "JourneyFile", "OtherStart"]


class JourneyFile(Written):
    """A journey: who gets in, who never, what success is, then the steps."""

    journey: Words | None = key("The name by which rules and other journeys call it", needed=True)
    title: Words | None = key("What people call it")
    owner: Words | None = key("Who answers for it")
    notes: Words | None = key("Anything the next reader should know")
    category: Words | None = key(
        "The category whose consent, caps, quiet hours and holdout apply", needed=True
    )
    priority: Words | None = key("0 to 100; decides who gets the last free slot")
    status: Words | None = key(
        "Whether people enter and move", words=("draft", "live", "paused", "ended")
    )
    trigger: AnyNode | None = key("What starts it", needed=True)
    together_with: Commas = key("Journeys that start on the same event on purpose", default=())
    one_per: Words | None = key("What a person can be inside once for: trigger.cart_id")
    if_already_inside: Words | None = key(
        "What a new start does to a person inside",
        words=("ignore", "restart", "update", "allow"),
    )
    re_enter: Words | None = key("Whether people come back", alias="re-enter")
    eligible_if: Texts = key("Checked at the door, once; a list means all", default=())
    exclude_if: Texts = key("Keeps and throws people out, always; a list means any", default=())
    goal: Words | None = key("Success; people leave at once")
    goal_within: Words | None = key("Success counts until that long after entering")
    exit_if: Texts = key("People leave without success; a list means any", default=())
    holdout: Words | None = key("The share of eligible people kept without messages")
    rollout: Words | None = key("The share of eligible people let in")
    frequency_caps: Texts = key("Limits of this journey, on top of the policy", default=())
    when_capped: Words | None = key("What happens if enough has been sent already")
    when_quiet: Words | None = key("What happens in quiet hours")
    when_unreachable: Words | None = key("What happens if nobody can be reached there")
    let: Named | None = key("Variables, computed once at entry")
    steps: Listed | None = key("What happens, from top to bottom", needed=True)
    on_goal: AnyNode | None = key("What happens once when the goal is reached")
    on_exit: AnyNode | None = key("What happens once when people leave by exit if")
    people_inside: Words | None = key(
        "Whether people inside follow when this file changes, or finish the version they entered",
        words=("move", "stay"),
    )
    renamed_steps: Named | None = key("Old ids and their new ones: nudge: first_nudge")
    removed_steps: Named | None = key(
        "Where people inside a removed step go: continue with another one, or leave"
    )


class EventStart(Written):
    """A trigger that is an event."""

    event: Words | None = key("The event that starts it", needed=True)
    where: Words | None = key("Which of these events; names are properties of the event")
    accept_older: Words | None = key("How old the event may be")


class OtherStart(Written):
    """Triggers that are no events."""

    enters_segment: Words | None = key("On becoming a member")
    leaves_segment: Words | None = key("On ceasing to be one")
    date: Words | None = key("At a date of the person")
    every: Words | None = key("How often a date comes back", words=("year",))
    at: Words | None = key("The time of day of a date; midnight without it")
    schedule: Words | None = key("At fixed times")
    for_: Words | None = key("The segment a schedule is for")
    api: Words | None = key("On a call")
    inputs: Named | None = key("What the call brings")
    other_journeys: Words | None = key("By other journeys")
