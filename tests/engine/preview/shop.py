"""A small shop with one message on every channel, for previews."""

from __future__ import annotations

from typing import Any

from dsl.compiler import compile_project
from dsl.machine import Project
from dsl.message import Message
from engine.preview import Preview, Reader, preview, sample_readers

NOW = 1_772_366_400_000_000  # 1 March 2026, noon UTC
BASE = "https://journeys.shop.example"

PLAN = """\
tracking plan: corner_shop
profile:
  first_name: text, personal
  email: text, personal
  birthday: date, personal
  income: money EUR, personal
  tier: one of bronze / gold
  language: text
events:
  cart_updated:
    from: Cart Updated
    has:
      cart_id: code, required
      note: text, personal
      items: [{name: "text, required", price: "money EUR, required", image_url: text}]
"""
POLICY = """\
policy: corner_shop
time zone: Europe/Berlin
languages: en, de
currency: EUR
channels:
  email: {reachable when: email is known}
  sms: {}
  push: {}
  whatsapp: {free text window: 24 hours}
categories:
  news: {consent: required}
webhooks:
  similar:
    address: https://shop.example/similar
    returns: {items: [{name: text, price: money EUR}]}
"""
MODULES = """\
modules:
  cart:
    inputs: {items: list of record}
    show if: count of items >= 1
    blocks:
      - for each: item in items
        at most: 3
        show: [{text: "{{ item.name }}: {{ item.price }}"}]
  ideas:
    fetch: similar
    show if: count of similar.items >= 1
    otherwise: {use: classics}
    blocks:
      - for each: item in similar.items
        at most: 3
        show: [{text: "{{ item.name }}"}]
  classics: {blocks: [{text: {en: Our classics, de: Unsere Klassiker}}]}
  golden: {show if: first_name is "Ada", blocks: [{text: Just for Ada}]}
  footer: {required in: email, blocks: [{text: "{{ unsubscribe_link }} {{ preferences_link }}"}]}
"""
MESSAGES = """\
message: cart_reminder
title: Cart reminder
uses: journey cart
inputs: {discount: "whole number, required"}
email:
  subject: {en: "{{ first_name | default('Hello') }}, your cart", de: "{{ first_name | default('Hallo') }}, dein Warenkorb"}
  preview: We kept it.
  blocks:
    - use: cart
      with: {items: = trigger.items}
    - use: ideas
    - use: golden
    - use: footer
sms:
  text: {en: "{{ first_name | default('Hi') }}: {{ discount }} % off [today]", de: "{{ first_name | default('Hallo') }}: {{ discount }} % – nur heute 🎉"}
push:
  title: {en: Your cart, de: Dein Warenkorb}
  body: "{{ first_name }}: {{ trigger.cart_id }}"
  link: shop://cart/{{ trigger.cart_id }}
whatsapp:
  approved template: cart_v1
  text: {en: "Hi {{ first_name | default('there') }}, {{ discount }} % off.", de: "Hallo {{ first_name | default('du') }}, {{ discount }} %."}
"""
JOURNEY = """\
journey: cart
category: news
status: live
trigger: {event: cart_updated}
re-enter: any time
steps:
  - id: remind
    send: cart_reminder
    to all of: [email, sms, push, whatsapp]
    with: {discount: 15}
"""
FILES = {
    "plan.yaml": PLAN,
    "policy.yaml": POLICY,
    "modules.yaml": MODULES,
    "messages.yaml": MESSAGES,
    "journey.yaml": JOURNEY,
}


def shop(**changed: str) -> Project:
    """The shop, compiled, with other files in place of its own."""
    files = FILES | {f"{name}.yaml": text for name, text in changed.items()}
    compiled = compile_project(files)
    assert compiled.project is not None, [str(one) for one in compiled.diagnostics]
    return compiled.project


def message(project: Project) -> Message:
    found: Message = project.messages["cart_reminder"]
    return found


def previewed(
    project: Project | None = None, *readers: Reader, languages: tuple[str, ...] = ("en",)
) -> Preview:
    project = project or shop()
    made = message(project)
    shown: Any = readers or sample_readers(project, made, NOW)
    return preview(project, made, shown, languages, BASE, NOW)
