"""A project of any size, generated: journeys as real teams have them, each with its messages.

Every journey differs from the next in names, times and rules, and every fifth has scenarios. The
same size gives the same project.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["project", "write"]

_PLAN = """\
tracking plan: generated
profile:
  first_name:      text, personal
  email:           text, personal
  phone:           text, personal
  country:         code
  language:        code
  birthday:        date, personal
  points:          whole number
  tier:            one of basic / silver / gold
  lifetime_value:  money EUR
  consent:         one of none / single / double
  renewal_date:    date
events:
  cart_updated:
    from: Cart Updated
    did: update_cart
    has:
      cart_id: code, required
      value: money EUR, required
      items: [{product_id: code, name: text, price: money EUR, quantity: whole number}]
  purchase:
    from: Order Completed
    also: purchases
    has: {order_id: code, cart_id: code, total: "money EUR, required", category: text}
  product_viewed:
    did: view_product
    has: {product_id: code, category: text}
  unsubscribed:
    did: unsubscribe
"""

_POLICY = """\
policy: generated
time zone: Europe/Berlin
languages: en, de
currency: EUR
channels:
  email: {reachable when: email is known}
  push: {reachable when: yes}
  sms: {reachable when: phone is known}
categories:
  promotional: {consent: consent is "double"}
  service: {consent: not needed, ignores: "frequency caps, quiet hours"}
quiet hours:
  - {on: "push, sms", from: 21:00 to 08:00}
frequency caps:
  - 1 per day on push
  - 4 per 7 days about promotional
when capped: next channel
when quiet: wait up to 12 hours
"""

_MODULES = """\
modules:
  header:
    blocks: [{image: "https://shop.example/logo.png", alt: Shop}]
  footer:
    required in: email
    blocks:
      - text: {en: "Unsubscribe: {{ unsubscribe_link }}", de: "Abmelden: {{ unsubscribe_link }}"}
  products:
    inputs: {items: "list of text, required"}
    blocks:
      - for each: item in items
        at most: 3
        show: [{text: {en: "{{ item }}", de: "{{ item }}"}}]
"""

_JOURNEY = """\
journey: journey_{n}
title: Generated journey {n}
category: promotional
priority: {priority}
status: live

trigger:
  event: cart_updated
  where: value >= {amount} EUR
one per: trigger.cart_id
if already inside: restart
re-enter: after {days} days

eligible if: email is reachable or push is reachable
exclude if:
  - in segment segment_{segment}
  - in journey journey_{other}
goal: did purchase where cart_id is trigger.cart_id since entry
goal within: 7 days
exit if: did unsubscribe since entry
holdout: 10%

steps:
  - id: think
    wait: {hours} hours

  - id: nudge
    send: reminder_{n}
    to first of:
      - push if not messaged on push in the last 24 hours
      - email
    expires after: 20 hours

  - id: answer
    wait for: product_viewed
    where: category is "lamps {n}"
    at most: {days} days
    then:
      - if: count of purchase in the last {days} days >= 2 and points > {amount}
        then:
          - id: calm
            wait: 1 day
    otherwise:
      - choose:
          - when: tier is "gold" and lifetime_value > {amount} EUR
            do:
              - id: gold_offer
                send: offer_{n}
                to: email
                with: {{discount: = if in segment segment_{segment} then 15 else 10}}
          - otherwise:
              - id: pause
                wait until: a weekday at 10:00
              - id: plain_offer
                send: offer_{n}
                to first of: [sms if trigger.value >= {amount} EUR, email]
                with: {{discount: 5}}
"""

_MESSAGES = """\
messages:
  reminder_{n}:
    uses: journey journey_{n}
    push:
      title: {{en: Your cart {n}, de: Dein Warenkorb {n}}}
      body:
        en: "{{{{ first_name | default(\\"Hello\\") }}}}, it is still there"
        de: "{{{{ first_name | default(\\"Hallo\\") }}}}, er ist noch da"
    email:
      subject: {{en: Your cart is waiting, de: Dein Warenkorb wartet}}
      blocks:
        - use: header
        - text:
            en: "Hello {{{{ first_name | default(\\"you\\") }}}}, {{{{ trigger.value }}}} in your cart."
            de: "Hallo {{{{ first_name | default(\\"du\\") }}}}, {{{{ trigger.value }}}} im Warenkorb."
        - button: {{en: To the cart, de: Zum Warenkorb}}
          link: https://shop.example/cart/{n}
        - use: footer
  offer_{n}:
    inputs: {{discount: "whole number, required"}}
    email:
      subject: {{en: "{{{{ discount }}}} % for you", de: "{{{{ discount }}}} % auf alles"}}
      blocks:
        - text: {{en: "Only today: {{{{ discount }}}} %", de: "Nur heute: {{{{ discount }}}} %"}}
        - use: footer
    sms:
      text: {{en: "{{{{ discount }}}} % today", de: "{{{{ discount }}}} % heute"}}
"""

_TESTS = """\
tests of: journey_{n}
given:
  clock: 2026-03-02 10:00 Europe/Berlin
  profile: {{first_name: Ada, email: ada@example.com, consent: double, points: 5, language: en}}
  channels: email, push
scenarios:
  - scenario: the cart is bought in time
    script:
      - event: cart_updated
        with: {{cart_id: c1, value: 900 EUR}}
      - pass: {hours} hours
      - expect sent: reminder_{n}
        on: push
      - event: purchase
        with: {{order_id: o1, cart_id: c1, total: 900 EUR}}
      - expect left: goal
"""


def project(journeys: int) -> dict[str, str]:
    """The files of a project with so many journeys, by path."""
    segments = max(1, journeys // 10)
    files = {
        "tracking_plan.yaml": _PLAN,
        "policy.yaml": _POLICY,
        "modules.yaml": _MODULES,
        "segments.yaml": "segments:\n"
        + "".join(
            f"  segment_{n}:\n    who: sum of purchase.total in the last {n + 30} days >= {n} EUR\n"
            for n in range(segments)
        ),
    }
    for n in range(journeys):
        values = {
            "n": n,
            "priority": n % 101,
            "amount": 10 + n % 90,
            "days": 2 + n % 28,
            "hours": 1 + n % 9,
            "segment": n % segments,
            "other": (n * 7 + 1) % journeys,
        }
        files[f"journeys/{n}/journey.yaml"] = _JOURNEY.format(**values)
        files[f"journeys/{n}/messages.yaml"] = _MESSAGES.format(**values)
        if n % 5 == 0:
            files[f"tests/{n}.yaml"] = _TESTS.format(**values)
    return files


def write(folder: Path, journeys: int) -> None:
    """Writes such a project into a folder."""
    for path, text in project(journeys).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
