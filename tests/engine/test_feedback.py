"""What providers tell comes back to where it matters: history, consent, addresses."""

from __future__ import annotations

from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, Rejected, Withdrawal
from dsl.calendar import DAY, MINUTE
from dsl.expr.context import Happened
from engine.core.bars import Bar, destination_of
from engine.core.signals import EventArrived, ReceiptArrived
from engine.core.suppression import LIFTED
from engine.why import Names, tell
from tests.engine.scene import Scene, journey

TO_EMAIL = """
  - id: greet
    send: hello
    to: email
"""


def names(scene: Scene, person: str = "ada") -> list[str]:
    """The person's history of messages."""
    known = [name for name in scene.program.project.plan.events if name.startswith("message_")]
    history = scene.store.people([person], known)[person].history
    return sorted(event.name for each in history.values() for event in each)


def test_who_has_told_the_provider_to_be_left_alone_is() -> None:
    """The provider refuses the first message for it, and we do not try again."""
    withdrawal = Withdrawal("category", "reply", "twilio 21610")

    def answer(message: Message) -> Outcome:
        return Rejected(FailureClass.POLICY_BLOCKED, "21610", "stopped", withdrawal=withdrawal)

    scene = Scene(journey(TO_EMAIL), answer=answer)
    scene.person()
    scene.event("signed_up")
    scene.after(DAY)
    scene.event("signed_up")

    assert scene.story("ada", "refused", "dropped") == [
        "refused 21610 stopped email",
        "dropped consent",
    ]


def test_who_stops_a_number_hears_nothing_more_on_its_channel() -> None:
    """Of any category that needs consent; other channels, and what needs none, go on."""
    withdrawal = Withdrawal("channel", "reply", "twilio 21610")
    stopped = Rejected(FailureClass.POLICY_BLOCKED, "21610", "stopped", withdrawal=withdrawal)
    scene = Scene(
        journey("  - {id: greet, send: hello, to: sms}\n"),
        journey("  - {id: mail, send: hello, to: email}\n", "mailing"),
        answer=lambda message: stopped if message.channel == "sms" else Accepted("p1"),
    )
    scene.person(phone="+4915112345678")
    scene.event("signed_up")
    scene.after(DAY)
    scene.event("signed_up")

    assert [line.rpartition(" ")[2] for line in scene.sent] == ["email", "email"]
    assert "dropped consent" in scene.story("ada", "dropped")
    word = scene.store.consents("ada")[-1]
    assert (word.word, word.category, word.channel) == ("withdrawn", "*", "sms")
    assert (word.method, word.source) == ("reply", "twilio 21610")


def test_rules_see_what_became_of_a_message() -> None:
    """A journey starts on what providers tell, whoever it is."""
    scene = Scene(
        journey(TO_EMAIL),
        journey(TO_EMAIL.replace("email", "push"), "sorry", "trigger: {event: message_bounced}"),
        answer=lambda _: Accepted("p1"),
    )
    scene.person()
    scene.event("signed_up")
    (sent,) = scene.adapter.accepted
    scene.receipt(sent.id, "bounced", "5.2.2 mailbox full")
    scene.receipt(sent.id, "complained")
    scene.receipt(sent.id, "unsubscribed")

    assert scene.sent == ["2026-03-02 10:00 hello email", "2026-03-02 10:00 hello push"]
    assert names(scene) == [
        *("message_bounced", "message_complained", "message_failed"),
        *("message_sent", "message_sent", "message_unsubscribed"),
    ]


def test_the_story_says_why_nothing_more_goes_to_an_address() -> None:
    """With the provider's code, and the line of which table it was due to, by whom."""
    rule = "SMTP codes as of 2024-12: 5.1.1"
    gone = Rejected(FailureClass.PERMANENT_RECIPIENT, "5.1.1", "no such user", rule=rule)
    scene = Scene(journey(TO_EMAIL), answer=lambda _: gone)
    scene.person()
    scene.event("signed_up")
    scene.after(DAY)
    scene.event("signed_up")

    (line,) = [each for each in scene.decisions() if each.what == "suppressed"]
    assert (line.reason, line.channel) == ("refused for good", "email")
    assert line.detail == f"5.1.1 no such user; {rule}, by email"
    assert scene.story("ada", "dropped") == ["dropped unreachable"]
    assert (
        "nothing more on email: refused for good (5.1.1 no such user;"
        " SMTP codes as of 2024-12: 5.1.1, by email)"
    ) in told(scene)


def test_an_operators_word_is_in_the_story() -> None:
    scene = Scene(journey(TO_EMAIL), answer=lambda _: Accepted("p1"))
    scene.person()
    scene.event("signed_up")
    (sent,) = scene.adapter.accepted
    bounced = ReceiptArrived(
        "c1", "ada", scene.now, 0, sent.id, "bounced", "5.1.1", scene.now, "permanent_recipient"
    )
    scene.take(bounced)
    scene.after(DAY)
    scene.event("signed_up")
    properties = {"channel": "email", "address": "ada@example.com", "by": "grace"}
    word = Happened(LIFTED, scene.now, scene.now, 0, properties)
    address = destination_of("email", "ada@example.com")
    scene.store.bars.tell(
        [(address, Bar(lifted=scene.now))], [EventArrived("c2", "ada", word)]
    )  # as `wayline suppressions --lift` does
    scene.event("signed_up")

    assert scene.sent == ["2026-03-02 10:00 hello email", "2026-03-03 10:00 hello email"]
    assert scene.story("ada", "suppressed", "dropped", "lifted") == [
        "suppressed a hard bounce email",
        "dropped unreachable",
        "lifted grace email",
    ]
    assert "may be written to again on email, says grace" in told(scene)


def told(scene: Scene) -> list[str]:
    """The story of Ada, in words."""
    names = Names.of(scene.program.project.plan, scene.zone)
    story = tell(scene.store, "ada", names)
    assert story is not None
    return [line.text for line in story.lines]


PUSH_THEN_EMAIL = """
  - id: greet
    send: hello
    to first of: [push, email]
"""


def test_what_was_opened_has_arrived_whatever_is_told_afterwards() -> None:
    """Providers tell things twice, late, and sometimes wrongly: nobody gets a message again that
    they have read.
    """
    scene = Scene(journey(PUSH_THEN_EMAIL), answer=lambda _: Accepted("p1"))
    scene.person()
    scene.event("signed_up")
    (sent,) = scene.adapter.accepted
    scene.after(MINUTE)
    scene.receipt(sent.id, "opened")
    scene.receipt(sent.id, "failed", "undelivered")

    assert scene.sent == ["2026-03-02 10:00 hello push"]


def test_what_a_machine_opened_may_fail_all_the_same() -> None:
    scene = Scene(journey(PUSH_THEN_EMAIL), answer=lambda _: Accepted("p1"))
    scene.person()
    scene.event("signed_up")
    (sent,) = scene.adapter.accepted
    opened = ReceiptArrived(
        "c1", "ada", scene.now, 0, sent.id, "opened", "", scene.now, by="machine"
    )
    scene.take(opened)
    scene.after(MINUTE)
    scene.receipt(sent.id, "failed", "undelivered")

    assert scene.sent == ["2026-03-02 10:00 hello push", "2026-03-02 10:01 hello email"]
