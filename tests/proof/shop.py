"""The shop that drawn journeys are about: what is known of people, what can be said to them, and
the company's rules, some of them drawn.
"""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from tests.proof.yaml import written

__all__ = ["ATTRIBUTES", "MESSAGES", "POLICY", "policies", "shop"]

PLAN = """\
tracking plan: drawn
profile:
  first_name: text, personal
  email: text, personal
  phone: text, personal
  country: text
  time_zone: text
  tier: one of bronze / silver / gold
  visits: whole number
  renewal_date: date
events:
  signed_up: {has: {source: text}}
  cart_updated:
    did: update_cart
    has: {cart_id: "code, required", value: "money EUR, required"}
  purchase:
    also: purchases
    did: buy
    has: {cart_id: code, total: "money EUR, required"}
  viewed: {has: {product: text}}
  finished: {has: {outcome: text}}
"""

ATTRIBUTES: Mapping[str, tuple[object, ...]] = {
    "first_name": ("Ada", None),
    "country": ("DE", "US", None),  # two zones that nobody can tell apart, and one
    "time_zone": ("Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", None),
    "tier": ("bronze", "gold", None),
    "visits": (0, 3, 7, None),
    "renewal_date": ("2026-03-20", "2026-03-29", "2026-04-02", None),
}
"""What may be said of people, at rest; None forgets it."""

_FILES = {
    "tracking_plan.yaml": PLAN,
    "segments.yaml": """\
segments:
  rich: {who: sum of purchase.total in the last 3 days >= 50 EUR}
  active: {who: did viewed in the last 2 days}
  asleep: {who: visits < 2 or visits is missing}
""",
    "fragment.yaml": """\
fragment: ask_twice
inputs: {patience: "duration, required"}
steps:
  - {id: breath, wait: patience}
  - {id: ask, send: hello, to first of: [push, email]}
""",
    "modules.yaml": """\
modules:
  footer:
    required in: email
    blocks: [{text: {en: "Unsubscribe: {{ unsubscribe_link }}"}}]
  advice:
    fetch: desk
    with: {name: = first_name}
    blocks: [{text: {en: "Your score is {{ desk.score }}"}}]
""",
    "messages.yaml": """\
messages:
  hello:
    push: {title: {en: Hello}, body: {en: Good to see you}}
    sms: {text: {en: Hello from the shop}}
    email: {subject: {en: Hello}, blocks: [{text: {en: Good to see you}}, {use: footer}]}
  named:
    push: {title: {en: "Hello {{ first_name }}"}, body: {en: Good to see you}}
    email: {subject: {en: "Hello {{ first_name }}"}, blocks: [{use: footer}]}
  offer:
    inputs: {discount: "whole number, required"}
    sms: {text: {en: "{{ discount }} % off"}}
    email: {subject: {en: "{{ discount }} % off"}, blocks: [{use: footer}]}
  advised:
    push: {title: {en: Advice}, body: {en: For you}}
    email: {subject: {en: Advice}, blocks: [{use: advice}, {use: footer}]}
""",
}

MESSAGES: Mapping[str, tuple[str, ...]] = {
    "hello": ("push", "sms", "email"),
    "named": ("push", "email"),
    "offer": ("sms", "email"),
    "advised": ("push", "email"),
}
"""The messages, and the channels on which each has something to say."""

POLICY: Mapping[str, object] = {
    "policy": "drawn",
    "time zone": "Europe/Berlin",
    "languages": "en",
    "currency": "EUR",
    "channels": {
        "email": {"reachable when": "email is known"},
        "push": {"reachable when": "yes"},
        "sms": {"reachable when": "phone is known"},
    },
    "categories": {
        "promotional": {"consent": "required"},
        "service": {"consent": "not needed", "when unknown": "retry once"},
    },
    "webhooks": {
        "desk": {
            "address": "https://desk.example.com",
            "gives up after": "30 seconds",
            "returns": {"score": "whole number"},
        }
    },
}
"""The rules of a company that has as few as possible."""

_quiet = st.sampled_from(
    (
        [],
        [{"on": "push", "from": "21:00 to 08:00"}],
        [
            {"on": "push, sms", "from": "22:00 to 06:00"},
            {"on": "email", "days": "Sunday", "from": "00:00 to 23:59"},
        ],
    )
)
_caps = st.lists(
    st.sampled_from(
        (
            "1 per day on push",
            "2 per 24 hours",
            "3 per 7 days about promotional",
            "1 per week on sms",
            "4 per month",
        )
    ),
    unique=True,
    max_size=3,
)


@st.composite
def policies(draw: st.DrawFn) -> Mapping[str, object]:
    """The company's rules."""
    service: dict[str, object] = {"consent": "not needed", "when unknown": "retry once"}
    if ignored := draw(st.sampled_from(("", "frequency caps, quiet hours, holdout, arbitration"))):
        service["ignores"] = ignored
    policy: dict[str, object] = {
        **POLICY,
        "time zone": draw(st.sampled_from(("Europe/Berlin", "UTC"))),
        "categories": {"promotional": {"consent": "required"}, "service": service},
        "when capped": draw(st.sampled_from(("next channel", "skip", "wait up to 2 days"))),
        "when quiet": draw(st.sampled_from(("wait up to 12 hours", "next channel", "skip"))),
        "when unreachable": draw(st.sampled_from(("next channel", "skip", "wait up to 1 day"))),
        "late events": {
            "accept for waits": draw(st.sampled_from(("15 minutes", "0 minutes"))),
            "ignore for starts": "24 hours",
        },
    }
    if quiet := draw(_quiet):
        policy["quiet hours"] = quiet
    if caps := draw(_caps):
        policy["frequency caps"] = caps
    if draw(st.booleans()):
        policy["arbitration"] = {"about": "promotional", "collect for": "15 minutes"}
    if draw(st.integers(0, 3)) == 3:
        policy["global holdout"] = {"share": "30%", "reshuffle": "every 3 months"}
    return policy


def shop(policy: Mapping[str, object]) -> dict[str, str]:
    """Everything of the project but its journeys."""
    return {**_FILES, "policy.yaml": written(policy)}
