"""What every promotional e-mail says to everybody, proven before any is sent: how to unsubscribe, and
where the company is; and what an approved wording was approved for.
"""

from __future__ import annotations

import pytest

from dsl.compiler import compile_project
from dsl.diagnostics import Diagnostic

PLAN = """\
tracking plan: shop
profile: {email: text, language: one of en / de / fr, tier: text, tags: list of text}
events: {signed_up: {}}
"""
POLICY = """\
policy: shop
time zone: Europe/Berlin
languages: en, de
currency: EUR
channels:
  email: {reachable when: email is known}
  push: {}
  whatsapp: {free text window: 24 hours}
categories:
  promotional: {consent: required}
  by_rule: {consent: tier is "gold"}
  service: {consent: not needed, because: They have ordered something}
webhooks:
  desk: {address: https://desk.shop.example, returns: {text: text}}
"""
ADDRESS = "postal address: Shop, 1 Market Street, London\n"
JOURNEY = """\
journey: hello
category: {category}
status: live
trigger: {{event: signed_up}}
steps:
  - id: hi
    send: hi
    to: {channel}
"""
LINK, WHERE = "{{ unsubscribe_link }}", "{{ our_address }}"


def told(
    blocks: str,
    modules: str = "",
    category: str = "promotional",
    channel: str = "email",
    policy: str = POLICY + ADDRESS,
) -> list[Diagnostic]:
    """The findings about what has to be said; mistakes in the test itself are none of them."""
    files = {
        "tracking_plan.yaml": PLAN,
        "policy.yaml": policy,
        "journey.yaml": JOURNEY.format(category=category, channel=channel),
        "messages.yaml": "messages:\n  hi:\n    push: {title: Hi, body: Hi}\n    email:\n"
        "      subject: {en: Hi, de: Hallo}\n      blocks:\n" + blocks,
    }
    if modules:
        files["modules.yaml"] = "modules:\n" + modules
    found = compile_project(files).diagnostics
    ours = [one for one in found if one.code in {"E123", "E124", "W126"}]
    assert [one for one in found if one not in ours and one.stops] == []
    return ours


def codes(blocks: str, modules: str = "", **more: str) -> list[str]:
    return [one.code for one in told(blocks, modules, **more)]


def text(words: str) -> str:
    return f"        - text: '{words}'\n"


USE = "        - use: footer\n"


def footer(*blocks: str, keys: str = "") -> str:
    lines = "".join(f"      - {block}\n" for block in blocks)
    return f"  footer:\n{keys}    blocks:\n{lines}"


BOTH = f"text: '{WHERE} {LINK}'"

