"""The key table of the policy: company rules that hold for every journey."""

from __future__ import annotations

from dsl.files.shape import AnyNode, Commas, Named, Texts, Words, Written, key

__all__ = [
    "ApprovedPart",
    "ArbitrationPart",
    "CategoryPart",
    "ChannelPart",
    "HoldoutPart",
    "KeepPart",
    "LatePart",
    "LinksPart",
    "PolicyFile",
    "QuietPart",
    "RepliesPart",
    "UtmPart",
    "WebhookPart",
]


class QuietPart(Written):
    """Hours without messages."""

    on: Commas = key("The channels; without it all", default=())
    days: Commas = key("Days of the week; without it every day", default=())
    from_: Words | None = key("From when to when: 21:00 to 08:00", needed=True)


class ArbitrationPart(Written):
    """Who goes first when several journeys want to send at about the same time."""

    about: Words | None = key("The category", needed=True)
    collect_for: Words | None = key("How long sends are collected", needed=True)


class HoldoutPart(Written):
    """People who get nothing from any journey, to measure the effect of all."""

    share: Words | None = key("How many: 5%", needed=True)
    reshuffle: Words | None = key("When they are drawn again: every 3 months")


class LatePart(Written):
    """What to do with events that arrive late."""

    accept_for_waits: Words | None = key("How late an event can still end a wait")
    ignore_for_starts: Words | None = key("How old an event no longer starts a journey")


class KeepPart(Written):
    """How long what nobody needs any more is kept; for ever, if nothing is said."""

    events: Words | None = key("What people did, at least 30 days")
    story: Words | None = key("What was sent and why, and journeys that are over; 30 days or more")
    texts: Words | None = key("What the messages said")
    audit: Words | None = key("Who read or changed what of whom, at least 30 days")


class ApprovedPart(Written):
    """One wording that the provider has approved."""

    category: Words | None = key(
        "What it was approved as", needed=True, words=("marketing", "utility", "authentication")
    )
    body: Named | None = key("The wording by the provider's code of its language", needed=True)
    header: Words | None = key("What stands above it: image, or a text with {{1}}")
    button: Words | None = key("Where its button leads: a link that ends in {{1}}")


class UtmPart(Written):
    """What is added to links under which name: a text of your own, or channel, category, journey,
    message, link; nothing leaves it out.
    """

    source: Words | None = key("utm_source; the channel without it")
    medium: Words | None = key("utm_medium; the category without it")
    campaign: Words | None = key("utm_campaign; the journey without it")
    content: Words | None = key("utm_content; which link it is without it")


class LinksPart(Written):
    """What is done with the links of messages; nothing, if nothing is said."""

    utm: AnyNode | None = key("What an analytics tool is told: yes, no, or names of your own")
    measure: Commas = key(
        "What is measured in categories that need consent: clicks, opens, or nothing", default=()
    )


class ChannelPart(Written):
    """One channel."""

    reachable_when: Words | None = key("Who can be reached there")
    free_text_window: Words | None = key("How long after an answer free text is allowed")
    approved_templates: Named | None = key("Wordings that the provider has approved, by name")


class CategoryPart(Written):
    """One kind of message."""

    title: AnyNode | None = key("What people who get them call it: a text, or one per language")
    consent: Words | None = key("required, not needed, or a rule")
    because: Words | None = key("Why it needs no consent: what people asked for, or have to know")
    existing_customers: Words | None = key(
        "Whether it may go by e-mail and SMS to those who bought and did not object",
        words=("yes", "no"),
    )
    ignores: Commas = key("Which limits it ignores", default=())
    measure: Commas = key("What is measured of its messages: clicks, opens, or nothing", default=())
    when_unknown: Words | None = key(
        "If nobody knows whether it was handed over", words=("hold", "retry once")
    )


class WebhookPart(Written):
    """One named web service."""

    address: Words | None = key("Where it is: https://...", needed=True)
    secret: Words | None = key("The name of its secret, never the secret itself")
    gives_up_after: Words | None = key("How long an answer may take; 10 seconds without it")
    returns: Named | None = key("What it answers: names and types")
    good_for: Words | None = key("How long its answer to a fetch serves for the same question")


class RepliesPart(Written):
    """What is answered to people who write STOP, START or HELP by SMS or WhatsApp."""

    contact: Words | None = key("Where people find help: an address, a number or a page")
    stop_ends: Words | None = key(
        "What STOP ends; the channel it came by, without it", words=("this channel", "all channels")
    )
    to_stop: AnyNode | None = key("The one text that confirms STOP: words, by language if needed")
    to_start: AnyNode | None = key("What is answered to START after a STOP")
    to_help: AnyNode | None = key("What is answered to HELP: who writes, contact, how to stop")


class PolicyFile(Written):
    """Company rules."""

    policy: Words | None = key("The company", needed=True)
    time_zone: Words | None = key("For people whose time zone is not known", needed=True)
    languages: Commas = key("The first one is used when nothing else fits", needed=True, default=())
    currency: Words | None = key("Three letters", needed=True)
    holidays: Commas = key("Dates that are no working days", default=())
    channels: Named | None = key("The channels in use", needed=True)
    categories: Named | None = key("Kinds of messages", needed=True)
    quiet_hours: tuple[QuietPart, ...] = key("Hours without messages", default=())
    spread_after_quiet: Words | None = key(
        "Over how long what waited for the end of quiet hours is spread; all at once without it"
    )
    laws: Commas = key("The laws that are kept: all, none, or countries: us, in, fr", default=())
    state_of_residence: Words | None = key("The attribute that says in which state somebody lives")
    sensitive_allowed: Commas = key(
        "Sensitive attributes that promotional journeys may use", default=()
    )
    consent_texts: Named | None = key("What people agree to: each version under an id of its own")
    postal_address: Words | None = key("Where you are, in one line: e-mails call it our_address")
    frequency_caps: Texts = key("How many messages a person gets", default=())
    when_capped: Words | None = key("What happens if enough has been sent already")
    when_quiet: Words | None = key("What happens in quiet hours")
    when_unreachable: Words | None = key("What happens if nobody can be reached there")
    arbitration: ArbitrationPart | None = key("Who goes first")
    global_holdout: HoldoutPart | None = key("Who gets nothing at all")
    late_events: LatePart | None = key("Events that arrive late")
    webhooks: Named | None = key("Named web services")
    replies: RepliesPart | None = key("What is answered to STOP, START and HELP")
    links: LinksPart | None = key("What is done with the links of messages")
    keep: KeepPart | None = key("How long what nobody needs any more is kept")
