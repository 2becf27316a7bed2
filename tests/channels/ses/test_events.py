"""What SES tells of messages, event by event."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.outcome import FailureClass, Withdrawal
from channels.receipts import Report
from channels.ses.adapter import SesAdapter
from channels.ses.events import BOUNCES, reports_in
from channels.ses.receipts import SesReceiver
from channels.settings import SettingsError, read_settings

from . import events as ses
from .notary import NOW, TOPIC
from .test_ses import of

RECIPIENT = FailureClass.PERMANENT_RECIPIENT
TRANSIENT = FailureClass.TRANSIENT
CONTENT = FailureClass.PERMANENT_CONTENT
POLICY = FailureClass.POLICY_BLOCKED
CONFIG = FailureClass.PERMANENT_CONFIG


def told(event: dict[str, Any]) -> list[tuple[str, FailureClass | None]]:
    found = reports_in(event)
    assert all(each.delivery == "d1" for each in found)
    return [(each.what, each.failure) for each in found]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (ses.delivery(), [("delivered", None)]),
        (ses.opened("Mozilla/5.0 (iPhone)"), [("opened", None)]),
        (ses.clicked("https://shop.example", "Mozilla/5.0 (iPhone)"), [("clicked", None)]),
        (ses.complaint(), [("complained", RECIPIENT)]),
        (ses.complaint(complaintFeedbackType=None), [("complained", RECIPIENT)]),
        (ses.complaint(complaintFeedbackType="not-spam"), []),
        (ses.rejected(), [("failed", CONTENT)]),
        (ses.not_rendered(), [("failed", CONTENT)]),
        (ses.delayed(), []),
        (ses.event("Send", "send"), []),
        (ses.subscription(everything=True), [("unsubscribed", None)]),
        (ses.subscription(everything=False, offers="OptOut"), [("unsubscribed", None)]),
        (ses.subscription(everything=False, offers="OptIn"), []),
        (ses.event("Something New", "new"), []),
    ],
)
def test_what_ses_tells(event: dict[str, Any], expected: list[Any]) -> None:
    assert told(event) == expected


@pytest.mark.parametrize(
    ("event", "failure"),
    [
        (ses.bounce("Permanent", "General"), RECIPIENT),
        (ses.bounce("Permanent", "NoEmail"), RECIPIENT),
        (ses.bounce("Permanent", "OnAccountSuppressionList"), RECIPIENT),
        (ses.bounce("Permanent", "Another"), RECIPIENT),
        (ses.bounce("Transient", "MailboxFull"), TRANSIENT),
        (ses.bounce("Transient", "MessageTooLarge"), CONTENT),
        (ses.bounce("Transient", "General"), TRANSIENT),
        (ses.bounce("Undetermined", "Undetermined"), TRANSIENT),
        (ses.bounce("Another", "Another"), TRANSIENT),
        (ses.bounce("Permanent", "General", ses.recipient("5.1.1")), RECIPIENT),
        (ses.bounce("Permanent", "General", ses.recipient("5.2.2")), TRANSIENT),
        (ses.bounce("Permanent", "General", ses.recipient("5.7.26")), CONFIG),
        (ses.bounce("Permanent", "General", ses.recipient("5.7.1")), POLICY),
        (
            ses.bounce("Permanent", "General", ses.recipient("5.0.0", "smtp; 550 5.7.515 no")),
            CONFIG,
        ),
        (
            ses.bounce("Permanent", "General", ses.recipient("5.0.0", "smtp; 550 DMARC policy")),
            CONFIG,
        ),
    ],
)
def test_what_a_bounce_means(event: dict[str, Any], failure: FailureClass) -> None:
    """The receiving server's own code goes first: policy and DMARC are nobody's address."""
    assert told(event) == [("bounced", failure)]


def test_several_recipients_are_told_each_for_themselves() -> None:
    bob = "bob@shop.example"
    recipients = (ses.recipient("5.1.1"), ses.recipient("5.2.2", address=bob))
    bounced = reports_in(ses.bounce("Permanent", "General", *recipients))
    complained = reports_in(ses.complaint(ses.ADA, bob))
    delivered = reports_in(ses.delivery(ses.ADA, bob))

    assert [(each.address, each.failure) for each in bounced] == [
        (ses.ADA, RECIPIENT),
        (bob, TRANSIENT),
    ]
    assert len({each.key for each in bounced}) == 2
    assert [each.address for each in complained] == [ses.ADA, bob]
    assert [each.address for each in delivered] == [ses.ADA, bob]


def test_what_is_told_says_when_by_whom_and_why() -> None:
    (click,) = reports_in(ses.clicked("https://shop.example/a", "curl/8.5"))
    (bounce,) = reports_in(
        ses.bounce("Permanent", "General", ses.recipient("5.1.1", "smtp; 550 5.1.1 unknown"))
    )
    (unsaid,) = reports_in(ses.bounce("Permanent", "NoEmail"))
    (topic,) = reports_in(ses.subscription(everything=False, offers="OptOut"))

    assert (click.occurred, click.by) == (NOW, "machine")
    assert click.reason == "https://shop.example/a"
    assert (bounce.reason, bounce.rule) == (
        "smtp; 550 5.1.1 unknown",
        "SMTP codes as of 2024-12: 5.1.1",
    )
    assert unsaid.rule == "ses bounces as of 2026: Permanent/NoEmail"
    assert topic.withdrawal == Withdrawal("category", "one-click", "ses, list customers")


def test_two_links_are_two_clicks_and_the_same_one_is_one() -> None:
    links = ["https://shop.example/a", "https://shop.example/b", "https://shop.example/a"]
    keys = [report.key for link in links for report in reports_in(ses.clicked(link, "x"))]

    assert keys[0] == keys[2] != keys[1]


def test_older_notifications_are_known_by_the_header() -> None:
    """They have no tags; the headers are there if the identity is set up so."""
    ours = [{"name": "X-Wayline-Delivery", "value": "d1"}]
    older = ses.delivery()
    older["notificationType"] = older.pop("eventType")
    older["mail"] = {**ses.mail(headers=ours), "tags": None}

    assert told(older) == [("delivered", None)]
    older["mail"]["headers"] = []
    assert reports_in(older) == []


def test_every_kind_of_bounce_has_a_class() -> None:
    documented = {
        *("Undetermined/Undetermined", "Permanent/General", "Permanent/NoEmail"),
        *("Permanent/Suppressed", "Permanent/OnAccountSuppressionList"),
        *("Transient/General", "Transient/MailboxFull", "Transient/MessageTooLarge"),
        *("Transient/ContentRejected", "Transient/AttachmentRejected"),
    }

    assert documented <= set(BOUNCES)
    assert all(BOUNCES.failure(each) is not None for each in BOUNCES)


_NAMES = ("mail", "tags", "headers", "name", "value", "bounce", "bouncedRecipients", "status")
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    kind=st.sampled_from(["Bounce", "Complaint", "Delivery", "Open", "Click", "Subscription"]),
    part=_ANYTHING,
    more=_ANYTHING,
)
def test_whatever_is_signed_is_read_or_left(kind: str, part: Any, more: Any) -> None:
    name = kind.lower()
    for event in (
        {"eventType": kind, "mail": ses.mail(), name: part},
        {"eventType": kind, "mail": more, name: part},
        {"notificationType": more, "mail": ses.mail(), name: {"timestamp": more}},
    ):
        assert all(isinstance(each, Report) for each in reports_in(event))


# ------------------------------------------------------------------------------------- settings


def test_an_adapter_with_a_topic_hears_what_ses_tells() -> None:
    assert isinstance(SesAdapter(of(topic=TOPIC)).receiver, SesReceiver)
    assert SesAdapter(of()).receiver is None


def test_a_topic_that_is_none_is_told_at_once() -> None:
    given = {
        "region": "eu-central-1",
        "access_key_id": "AKIDEXAMPLE",
        "secret_access_key": "x",
        "from": "news@shop.example",
        "topic": "ses-events",
    }
    with pytest.raises(SettingsError, match="not the ARN of a topic"):
        read_settings(SesAdapter.Settings, "ses", given)
