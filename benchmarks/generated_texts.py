"""What generated files are made of: texts with gaps. ``generated`` fills them in."""

from __future__ import annotations

__all__ = [
    "FOLLOWER",
    "FRAGMENT",
    "JOURNEY",
    "LONG",
    "LONG_MESSAGES",
    "MESSAGES",
    "MODULES",
    "PLAN",
    "POLICY",
    "STARTS",
    "TESTS",
]

PLAN = """\
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
  season_over:
    has: {season: code}
  unsubscribed:
    did: unsubscribe
"""

POLICY = """\
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
  - 9 per month
when capped: next channel
when quiet: wait up to 12 hours
when unreachable: next channel
global holdout: {share: 2%, reshuffle: every 3 months}
webhooks:
  scores: {address: "https://scores.shop.example", returns: {score: whole number}}
"""

FRAGMENT = """\
fragment: ask_for_phone
inputs: {patience: "duration, required"}
steps:
  - if: phone is missing
    then:
      - id: pause
        wait: patience
"""

MODULES = """\
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

JOURNEY = """\
journey: journey_{n}
title: Generated journey {n}
category: promotional
priority: {priority}
status: live

trigger:
  event: cart_updated
  where: value >= {amount} EUR
  accept older: 2 days
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
                after: {hours} hours
              - id: plain_offer
                send: offer_{n}
                to first of: [sms if trigger.value >= {amount} EUR, email]
                with: {{discount: 5}}
"""

STARTS = (
    "  date: birthday\n  every: year\n  at: 09:00",
    "  - enters segment: segment_{segment}\n  - schedule: every Friday at 08:00\n    for: segment_{segment}",
    "  leaves segment: segment_{segment}",
    "  - api: yes\n    inputs: {{voucher: code}}\n  - other journeys",
)

LONG = """\
journey: journey_{n}
title: Generated journey {n}
category: promotional
priority: {priority}
status: live
people inside: {inside}

trigger:
{start}
re-enter: after {days} days since leaving

eligible if: email is reachable
exclude if: in segment segment_{segment}
goal: sum of purchase.total since entry >= {amount} EUR
goal within: 30 days
exit if: did unsubscribe since entry
rollout: 80%
holdout: 5%
frequency caps: 2 per 7 days
when capped: next channel
when quiet: wait up to 10 hours
when unreachable: next channel
let:
  least: {amount} EUR

steps:
  - id: good_moment
    wait until: best time on email within {days} days

  - id: score
    webhook: scores
    with: {{points: = points or else 0}}
    at most: 30 seconds
    if it fails: continue

  - let:
      basket: = (sum of purchase.total in the last {days} days) + least

  - id: subject_test
    split:
      short:
        - id: short
          send: reminder_{n}
          to first of: [push, email]
          when unreachable: skip
          when quiet: next channel
          escalate after: {hours} hours
          unless: opened
      long:
        - id: long
          send: reminder_{n}
          to all of: [push, email]
          category: promotional
    optimise for: did purchase within 7 days after subject_test.time
    keep exploring: 20%

  - id: rounds
    repeat: up to 3 times
    while: consent is "double"
    until: did purchase since entry
    do:
      - id: rest
        wait for:
          - event: cart_updated
            where: value >= {amount} EUR
            restart wait: yes
          - event: purchase
            do:
              - set profile: {{tier: silver, points: = (points or else 0) + {hours}}}
        looking back: {hours} hours
        at most: {days} days
      - id: again
        send: offer_{n}
        to: email if rounds.round < 3
        with: {{discount: = rounds.round * 5}}
        when capped: skip

  - id: renewal
    wait until: renewal_date - {days} days at 10:00
    if past: skip next step

  - emit: season_over
    with: {{season: "{n}"}}

  - use: ask_for_phone
    with: {{patience: {hours} days}}

  - id: rich
    wait until: points > {amount} and basket > 10 EUR
    at most: {days} days
    then:
      - id: draw
        split:
          a 30%: [{{stop: drawn a}}]
          b 70%: [{{stop: drawn b}}]
        reshuffle: 2
        reassign: every time
    otherwise:
      - if: score.score is known
        then:
          - go to journey: journey_{follower}
        else:
          - start journey: journey_{follower}

on goal:
  - set profile: {{tier: gold}}
on exit:
  - set profile: {{tier: basic}}
"""

LONG_MESSAGES = """\
messages:
  reminder_{n}:
    push:
      title: {{en: News {n}, de: Neues {n}}}
      body: {{en: "{{{{ first_name | default('Hello') }}}}, look", de: "Schau mal"}}
    email:
      subject: {{en: News for you, de: Neues für dich}}
      blocks:
        - use: header
        - text:
            en: "Hello {{{{ first_name | default('you') }}}}."
            de: "Hallo {{{{ first_name | default('du') }}}}."
        - use: footer
  offer_{n}:
    inputs: {{discount: "whole number, required"}}
    email:
      subject: {{en: "{{{{ discount }}}} % for you", de: "{{{{ discount }}}} % für dich"}}
      blocks:
        - if: tier is "gold"
          show: [{{text: {{en: For our best, de: Für die Besten}}}}]
        - use: footer
"""

FOLLOWER = """\
journey: journey_{n}
title: Generated journey {n}
category: service
status: live
trigger: other journeys
re-enter: any time
steps:
  - id: a_day
    wait: 1 day
  - id: thanks
    send: reminder_{n}
    to: email
"""

MESSAGES = """\
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

TESTS = """\
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
