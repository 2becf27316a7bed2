"""What providers tell comes back to where it matters: history, consent, addresses."""

from __future__ import annotations

from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, Rejected, Withdrawal
from dsl.calendar import DAY
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
