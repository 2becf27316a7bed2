"""What SES tells, in the shapes of Amazon's developer guide ("Examples of event data that Amazon SES
publishes to Amazon SNS" and "Amazon SNS notification examples for Amazon SES").
"""

from __future__ import annotations

from typing import Any

AT = "2026-01-01T12:00:00.000Z"
ADA = "ada@shop.example"


def mail(**more: Any) -> dict[str, Any]:
    told = {
        "timestamp": "2026-01-01T11:59:58.000Z",
        "source": "Shop <news@shop.example>",
        "sourceArn": "arn:aws:ses:eu-central-1:123456789012:identity/shop.example",
        "sendingAccountId": "123456789012",
        "messageId": "EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000",
        "destination": [ADA],
        "headersTruncated": False,
        "headers": [
            {"name": "From", "value": "Shop <news@shop.example>"},
            {"name": "Message-ID", "value": "<d1@shop.example>"},
        ],
        "commonHeaders": {"from": ["Shop <news@shop.example>"], "subject": "Hello"},
        "tags": {
            "ses:configuration-set": ["journeys"],
            "ses:source-ip": ["192.0.2.0"],
            "wayline-delivery": ["d1"],
        },
    }
    return told | more


def event(kind: str, part: str, **told: Any) -> dict[str, Any]:
    return {"eventType": kind, "mail": mail(), part: told}


def bounce(kind: str, subtype: str, *recipients: dict[str, Any], **more: Any) -> dict[str, Any]:
    return event(
        "Bounce",
        "bounce",
        bounceType=kind,
        bounceSubType=subtype,
        bouncedRecipients=list(recipients) or [recipient()],
        timestamp=AT,
        feedbackId="0100017c-example",
        remoteMtaIp="127.0.2.0",
        reportingMTA="dsn; mta.example.com",
        **more,
    )


def recipient(status: str = "", diagnostic: str = "", address: str = ADA) -> dict[str, Any]:
    told = {"emailAddress": address, "action": "failed"}
    return {
        **told,
        **({"status": status} if status else {}),
        **({"diagnosticCode": diagnostic} if diagnostic else {}),
    }


def complaint(*addresses: str, **more: Any) -> dict[str, Any]:
    return event(
        "Complaint",
        "complaint",
        complainedRecipients=[{"emailAddress": each} for each in addresses or (ADA,)],
        timestamp=AT,
        feedbackId="0100017c-example",
        complaintSubType=None,
        userAgent="AnyCompany Feedback Loop (V0.01)",
        arrivalDate=AT,
        **{"complaintFeedbackType": "abuse", **more},
    )


def delivery(*addresses: str) -> dict[str, Any]:
    return event(
        "Delivery",
        "delivery",
        timestamp=AT,
        recipients=list(addresses) or [ADA],
        processingTimeMillis=11893,
        smtpResponse="250 2.6.0 Message received",
        reportingMTA="mta.example.com",
    )


def opened(agent: str) -> dict[str, Any]:
    return event("Open", "open", ipAddress="192.0.2.1", timestamp=AT, userAgent=agent)


def clicked(link: str, agent: str) -> dict[str, Any]:
    return event(
        *("Click", "click"),
        ipAddress="192.0.2.1",
        timestamp=AT,
        userAgent=agent,
        link=link,
        linkTags={"samplekey0": ["samplevalue0"]},
    )


def rejected() -> dict[str, Any]:
    return event("Reject", "reject", reason="Bad content")


def not_rendered() -> dict[str, Any]:
    return event(
        *("Rendering Failure", "failure"),
        errorMessage="Attribute 'attributeName' is not present in the rendering data.",
        templateName="MyTemplate",
    )


def delayed() -> dict[str, Any]:
    return event(
        *("DeliveryDelay", "deliveryDelay"),
        delayType="TransientCommunicationFailure",
        expirationTime=AT,
        delayedRecipients=[recipient("4.4.1", "smtp; 421 4.4.1 Unable to connect")],
        timestamp=AT,
    )


def subscription(*, everything: bool, **topics: str) -> dict[str, Any]:
    status = [{"topicName": n, "subscriptionStatus": s} for n, s in topics.items()]
    return event(
        *("Subscription", "subscription"),
        contactList="customers",
        timestamp=AT,
        source="UnsubscribeHeader",
        newTopicPreferences={"unsubscribeAll": everything, "topicSubscriptionStatus": status},
        oldTopicPreferences={"unsubscribeAll": False, "topicSubscriptionStatus": []},
    )
