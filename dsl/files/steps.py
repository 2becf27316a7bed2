"""The key tables of the steps (language reference, section 3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dsl.files.shape import AnyNode, Listed, Named, Texts, Words, Written, key

__all__ = [
    "STEPS",
    "CaseItem",
    "ChooseStep",
    "EmitStep",
    "GoToStep",
    "IfStep",
    "LetStep",
    "ListenItem",
    "RepeatStep",
    "SendStep",
    "SetProfileStep",
    "SplitStep",
    "StartStep",
    "Step",
    "StopStep",
    "UseStep",
    "WaitForStep",
    "WaitStep",
    "WaitUntilStep",
    "WebhookStep",
]


class Step(Written):
    """What every step can have."""

    id: Words | None = key("The name people inside it are remembered by")


class SendStep(Step):
    """Sends a message."""

    send: Words | None = key("The message", needed=True)
    to: Words | None = key("The one channel")
    to_first_of: Texts = key("Channels in order; the first one allowed is used", default=())
    to_all_of: Texts = key("Every one of these channels, on purpose", default=())
    with_: Named | None = key("Values for the message's inputs")
    category: Words | None = key("A stricter category for this message")
    expires_after: Words | None = key("When it is too late to be useful")
    when_capped: Words | None = key("What happens if enough has been sent already")
    when_quiet: Words | None = key("What happens in quiet hours")
    when_unreachable: Words | None = key("What happens if nobody can be reached there")
    escalate_after: Words | None = key("When to try the next channel")
    unless: Words | None = key(
        "What makes the next channel unnecessary",
        words=("delivered", "opened", "clicked", "answered"),
    )


class WaitStep(Step):
    """Waits for a length of time."""

    wait: Words | None = key("How long", needed=True)


class WaitUntilStep(Step):
    """Waits for a moment, or until a rule holds."""

    wait_until: Words | None = key("A moment or a rule", needed=True)
    after: Words | None = key("Not before so much time has passed")
    at_most: Words | None = key("How long at most; needed with a rule")
    if_past: Words | None = key(
        "If the moment is already over", words=("continue", "skip next step", "stop")
    )
    then: AnyNode | None = key("Steps for those who waited to the end")
    otherwise: AnyNode | None = key("Steps for those whose time ran out")


class WaitForStep(Step):
    """Waits for something that happens from now on."""

    wait_for: AnyNode | None = key("An event, or a list of events", needed=True)
    where: Words | None = key("Which of these events")
    at_most: Words | None = key("How long at most")
    then: AnyNode | None = key("Steps if it happened")
    otherwise: AnyNode | None = key("Steps if it did not")
    looking_back: Words | None = key("How long before the wait it may have happened")


class ListenItem(Written):
    """One of several events of a "wait for"."""

    event: Words | None = key("The event", needed=True)
    where: Words | None = key("Which of these events")
    do: AnyNode | None = key("Steps if it happened")
    restart_wait: Words | None = key("Begin the wait again", words=("yes", "no"))


class IfStep(Step):
    """Two ways."""

    if_: Words | None = key("The rule", needed=True)
    then: AnyNode | None = key("Steps if it holds", needed=True)
    else_: AnyNode | None = key("Steps if it does not")


class ChooseStep(Step):
    """Several ways; the first that fits."""

    choose: Listed | None = key("A list of when and do", needed=True)


class CaseItem(Written):
    """One way of a "choose"."""

    when: Words | None = key("The rule")
    do: AnyNode | None = key("Steps if it holds")
    otherwise: AnyNode | None = key("Steps if nothing above holds; the last item")


class SplitStep(Step):
    """Divides people by chance; the same person always gets the same path."""

    split: Named | None = key('Paths as "name 50%:" with their steps', needed=True)
    optimise_for: Words | None = key("What the split learns from; it finds the shares by itself")
    keep_exploring: Words | None = key(
        "The share that goes on trying all paths alike; 10% if not said"
    )
    reshuffle: Words | None = key("A new draw, by number")
    reassign: Words | None = key("A new draw at every entry", words=("every time",))


class RepeatStep(Step):
    """A loop with a limit."""

    repeat: AnyNode | None = key("How often at most", needed=True)
    while_: Words | None = key("Goes on while this holds")
    until: Words | None = key("Ends when this holds")
    do: AnyNode | None = key("The steps of a round")


class LetStep(Step):
    """Variables in the middle of a journey."""

    let: Named | None = key("Names and values", needed=True)


class SetProfileStep(Step):
    """Writes attributes."""

    set_profile: Named | None = key("Attributes and values", needed=True)


class EmitStep(Step):
    """An event of the person."""

    emit: Words | None = key("The event", needed=True)
    with_: Named | None = key("Its properties")


class WebhookStep(Step):
    """Calls a named web service of the policy."""

    webhook: Words | None = key("Its name", needed=True)
    with_: Named | None = key("What it is told")
    at_most: Words | None = key(
        "How long it may take, with every try; without it what the policy says"
    )
    if_it_fails: Words | None = key("What then", words=("continue", "stop"))


class UseStep(Step):
    """The steps of a fragment."""

    use: Words | None = key("The fragment", needed=True)
    with_: Named | None = key("Its inputs")


class StartStep(Step):
    """Starts another journey."""

    start_journey: Words | None = key("The journey", needed=True)
    with_: Named | None = key("Its inputs")


class GoToStep(Step):
    """Leaves for another journey."""

    go_to_journey: Words | None = key("The journey", needed=True)
    with_: Named | None = key("Its inputs")


class StopStep(Step):
    """Leaves the journey."""

    stop: Words | None = key("Why, in your own words", needed=True)


STEPS: Mapping[str, type[Step]] = MappingProxyType(
    {
        "send": SendStep,
        "wait": WaitStep,
        "wait until": WaitUntilStep,
        "wait for": WaitForStep,
        "if": IfStep,
        "choose": ChooseStep,
        "split": SplitStep,
        "repeat": RepeatStep,
        "let": LetStep,
        "set profile": SetProfileStep,
        "emit": EmitStep,
        "webhook": WebhookStep,
        "use": UseStep,
        "start journey": StartStep,
        "go to journey": GoToStep,
        "stop": StopStep,
    }
)
"""The table of each step, by the key that makes it one."""
