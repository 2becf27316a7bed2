"""What SES tells of a message: one event, about one or several of its recipients.

The same shapes come by two ways: as events of a configuration set (``eventType``) and as the older
notifications of an identity (``notificationType``), which have no tags, but may have headers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, Literal

from channels.agents import by_agent
from channels.email.bounces import Judged, enhanced_code, judge_bounce
from channels.email.mime import DELIVERY_HEADER
from channels.http.answers import one_line
from channels.http.codes import read_codes
from channels.outcome import FailureClass
from channels.receipts import Report, complaint, followed, moment, unsubscribed
from dsl.calendar import Instant

__all__ = ["BOUNCES", "DELIVERY_TAG", "reports_in"]

BOUNCES = read_codes(files("channels.ses") / "bounces.tsv")
DELIVERY_TAG = "wayline-delivery"
"""The tag of a message that holds the delivery's id."""


def reports_in(event: Mapping[str, Any]) -> list[Report]:
    """Everything an event says about a message of ours."""
    mail = _object(event, "mail")
    delivery = _delivery(mail)
    return list(_reports(event, mail, delivery)) if delivery else []


def _reports(event: Mapping[str, Any], mail: Mapping[str, Any], delivery: str) -> Iterator[Report]:
    kind = str(event.get("eventType") or event.get("notificationType"))
    told = _object(event, _PARTS.get(kind, ""))
    at = moment(told.get("timestamp")) or moment(mail.get("timestamp"))
    key = f"{kind}/{mail.get('messageId')}/{at}"
    match kind:
        case "Delivery":
            for address in _texts(told.get("recipients")) or [""]:
                yield Report(delivery, "delivered", f"{key}/{address}", at, address=address)
        case "Open":
            yield Report(delivery, "opened", key, at, by=by_agent(told.get("userAgent")))
        case "Click":
            place = f"{key}/{told.get('link')}"
            link, agent = followed(told.get("link")), told.get("userAgent")
            yield Report(delivery, "clicked", place, at, link, by=by_agent(agent))
        case "Bounce":
            yield from _bounces(told, delivery, key, at)
        case "Complaint" if told.get("complaintFeedbackType") != "not-spam":
            for recipient in _objects(told.get("complainedRecipients")) or [{}]:
                yield complaint(delivery, key, at, "ses", _text(recipient, "emailAddress"))
        case "Reject":
            reason = one_line(told.get("reason") or "rejected")
            yield Report(delivery, "failed", key, at, reason, FailureClass.PERMANENT_CONTENT)
        case "Rendering Failure":
            reason = one_line(told.get("errorMessage") or "it could not be rendered")
            yield Report(delivery, "failed", key, at, reason, FailureClass.PERMANENT_CONTENT)
        case "Subscription" if (of := _unsubscribed(told)) is not None:
            source = f"ses, list {told.get('contactList')}"
            yield unsubscribed(delivery, key, at, source, of)
        case _:  # Send says what we know, DeliveryDelay that it is still being tried
            return


_PARTS = {
    "Delivery": "delivery",
    "Open": "open",
    "Click": "click",
    "Bounce": "bounce",
    "Complaint": "complaint",
    "Reject": "reject",
    "Rendering Failure": "failure",
    "Subscription": "subscription",
}


def _bounces(told: Mapping[str, Any], delivery: str, key: str, at: Instant) -> Iterator[Report]:
    """By the receiver's own code, and if it told none by what SES thinks."""
    kind = f"{told.get('bounceType')}/{told.get('bounceSubType')}"
    if kind not in BOUNCES:
        kind = f"{told.get('bounceType')}/General"
    if kind not in BOUNCES:
        kind = "Undetermined/Undetermined"
    otherwise = Judged(BOUNCES.failure(kind) or FailureClass.TRANSIENT, BOUNCES.rule(kind))
    for recipient in _objects(told.get("bouncedRecipients")) or [{}]:
        text = one_line(recipient.get("diagnosticCode") or kind)
        code = enhanced_code(_text(recipient, "status"), text)
        judged = judge_bounce(code, text, otherwise)
        address = _text(recipient, "emailAddress")
        yield Report(
            *(delivery, "bounced", f"{key}/{address}", at, text, judged.failure),
            withdrawal=BOUNCES.withdrawal(kind),
            rule=judged.rule,
            address=address,
        )


def _unsubscribed(told: Mapping[str, Any]) -> Literal["category", "channel"] | None:
    """From everything, or from a topic; None if it is something else that has changed."""
    new = _object(told, "newTopicPreferences")
    if new.get("unsubscribeAll") is True:
        return "channel"
    topics = _objects(new.get("topicSubscriptionStatus"))
    out = any(each.get("subscriptionStatus") == "OptOut" for each in topics)
    return "category" if out else None


def _delivery(mail: Mapping[str, Any]) -> str:
    """Our own id: from the header, which has it as it is, or from the tag."""
    for header in _objects(mail.get("headers")):
        if _text(header, "name").lower() == DELIVERY_HEADER.lower():
            return _text(header, "value").strip()
    return next(iter(_texts(_object(mail, "tags").get(DELIVERY_TAG))), "")


def _object(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = node.get(name)
    return found if isinstance(found, Mapping) else {}


def _objects(node: object) -> list[Mapping[str, Any]]:
    return [each for each in node if isinstance(each, Mapping)] if isinstance(node, list) else []


def _texts(node: object) -> list[str]:
    return [each for each in node if isinstance(each, str)] if isinstance(node, list) else []


def _text(node: Mapping[str, Any], name: str) -> str:
    found = node.get(name)
    return found if isinstance(found, str) else ""
