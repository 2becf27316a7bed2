"""What Meta tells of templates that it had approved."""

from __future__ import annotations

from typing import Any

import pytest

from channels.receipts import Answered, Approval, NotGenuine
from channels.whatsapp.receipts import WhatsAppReceiver
from tests.channels.told import NOW, SECONDS, by_meta

RECEIVER = WhatsAppReceiver(("app",), "word", "106540352242922")


def change(field: str, time: object = SECONDS, **value: Any) -> dict[str, Any]:
    named = {"message_template_name": "hello", "message_template_language": "en_US"}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "time": time, "changes": [{"field": field, "value": named | value}]}],
    }


def status(event: str, reason: str = "NONE", **more: Any) -> dict[str, Any]:
    field = "message_template_status_update"
    return change(field, event=event, message_template_id=7, reason=reason, **more)


def approvals(told: object) -> list[Approval]:
    found = RECEIVER.read(by_meta(told), NOW)
    assert isinstance(found, Answered), found
    assert (found.reports, found.replies) == ([], [])
    return list(found.approvals)


@pytest.mark.parametrize(
    ("event", "reason", "usable", "why"),
    [
        ("PAUSED", "LOW_QUALITY", False, "paused: low quality"),
        ("PAUSED", "NONE", False, "paused"),
        ("DISABLED", "NONE", False, "disabled"),
        ("REJECTED", "INCORRECT_CATEGORY", False, "refused: incorrect category"),
        ("PENDING_DELETION", "NONE", False, "about to be deleted"),
        ("APPROVED", "NONE", True, ""),
        ("REINSTATED", "NONE", True, ""),
    ],
)
def test_whether_it_may_be_used(event: str, reason: str, why: str, *, usable: bool) -> None:
    (told,) = approvals(status(event, reason))

    assert told == Approval("whatsapp", "hello", "en_US", NOW, usable, why)


def test_which_category_it_is_in_now() -> None:
    field = "template_category_update"
    told = change(field, previous_category="UTILITY", new_category="MARKETING")

    assert approvals(told) == [Approval("whatsapp", "hello", "en_US", NOW, category="marketing")]


@pytest.mark.parametrize(
    "told",
    [
        status("FLAGGED"),  # a warning
        status("IN_APPEAL"),
        status("PENDING"),
        status("SOMETHING_NEW"),
        change("message_template_quality_update", new_quality_score="RED"),
        change("template_category_update", new_category="BARGAINS"),
        change("template_category_update"),
        status("PAUSED", message_template_name="a/b"),
        status("PAUSED", message_template_name=7),
        status("PAUSED", message_template_language=None),
        {"entry": [{"changes": [{"field": "message_template_status_update", "value": 1}]}]},
    ],
)
def test_what_says_nothing_of_its_use_is_passed_over(told: dict[str, Any]) -> None:
    assert approvals(told) == []


@pytest.mark.parametrize("time", [None, "soon", True, -1, 2**63 - 1])
def test_when_it_was_may_not_be_said(time: object) -> None:
    (told,) = approvals(change("message_template_status_update", time, event="PAUSED"))

    assert told.occurred == 0


def test_nobody_else_can_say_so() -> None:
    assert isinstance(RECEIVER.read(by_meta(status("PAUSED"), "guess"), NOW), NotGenuine)
