"""A small project for the daemon: an order is thanked for twice, a newcomer is welcomed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

__all__ = ["FILES", "write_project"]

FILES: Mapping[str, str] = {
    "tracking_plan.yaml": """\
tracking plan: shop
profile:
  first_name: text, personal
  email: text, personal
  language: one of en / de / fr
events:
  purchase:
    from: Order Completed
    has:
      order_id: code, required
      total: money EUR, required
  signed_up:
    from: Signed Up
""",
    "policy.yaml": """\
policy: shop
time zone: Europe/Berlin
languages: en, de
currency: EUR
channels:
  email: {reachable when: email is known}
categories:
  promotional:
    consent: required
  service:
    consent: not needed
    ignores: frequency caps, quiet hours, holdout, arbitration
    when unknown: retry once
""",
    "modules.yaml": """\
modules:
  footer:
    required in: email
    blocks:
      - text: {en: "Unsubscribe: {{ unsubscribe_link }} Less: {{ preferences_link }}"}
""",
    "messages.yaml": """\
messages:
  receipt:
    email:
      subject: {en: Thank you}
      blocks: [{text: {en: "We have your order, {{ first_name | default('dear customer') }}."}}]
  review:
    email:
      subject: {en: How was it?}
      blocks: [{text: {en: "Tell us."}}]
  welcome:
    email:
      subject: {en: Welcome}
      blocks: [{text: {en: "Good to see you."}}, {use: footer}]
""",
    "journeys/thanks.yaml": """\
journey: thanks
category: service
status: live
trigger: {event: purchase}
one per: trigger.order_id
re-enter: any time
steps:
  - send: receipt
    id: receipt
    to: email
  - wait: 1 second
    id: pause
  - send: review
    id: review
    to: email
""",
    "journeys/newcomers.yaml": """\
journey: newcomers
category: promotional
status: live
trigger: {event: signed_up}
steps:
  - send: welcome
    id: welcome
    to: email
""",
}


def write_project(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    """The project in a folder, some of its files replaced."""
    for name, text in {**FILES, **(changes or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
