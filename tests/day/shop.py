"""The project of the day: one campaign on four channels, orders that are told of on each of them in
turn, and codes that somebody waits for.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

__all__ = ["CAMPAIGN", "CODES", "ORDERS", "write_project"]

CAMPAIGN = ("email", "sms", "whatsapp", "push")
"""What everybody gets in the morning."""

ORDERS = ("email", "sms", "whatsapp", "push")
"""What comes of one order, hours apart."""

CODES = ("email", "sms", "whatsapp", "push")
"""What comes of one code that was asked for, at once."""

_ALL = "to all of: [email, sms, whatsapp, push]"

_FILES: Mapping[str, str] = {
    "tracking_plan.yaml": """\
tracking plan: day
profile:
  first_name: text, personal
  email: text, personal
  phone: text, personal
events:
  purchase:
    from: Order Completed
    has: {order_id: "code, required"}
  code_asked:
    from: Code Asked
""",
    "policy.yaml": """\
policy: day
time zone: UTC
languages: en
currency: EUR
channels:
  email: {reachable when: email is known}
  sms: {reachable when: phone is known}
  whatsapp: {reachable when: phone is known}
  push: {reachable when: yes}
categories:
  promotional:
    consent: required
    when unknown: hold
  service:
    consent: not needed
    ignores: frequency caps, quiet hours, holdout, arbitration
    when unknown: hold
""",
    "segments.yaml": """\
segments:
  customers: {who: email is known}
""",
    "modules.yaml": """\
modules:
  footer:
    required in: email
    blocks:
      - text: {en: "A shop, 1 High Street. Unsubscribe: {{ unsubscribe_link }}"}
""",
    "messages.yaml": """\
messages:
  offer:
    email:
      subject: {en: Only today}
      blocks: [{text: {en: "Look, {{ first_name | default('you') }}."}}, {use: footer}]
    sms: {text: {en: "Only today. Reply STOP to get no more."}}
    whatsapp:
      approved template: offer_v1
      text: {en: "Hello {{ first_name | default('you') }}, only today."}
    push: {title: {en: Look}, body: {en: Only today}}
  told:
    email:
      subject: {en: Thank you}
      blocks: [{text: {en: We have your order.}}]
    sms: {text: {en: Your parcel is on its way.}}
    whatsapp:
      approved template: told_v1
      text: {en: "Hello {{ first_name | default('you') }}, your parcel is near."}
    push: {title: {en: Parcel}, body: {en: It is there}}
  code:
    email:
      subject: {en: Your code}
      blocks: [{text: {en: It is 1234.}}]
    sms: {text: {en: Your code is 1234.}}
    whatsapp:
      approved template: code_v1
      text: {en: "Hello {{ first_name | default('you') }}, it is 1234."}
    push: {title: {en: Code}, body: {en: It is 1234}}
""",
    "campaign.yaml": f"""\
journey: campaign
category: promotional
status: live
trigger:
  schedule: every day at 10:00
  for: customers
re-enter: any time
steps:
  - {{send: offer, id: offer, {_ALL}}}
""",
    "orders.yaml": """\
journey: orders
category: service
status: live
trigger: {event: purchase}
one per: trigger.order_id
re-enter: any time
steps:
  - {send: told, id: thanks, to: email}
  - {wait: 1 hour, id: packing}
  - {send: told, id: sent, to: sms}
  - {wait: 2 hours, id: driving}
  - {send: told, id: near, to: whatsapp}
  - {wait: 1 hour, id: ringing}
  - {send: told, id: there, to: push}
""",
    "codes.yaml": f"""\
journey: codes
category: service
status: live
trigger: {{event: code_asked}}
re-enter: any time
steps:
  - {{send: code, id: code, {_ALL}}}
""",
}


def write_project(folder: Path) -> Path:
    """The project in a folder."""
    folder.mkdir()
    for name, text in _FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