PROVEN = {
    "in the e-mail itself": (text(f"Bye {LINK} {WHERE}"), ""),
    "in two places": (text(f"Bye {LINK}") + text(WHERE), ""),
    "in a module": (USE, footer(BOTH)),
    "in a module of a module": (
        "        - use: end\n",
        "  end: {blocks: [{use: footer}]}\n" + footer(BOTH),
    ),
    "behind a button": (text(WHERE) + f"        - button: Stop\n          link: '{LINK}'\n", ""),
    "in hand-written HTML": (f"        - html: '<a href=\"{LINK}\">Stop</a> {WHERE}'\n", ""),
    "in columns": (
        f"        - columns:\n            - - text: '{LINK}'\n            - - text: '{WHERE}'\n",
        "",
    ),
    "in each language": (
        f"        - text: {{en: 'Stop {LINK} {WHERE}', de: 'Ende {LINK} {WHERE}'}}\n",
        "",
    ),
    "in the language everything falls back to": (
        f"        - text: {{en: 'Stop {LINK} {WHERE}'}}\n",
        "",
    ),
    "on both sides of a condition": (
        text("{% if tier %}Dear " + LINK + "{% else %}Hi " + LINK + "{% endif %} " + WHERE),
        "",
    ),
    "with blanks trimmed": (
        text('{{ unsubscribe_link | trim }} {{ our_address | default("") }}'),
        "",
    ),
    "in a module that stops the message if it fails": (USE, footer(BOTH, "text: '{{ tier }}'")),
    "in a module and in what stands in for it": (
        USE,
        footer(BOTH, keys="    show if: tier is known\n    otherwise: {use: end}\n")
        + f"  end: {{blocks: [{{{BOTH}}}]}}\n",
    ),
    "in a module and in the other one": (
        "        - use: footer\n          if missing: {use: end}\n",
        footer(BOTH, "text: '{{ tier }}'") + f"  end: {{blocks: [{{{BOTH}}}]}}\n",
    ),
    "in a module that asks a service": (USE, footer(BOTH, keys="    fetch: desk\n")),
}
UNPROVEN = {
    "nowhere": (text("Bye"), ""),
    "in one language only": (f"        - text: {{en: 'Stop {LINK} {WHERE}', de: 'Ende'}}\n", ""),
    "behind a condition": (
        f"        - if: tier is known\n          show:\n            - text: '{LINK} {WHERE}'\n",
        "",
    ),
    "in a condition of the text": (text("{% if tier %}" + LINK + WHERE + "{% endif %}"), ""),
    "on one side of a condition": (
        text(
            "{% if tier %}"
            + LINK
            + WHERE
            + "{% elif tags %}Hi{% else %}"
            + LINK
            + WHERE
            + "{% endif %}"
        ),
        "",
    ),
    "in a list": (
        f"        - for each: tag in tags\n          show:\n            - text: '{LINK} {WHERE}'\n",
        "",
    ),
    "in a loop of the text": (text("{% for tag in tags %}" + LINK + WHERE + "{% endfor %}"), ""),
    "in a comment of the text": (text("Bye {# " + LINK + WHERE + " #}"), ""),
    "in a comment of the HTML": (f"        - html: '<b>Bye</b><!-- {LINK} {WHERE} -->'\n", ""),
    "in a comment that never ends": (f"        - html: '<b>Bye</b><!-- {LINK} {WHERE}'\n", ""),
    "counted, not said": (text("{{ unsubscribe_link | length }} {{ our_address | length }}"), ""),
    "in a module that may be left out": (
        "        - use: footer\n          if missing: leave out\n",
        footer(BOTH),
    ),
    "in a module shown to some": (USE, footer(BOTH, keys="    show if: tier is known\n")),
    "not in what stands in for it": (
        USE,
        footer(BOTH, keys="    otherwise: {use: end}\n") + "  end: {blocks: [{text: Bye}]}\n",
    ),
    "not in the other module": (
        "        - use: footer\n          if missing: {use: end}\n",
        footer(BOTH) + "  end: {blocks: [{text: Bye}]}\n",
    ),
    "in the words for a picture": (
        f"        - image: https://cdn.shop.example/a.png\n          alt: '{LINK} {WHERE}'\n",
        "",
    ),
}


@pytest.mark.parametrize("where", PROVEN)
def test_what_is_said_to_everybody_is_proven(where: str) -> None:
    """Whatever holds and whatever is missing, it is there, or nothing is sent."""
    assert codes(*PROVEN[where]) == []


@pytest.mark.parametrize("where", UNPROVEN)
def test_what_somebody_could_miss_is_a_mistake(where: str) -> None:
    """Both, at the e-mail, each with its own fix."""
    assert codes(*UNPROVEN[where]) == ["E123", "E124"]


def test_a_finding_says_what_lacks_where_and_what_to_write() -> None:
    """In words, at the place of the e-mail."""
    link, where = told(*UNPROVEN["in one language only"])

    assert (link.span.path, link.span.line) == ("messages.yaml", 4)
    assert link.message == (
        "A promotional e-mail must have a link to unsubscribe, and this one has none in German."
    )
    assert "{{ our_address }}" in (where.hint or "")

    hidden, _ = told(*UNPROVEN["behind a condition"])
    assert hidden.message.endswith("this one has none in every case.")
    assert "not for everybody" in (hidden.hint or "")


def test_only_what_goes_by_email_in_a_category_that_needs_consent_is_looked_at() -> None:
    """A rule is consent, too. What is sent by push has no footer."""
    nowhere = UNPROVEN["nowhere"]

    assert codes(*nowhere, category="by_rule") == ["E123", "E124"]
    assert codes(*nowhere, category="service") == []
    assert codes(*nowhere, channel="push") == []


def test_without_an_address_of_the_company_only_the_link_is_proven() -> None:
    """And once, at the policy, that the address cannot be."""
    found = told(text(LINK), policy=POLICY)

    assert [(one.code, one.span.path, one.span.line) for one in found] == [
        ("W126", "policy.yaml", 1)
    ]
    assert codes(text("Bye"), policy=POLICY) == ["E123", "W126"]


def test_a_module_that_nobody_knows_is_told_once() -> None:
    """Its own finding is enough: the footer may be in it."""
    files = {
        "tracking_plan.yaml": PLAN,
        "policy.yaml": POLICY + ADDRESS,
        "journey.yaml": JOURNEY.format(category="promotional", channel="email"),
        "messages.yaml": "messages:\n  hi: {email: {subject: Hi, blocks: [{use: foter}]}}\n",
    }

    assert [one.code for one in compile_project(files).diagnostics] == ["N17"]
