"""The cart reminder of the specification, its modules, and somebody who has left a cart."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from channels.content import Built, Missing
from channels.content.library import Library
from dsl.expr.context import Context, Happened
from tests.dsl.messages.shop import Made, shop

CART_REMINDER = """\
message: cart_reminder
title: Cart reminder
uses: journey cart_abandonment        # makes trigger.value, trigger.items ... known here and checks them

push:
  title:
    en: Still thinking it over?
    de: Noch am Überlegen?
  body:
    en: "{{ first_name | default('Hi') }}, your {{ (trigger.items | first).name }} is waiting."
    de: "{{ first_name | default('Hallo') }}, {{ (trigger.items | first).name }} wartet auf dich."
  link: shop://cart/{{ trigger.cart_id }}

email:
  subject:
    en: "{{ first_name | default('Hello') }}, you left something behind"
    de: "{{ first_name | default('Hallo') }}, da liegt noch etwas im Warenkorb"
  preview:
    en: We saved your cart for you.
    de: Wir haben deinen Warenkorb gespeichert.
  blocks:
    - use: header
    - text:
        en: |
          Good news: your cart is still here.
        de: |
          Gute Nachricht: Dein Warenkorb ist noch da.
    - use: cart_items
      with: {items: = trigger.items}
    - use: recommendations
      with: {product_id: = first trigger.items.product_id}
      if missing: leave out           # leave out | use: other_module | do not send
    - button: {en: Back to my cart, de: Zum Warenkorb}
      link: https://shop.example/cart/{{ trigger.cart_id }}
    - use: footer
"""

MODULES = """\
modules:
  header:
    blocks:
      - image: https://cdn.shop.example/logo.png
        alt: Shop
  footer:
    required in: email
    blocks:
      - text: {en: "Unsubscribe: {{ unsubscribe_link }}", de: "Abmelden: {{ unsubscribe_link }}"}
  cart_items:
    inputs:
      items: list of record, required
    show if: count of items >= 1
    blocks:
      - for each: item in items
        at most: 3
        show:
          - image: "{{ item.image_url | default('https://cdn.shop.example/blank.png') }}"
            alt: "{{ item.name }}"
          - text: "{{ item.quantity }} of {{ item.name }}, {{ item.price }}"
      - if: count of items > 3
        show:
          - text: {en: "and {{ items | length - 3 }} more", de: "und {{ items | length - 3 }} weitere"}
  recommendations:
    inputs:
      product_id: text
    requires: product_id
    show if: tier is "gold"
    otherwise: {use: bestsellers}
    blocks:
      - text: {en: "You may also like {{ product_id }}", de: "Dazu passt {{ product_id }}"}
  bestsellers:
    blocks:
      - text: {en: Our bestsellers, de: Unsere Bestseller}
"""


def cart_reminder(change: str = "", to: str = "", languages: str = "en, de") -> Made:
    assert not change or change in CART_REMINDER
    words = CART_REMINDER.replace(change, to, 1) if change else CART_REMINDER
    return shop(words, MODULES, languages=languages, path="messages/cart_reminder.yaml")


def person(tier: str = "gold", language: str = "en", count: int = 4) -> Context:
    items = [
        {"product_id": f"p{number}", "name": f"Tea {number}", "price": 1990, "quantity": number}
        for number in range(1, count + 1)
    ]
    return Context(
        now=0,
        zone=ZoneInfo("Europe/Berlin"),
        attributes={"tier": tier, "country": "DE"},
        trigger=Happened("cart_updated", 0, 0, 1, {"cart_id": "c1", "value": 9900, "items": items}),
        language=language,
    )


def build(
    made: Made, name: str, channel: str, context: Context, **values: object
) -> Built | Missing:
    assert made.diagnostics == [] or not any(each.stops for each in made.diagnostics), made.said
    library = Library(made.messages, made.policy.languages, lambda d: f"https://shop.example/u/{d}")
    return library.build(name, channel, context, values, "d1")
