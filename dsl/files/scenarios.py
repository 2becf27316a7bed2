"""The key tables of scenarios (language reference, section 3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dsl.files.shape import AnyNode, Commas, Listed, Named, Texts, Words, Written, key

__all__ = [
    "BECAUSE_NOT",
    "SCRIPT",
    "CalledPart",
    "EmittedPart",
    "EventPart",
    "GivenPart",
    "LeftPart",
    "NotStartedPart",
    "NothingPart",
    "PassPart",
    "PastPart",
    "ProfilePart",
    "ScenarioPart",
    "ScenariosFile",
    "ScriptPart",
    "SentPart",
    "StartPart",
    "UntilPart",
]

BECAUSE_NOT = "because not"
"""With a channel behind it, this is a key of ``expect sent``: ``because not push: rule``."""

_YES_NO = ("yes", "no")


class GivenPart(Written):
    """What is known when a scenario begins."""

    clock: Words | None = key("The date and time, and the zone of all times without one")
    profile: Named | None = key("Attributes of the person; user_id too")
    channels: Commas = key("The only channels on which the person can be reached; none", default=())
    history: AnyNode | None = key("What happened before, added to what is shared; none")
    in_holdout: Words | None = key("Whether the person is held out", words=_YES_NO)
    not_in_holdout: Words | None = key("Whether the person is not", words=_YES_NO)
    pretend: AnyNode | None = key("The path of a split, the answer of a service, the best time")


class PastPart(Written):
    """Something that happened before."""

    event: Words | None = key("The event, or: entered segment vip", needed=True)
    happened: Words | None = key("When: 3 days ago, or a date and time; else just before")
    with_: Named | None = key("Its properties")


class ScenarioPart(Written):
    """One story: what is given, what happens, what is expected."""

    scenario: Words | None = key("What it shows, in your own words", needed=True)
    given: AnyNode | None = key("What is known here, over what is shared")
    pretend: AnyNode | None = key("As under given")
    script: Listed | None = key("What happens and what is expected, in order", needed=True)
    examples: Listed | None = key("Values for {{ }}; the scenario is repeated with each item")


class ScenariosFile(Written):
    """Scenarios of one journey."""

    tests_of: Words | None = key("The journey", needed=True)
    given: AnyNode | None = key("What all scenarios share")
    pretend: AnyNode | None = key("As under given")
    scenarios: Listed | None = key("The scenarios", needed=True)


class ScriptPart(Written):
    """One line of a script."""


class EventPart(ScriptPart):
    """The person does something."""

    event: Words | None = key("The event", needed=True)
    with_: Named | None = key("Its properties")
    happened: Words | None = key("When, if earlier than now: 3 days ago, or a date and time")
    id: Words | None = key("The same id twice is the same event, sent again")


class ProfilePart(ScriptPart):
    """The profile changes."""

    profile: Named | None = key("Attributes and their new values", needed=True)


class StartPart(ScriptPart):
    """The journey is started without an event."""

    start: Words | None = key("The journey itself: it is called", needed=True)
    with_: Named | None = key("Values for its inputs")
    by: Words | None = key("The journey that starts it, if it is not a call")


class PassPart(ScriptPart):
    """Time goes by."""

    pass_: Words | None = key("How much time goes by", needed=True)


class UntilPart(ScriptPart):
    """Time goes by up to and including a moment."""

    until: Words | None = key("A date and time", needed=True)


class SentPart(ScriptPart):
    """A message was sent."""

    expect_sent: Words | None = key("The message", needed=True)
    on: Words | None = key("The channel")
    text_contains: Texts = key("Words that are in what was sent", default=())


class LeftPart(ScriptPart):
    """The person has left the journey."""

    expect_left: Words | None = key("How: goal, end, ... or the words of a stop", needed=True)


class EmittedPart(ScriptPart):
    """The journey made an event."""

    expect_emitted: Words | None = key("The event", needed=True)
    with_: Named | None = key("Properties it has")


class CalledPart(ScriptPart):
    """The journey called a web service."""

    expect_called: Words | None = key("The service", needed=True)


class NotStartedPart(ScriptPart):
    """The person did not get in."""

    expect_not_started: Words | None = key("Why not: trigger, eligible if, ...", needed=True)


class NothingPart(ScriptPart):
    """Nothing was sent."""

    expect_nothing: AnyNode | None = key("Nothing was sent since the last expect", needed=True)


SCRIPT: Mapping[str, type[ScriptPart]] = MappingProxyType(
    {
        "event": EventPart,
        "profile": ProfilePart,
        "start": StartPart,
        "pass": PassPart,
        "until": UntilPart,
        "expect sent": SentPart,
        "expect left": LeftPart,
        "expect emitted": EmittedPart,
        "expect called": CalledPart,
        "expect not started": NotStartedPart,
        "expect nothing": NothingPart,
    }
)
"""The table of each line of a script, by the key that makes it one."""
